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
    stats_sort(means, count);
    struct interval out = {stats_quantile(means, count, (1 - options->level) / 2),
                           stats_quantile(means, count, (1 + options->level) / 2),
                           INTERVAL_HIERARCHICAL};
    mem_free(means);
    mem_free(mixed);
    return out;
}
