#include "metrics/wilcoxon.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

static const size_t EXACT_UP_TO = 50; /* counts of sign patterns, up to 2^50, are exact in double */

/* Twice the rank, an integer even for ties. */
struct ranked {
    double d;
    uint64_t rank2;
};

static int by_size(const void *a, const void *b) {
    double x = fabs(((const struct ranked *)a)->d), y = fabs(((const struct ranked *)b)->d);
    return (x > y) - (x < y);
}

/* The differences by size with their ranks; `ties` receives the sum of t^3 - t over groups of t
 * equal nonzero sizes. */
static struct ranked *rank_all(const double *d, size_t n, double *ties) {
    struct ranked *r = mem_array(n, sizeof *r);
    for (size_t i = 0; i < n; i++) r[i].d = d[i];
    qsort(r, n, sizeof *r, by_size);
    *ties = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && fabs(r[end].d) == fabs(r[i].d); end++) continue;
        for (size_t k = i; k < end; k++) r[k].rank2 = i + 1 + end;
        double t = (double)(end - i);
        if (r[i].d != 0) *ties += t * t * t - t;
    }
    return r;
}

/* 2 P(W <= least) over all sign patterns, each equally likely: `ways` counts those by rank sum. */
static double exact_p(const struct ranked *r, size_t n, uint64_t least2) {
    double *ways = mem_array((size_t)least2 + 1, sizeof *ways), total = 1, tail = 0;
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        if (r[i].d == 0) continue;
        total *= 2;
        for (uint64_t s = least2; s >= r[i].rank2; s--) ways[s] += ways[s - r[i].rank2];
    }
    for (uint64_t s = 0; s <= least2; s++) tail += ways[s];
    mem_free(ways);
    return fmin(1, 2 * tail / total);
}

static double normal_p(double n, double zeros, double ties, double least) {
    double mean = (n * (n + 1) - zeros * (zeros + 1)) / 4;
    double variance =
        (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1) - ties / 2) / 24;
    return erfc(fabs(least - mean) / sqrt(variance) / sqrt(2));
}

static struct wilcoxon run(const double *d, size_t n, size_t exact_up_to) {
    struct wilcoxon out = {.n = n, .p = NAN};
    double ties;
    struct ranked *r = rank_all(d, n, &ties);
    uint64_t plus2 = 0, minus2 = 0;
    for (size_t i = 0; i < n; i++) {
        if (r[i].d > 0) plus2 += r[i].rank2;
        if (r[i].d < 0) minus2 += r[i].rank2;
        out.zeros += r[i].d == 0;
    }
    out.w_plus = (double)plus2 / 2;
    out.w_minus = (double)minus2 / 2;
    uint64_t least2 = plus2 < minus2 ? plus2 : minus2;
    if (out.zeros < n) {
        out.exact = n - out.zeros <= exact_up_to;
        out.p = out.exact ? exact_p(r, n, least2)
                          : normal_p((double)n, (double)out.zeros, ties, (double)least2 / 2);
    }
    mem_free(r);
    return out;
}

struct wilcoxon wilcoxon_signed_rank(const double *d, size_t n) {
    return run(d, n, EXACT_UP_TO);
}

double wilcoxon_normal_p(const double *d, size_t n) {
    return run(d, n, 0).p;
}
