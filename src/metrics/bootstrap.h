/* Bootstrap intervals of a mean difference (Efron 1979, 1987). The resamples depend only on the
 * seed and the number of images: all metrics of as many images use the same ones. */
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
    INTERVAL_PERCENTILE,  /* BCa's correction is infinite here */
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

#endif
