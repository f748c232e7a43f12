#include "metrics/bootstrap.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/rng.h"
#include "metrics/stats.h"

struct bootstrap_options bootstrap_defaults(void) {
    return (struct bootstrap_options){10000, 1, 0.95};
}

const char *interval_method_name(enum interval_method method) {
    switch (method) {
    case INTERVAL_DEGENERATE:
        return "degenerate";
    case INTERVAL_BCA:
        return "bca";
    case INTERVAL_PERCENTILE:
        return "percentile";
    case INTERVAL_HIERARCHICAL:
        return "hierarchical";
    }
    return "";
}

static bool all_equal(const double *d, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (d[i] != d[0]) return false;
    return true;
}

static double largest_size(const double *d, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(d[i]));
    return largest;
}

static double mean_of_draws(struct rng *rng, const double *d, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += d[rng_below(rng, n)];
    return sum / (double)n;
}

/* Sorts `v`. */
static struct interval percentiles(double *v, size_t n, double level, enum interval_method method) {
    stats_sort(v, n);
    return (struct interval){stats_quantile(v, n, (1 - level) / 2),
                             stats_quantile(v, n, (1 + level) / 2), method};
}

/* Phi^-1 of the share of resampled means below the mean, those equal to it (up to rounding, which
 * depends on the order of the sum) counted half. */
static double bias(const double *means, size_t count, double mean, double rounding) {
    double below = 0;
    for (size_t i = 0; i < count; i++) {
        if (fabs(means[i] - mean) <= rounding)
            below += 0.5;
        else
            below += means[i] < mean;
    }
    return stats_normal_quantile(below / (double)count);
}

/* From the jackknife: leaving out d_i moves the mean by (d_i - mean) / (n - 1). */
static double acceleration(const double *d, size_t n, double mean) {
    double squares = 0, cubes = 0;
    for (size_t i = 0; i < n; i++) {
        double e = d[i] - mean;
        squares += e * e;
        cubes += e * e * e;
    }
    return cubes / (6 * squares * sqrt(squares));
}

struct interval bootstrap_bca(const double *d, size_t n, const struct bootstrap_options *options) {
    if (all_equal(d, n)) return (struct interval){d[0], d[0], INTERVAL_DEGENERATE};
    size_t count = (size_t)options->resamples;
    double *means = mem_array(count, sizeof *means);
    struct rng rng = rng_seed(options->seed);
    for (size_t i = 0; i < count; i++) means[i] = mean_of_draws(&rng, d, n);
    double mean = stats_mean(d, n), a = acceleration(d, n, mean);
    double z0 = bias(means, count, mean, 1e-12 * largest_size(d, n));
    stats_sort(means, count);
    double q[2] = {(1 - options->level) / 2, (1 + options->level) / 2}, limit[2];
    struct interval out = {.method = INTERVAL_BCA};
    double share[2];
    for (int i = 0; i < 2; i++) {
        double z = z0 + stats_normal_quantile(q[i]), scale = 1 - a * z;
        if (!isfinite(z0) || !isfinite(a) || scale <= 0) out.method = INTERVAL_PERCENTILE;
        share[i] = stats_normal(z0 + z / scale);
    }
    for (int i = 0; i < 2; i++)
        limit[i] = stats_quantile(means, count, out.method == INTERVAL_BCA ? share[i] : q[i]);
    mem_free(means);
    out.low = limit[0];
    out.high = limit[1];
    return out;
}

/* The mean over `seeds` draws of rows of v[seeds][n], times `sign`, added to mixed[n]. */
static void add_drawn_seeds(struct rng *rng, const double *v, int seeds, size_t n, double sign,
                            double *mixed) {
    for (int s = 0; s < seeds; s++) {
        const double *row = v + rng_below(rng, (uint64_t)seeds) * n;
        for (size_t i = 0; i < n; i++) mixed[i] += sign * row[i] / seeds;
    }
}

struct interval bootstrap_hierarchical(const double *a, int seeds_a, const double *b, int seeds_b,
                                       size_t n, const struct bootstrap_options *options) {
    size_t count = (size_t)options->resamples;
    double *means = mem_array(count, sizeof *means), *mixed = mem_array(n, sizeof *mixed);
    struct rng rng = rng_seed(options->seed);
    for (size_t i = 0; i < count; i++) {
        memset(mixed, 0, n * sizeof *mixed);
        add_drawn_seeds(&rng, b, seeds_b, n, 1, mixed);
        add_drawn_seeds(&rng, a, seeds_a, n, -1, mixed);
        means[i] = mean_of_draws(&rng, mixed, n);
    }
    struct interval out = percentiles(means, count, options->level, INTERVAL_HIERARCHICAL);
    mem_free(means);
    mem_free(mixed);
    return out;
}

/* A sample of which resamples are drawn. */
struct drawn {
    double *sorted;
    size_t *times, n; /* how often each was drawn */
};

static struct drawn drawn_of(const double *v, size_t n) {
    struct drawn drawn = {mem_array(n, sizeof *drawn.sorted), mem_array(n, sizeof *drawn.times), n};
    memcpy(drawn.sorted, v, n * sizeof *v);
    stats_sort(drawn.sorted, n);
    return drawn;
}

static void drawn_free(struct drawn *drawn) {
    mem_free(drawn->sorted);
    mem_free(drawn->times);
}

/* Of one resample. Draws are counted, not sorted. */
static double median_of_draws(struct rng *rng, struct drawn *drawn) {
    size_t n = drawn->n, i = 0, passed = 0;
    memset(drawn->times, 0, n * sizeof *drawn->times);
    for (size_t k = 0; k < n; k++) drawn->times[rng_below(rng, n)]++;
    while ((passed += drawn->times[i]) < (n + 1) / 2) i++;
    double middle = drawn->sorted[i];
    if (n % 2 || passed > n / 2) return middle;
    do i++;
    while (drawn->times[i] == 0);
    return (middle + drawn->sorted[i]) / 2;
}

struct interval bootstrap_median(const double *v, size_t n,
                                 const struct bootstrap_options *options) {
    const double one = 1;
    return bootstrap_median_ratio(v, n, &one, 1, options);
}

struct interval bootstrap_median_ratio(const double *a, size_t n, const double *b, size_t m,
                                       const struct bootstrap_options *options) {
    if (all_equal(a, n) && all_equal(b, m))
        return (struct interval){a[0] / b[0], a[0] / b[0], INTERVAL_DEGENERATE};
    size_t count = (size_t)options->resamples;
    double *ratios = mem_array(count, sizeof *ratios);
    struct drawn over = drawn_of(a, n), under = drawn_of(b, m);
    struct rng rng = rng_seed(options->seed);
    for (size_t i = 0; i < count; i++) {
        double median = median_of_draws(&rng, &over);
        ratios[i] = median / median_of_draws(&rng, &under);
    }
    struct interval out = percentiles(ratios, count, options->level, INTERVAL_PERCENTILE);
    drawn_free(&over);
    drawn_free(&under);
    mem_free(ratios);
    return out;
}
