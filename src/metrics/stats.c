#include "metrics/stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

double stats_mean(const double *v, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += v[i];
    return sum / (double)n;
}

double stats_sd(const double *v, size_t n) {
    double mean = stats_mean(v, n), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (v[i] - mean) * (v[i] - mean);
    return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *v, size_t n) {
    qsort(v, n, sizeof *v, ascending);
}

static double *sorted_copy(const double *v, size_t n) {
    double *copy = mem_array(n, sizeof *copy);
    memcpy(copy, v, n * sizeof *copy);
    stats_sort(copy, n);
    return copy;
}

double stats_median(const double *v, size_t n) {
    double *s = sorted_copy(v, n);
    double median = n % 2 ? s[n / 2] : (s[n / 2 - 1] + s[n / 2]) / 2;
    mem_free(s);
    return median;
}

double stats_quantile(const double *sorted, size_t n, double q) {
    double at = q * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

/* Doubles and integers in the same order, so that a bisection over the integers visits every
 * double. */
static int64_t to_key(double x) {
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double from_key(int64_t key) {
    int64_t bits = key < 0 ? INT64_MIN - key : key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* How many sums s[i] + s[j], i <= j, are at most x. The sums grow with j, so as i goes up the last
 * j that fits goes down. */
static uint64_t count_sums(const double *s, size_t n, double x) {
    uint64_t count = 0;
    size_t j = n;
    for (size_t i = 0; i < n; i++) {
        while (j > i && s[i] + s[j - 1] > x) j--;
        if (j <= i) break;
        count += j - i;
    }
    return count;
}

/* The sum number k (from 1) in ascending order. */
static double select_sum(const double *s, size_t n, uint64_t k) {
    int64_t low = to_key(s[0] + s[0]), high = to_key(s[n - 1] + s[n - 1]);
    while (low < high) {
        int64_t middle = (int64_t)(((uint64_t)high - (uint64_t)low) / 2 + (uint64_t)low);
        if (count_sums(s, n, from_key(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return from_key(low);
}

double stats_hodges_lehmann(const double *v, size_t n) {
    double *s = sorted_copy(v, n);
    uint64_t sums = (uint64_t)n * ((uint64_t)n + 1) / 2;
    double result = select_sum(s, n, (sums + 1) / 2) / 2;
    if (sums % 2 == 0) result = (result + select_sum(s, n, sums / 2 + 1) / 2) / 2;
    mem_free(s);
    return result;
}

double stats_normal(double z) {
    return erfc(-z / sqrt(2)) / 2;
}

/* Bisection: slow and certain; a report needs a few dozen of them. */
double stats_normal_quantile(double p) {
    if (!(p > 0)) return -INFINITY;
    if (!(p < 1)) return INFINITY;
    if (p > 0.5) return -stats_normal_quantile(1 - p);
    double low = -39, high = 0; /* Phi(-39) is 0 in double */
    for (;;) {
        double middle = (low + high) / 2;
        if (middle <= low || middle >= high) return high;
        if (stats_normal(middle) < p)
            low = middle;
        else
            high = middle;
    }
}
