/* Bootstrap intervals of medians: against the definition, drawn naively; how often they hold the
 * truth. (Those of means are in stats_test.c, against scipy.) */
#include "metrics/bootstrap.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "metrics/rng.h"
#include "metrics/stats.h"

#define MOST 40

static double normal(struct rng *rng) {
    return stats_normal_quantile(((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53);
}

static double naive_median(struct rng *rng, const double *sorted, size_t n) {
    double drawn[MOST];
    for (size_t i = 0; i < n; i++) drawn[i] = sorted[rng_below(rng, n)];
    return stats_median(drawn, n);
}

/* By the definition, with the same random numbers. */
static struct interval naive(const double *a, size_t n, const double *b, size_t m,
                             const struct bootstrap_options *options) {
    size_t count = (size_t)options->resamples;
    double *ratios = mem_array(count, sizeof *ratios);
    struct rng rng = rng_seed(options->seed);
    for (size_t i = 0; i < count; i++) {
        double median = naive_median(&rng, a, n);
        ratios[i] = median / naive_median(&rng, b, m);
    }
    stats_sort(ratios, count);
    struct interval out = {.low = stats_quantile(ratios, count, (1 - options->level) / 2),
                           .high = stats_quantile(ratios, count, (1 + options->level) / 2)};
    mem_free(ratios);
    return out;
}

static void check_definition(void) {
    struct bootstrap_options options = bootstrap_defaults();
    options.resamples = 500;
    struct rng rng = rng_seed(3);
    for (size_t n = 1; n <= MOST; n++) {
        double a[MOST], b[MOST];
        size_t m = 1 + n * 7 % MOST;
        for (size_t i = 0; i < n; i++) a[i] = n % 3 ? exp(normal(&rng)) : 1.0 + (double)(i % 3);
        for (size_t i = 0; i < m; i++) b[i] = exp(normal(&rng));
        options.seed = n;
        struct interval got = bootstrap_median_ratio(a, n, b, m, &options);
        stats_sort(a, n);
        stats_sort(b, m);
        struct interval want = naive(a, n, b, m, &options);
        CHECK(got.low == want.low && got.high == want.high);
        /* The order of the sample is of no account. */
        struct interval again = bootstrap_median_ratio(a, n, b, m, &options);
        CHECK(again.low == got.low && again.high == got.high);
    }
}

static void check_known(void) {
    struct bootstrap_options options = bootstrap_defaults();
    /* The median of three draws of three is either end with probability 7 / 27. */
    const double three[] = {3, 1, 2}, same[] = {4, 4, 4}, half[] = {2, 2};
    struct interval i = bootstrap_median(three, 3, &options);
    CHECK(i.low == 1 && i.high == 3 && i.method == INTERVAL_PERCENTILE);
    i = bootstrap_median(same, 3, &options);
    CHECK(i.low == 4 && i.high == 4 && i.method == INTERVAL_DEGENERATE);
    i = bootstrap_median_ratio(same, 3, half, 2, &options);
    CHECK(i.low == 2 && i.high == 2 && i.method == INTERVAL_DEGENERATE);
    i = bootstrap_median_ratio(three, 3, half, 2, &options);
    CHECK(i.low == 0.5 && i.high == 1.5);
}

static void check_seed(void) {
    double a[MOST], b[MOST];
    struct rng rng = rng_seed(9);
    for (size_t i = 0; i < MOST; i++) a[i] = exp(normal(&rng)), b[i] = exp(normal(&rng));
    struct bootstrap_options options = bootstrap_defaults();
    options.resamples = 200;
    struct interval one = bootstrap_median_ratio(a, MOST, b, MOST, &options);
    options.seed = 2;
    struct interval two = bootstrap_median_ratio(a, MOST, b, MOST, &options);
    CHECK(one.low != two.low && one.high != two.high);
}

/* 95 % intervals of times that scatter by 10 %, true ratio 1.2: of two runs of as many samples. */
static void check_coverage(void) {
    enum { TRIALS = 500 };
    struct bootstrap_options options = bootstrap_defaults();
    options.resamples = 1000;
    struct rng rng = rng_seed(11);
    for (size_t n = 5; n <= 21; n += 8) {
        int held = 0, above = 0;
        for (int t = 0; t < TRIALS; t++) {
            double a[MOST], b[MOST];
            for (size_t i = 0; i < n; i++) a[i] = 1.2 * exp(0.1 * normal(&rng));
            for (size_t i = 0; i < n; i++) b[i] = exp(0.1 * normal(&rng));
            options.seed = (uint64_t)t;
            struct interval i = bootstrap_median_ratio(a, n, b, n, &options);
            held += i.low <= 1.2 && 1.2 <= i.high;
            above += i.low > 1.2;
        }
        CHECK(held >= 0.94 * TRIALS);
        CHECK(above <= 0.03 * TRIALS);
    }
}

int main(void) {
    check_definition();
    check_known();
    check_seed();
    check_coverage();
    return check_end();
}
