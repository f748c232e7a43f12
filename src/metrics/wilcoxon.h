/* The signed-rank test (Wilcoxon 1945) with Pratt's (1959) treatment of zeros: |d| are ranked with
 * the zeros, whose ranks are then dropped; ties get their mean rank. */
#ifndef METRICS_WILCOXON_H
#define METRICS_WILCOXON_H

#include <stdbool.h>
#include <stddef.h>

struct wilcoxon {
    size_t n, zeros;
    double w_plus, w_minus; /* sums of the ranks of positive and negative differences */
    double p;               /* two-sided; NaN when all differences are 0 */
    bool exact; /* from the distribution of the rank sum over all signs given the ranks (at most 50
                   nonzero differences), not from the normal one */
};
struct wilcoxon wilcoxon_signed_rank(const double *d, size_t n);

/* The p of the normal approximation, no continuity correction, variance corrected for ties (Cureton
 * 1967 for the zeros). */
double wilcoxon_normal_p(const double *d, size_t n);

#endif
