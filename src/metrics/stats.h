/* Summaries of a sample of finite numbers, n >= 1. */
#ifndef METRICS_STATS_H
#define METRICS_STATS_H

#include <stddef.h>

double stats_mean(const double *v, size_t n);
double stats_sd(const double *v, size_t n); /* sample: n - 1; NaN for n = 1 */
double stats_median(const double *v, size_t n);

/* Median of the n (n + 1) / 2 Walsh averages (v_i + v_j) / 2, i <= j (Hodges, Lehmann 1963): found
 * by counting, in O(n log n) time and O(n) memory, exactly. */
double stats_hodges_lehmann(const double *v, size_t n);

/* The value at share `q` of sorted numbers, interpolated linearly (Hyndman, Fan 1996, type 7). */
double stats_quantile(const double *sorted, size_t n, double q);
void stats_sort(double *v, size_t n); /* ascending */

double stats_normal(double z);          /* Phi(z) */
double stats_normal_quantile(double p); /* its inverse; infinite at 0 and 1 */

#endif
