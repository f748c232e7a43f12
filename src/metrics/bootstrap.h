/* Bootstrap intervals of a mean difference and of medians (Efron 1979, 1987). The resamples depend
 * only on the seed and the number of values: all metrics of as many images use the same ones. */
#ifndef METRICS_BOOTSTRAP_H
#define METRICS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

struct bootstrap_options {
    int resamples; /* 10,000 by default */
    uint64_t seed; /* 1 by default */
    double level;  /* 0.95 by default */
};
struct bootstrap_options bootstrap_defaults(void);

enum interval_method {
    INTERVAL_DEGENERATE,  /* all differences are equal: that value */
    INTERVAL_BCA,         /* bias-corrected and accelerated */
    INTERVAL_PERCENTILE,  /* of medians; of means where BCa's correction is infinite */
    INTERVAL_HIERARCHICAL /* percentiles over resampled training seeds and images */
};
const char *interval_method_name(enum interval_method method);

struct interval {
    double low, high;
    enum interval_method method;
};

/* Of the mean of d[n], n >= 1. */
struct interval bootstrap_bca(const double *d, size_t n, const struct bootstrap_options *options);

/* Of mean(b) - mean(a), a[seeds_a][n], b[seeds_b][n] for the same n images: each resample draws
 * training seeds of each design, then images (Davison, Hinkley 1997, section 3.8). With few seeds
 * the spread between seeds comes out too small. */
struct interval bootstrap_hierarchical(const double *a, int seeds_a, const double *b, int seeds_b,
                                       size_t n, const struct bootstrap_options *options);

/* Of the median of v[n], n >= 1: percentiles of the resampled medians. Not BCa, whose acceleration
 * comes from the jackknife: that fails for a median, which is no smooth function of the sample
 * (Efron, Tibshirani 1993, section 11.6). Percentiles also are the same through any monotonic
 * function: those of a ratio are those of its logarithm. Of normal samples of 5 to 51 a 95 %
 * interval held the true median in 86 to 95 of 100 (1,500 simulated samples of each size). */
struct interval bootstrap_median(const double *v, size_t n,
                                 const struct bootstrap_options *options);

/* Likewise of median(a) / median(b) of two independent samples a[n], b[m] of positive numbers, n
 * and m >= 1, each resampled by itself. Of lognormal samples of 5 to 51 values each, 95 to 97 of
 * 100 held the true ratio, and 1 to 2 lay above it; of 3 and 4, 89 and 92, and 5 and 4 above. */
struct interval bootstrap_median_ratio(const double *a, size_t n, const double *b, size_t m,
                                       const struct bootstrap_options *options);

#endif
