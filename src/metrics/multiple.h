/* P-values adjusted for being several. */
#ifndef METRICS_MULTIPLE_H
#define METRICS_MULTIPLE_H

#include <stddef.h>

/* Holm 1979: p of rank i becomes the largest of min(1, (m - j + 1) p_(j)) for j <= i, m the number
 * of p-values that are not NaN; NaN stays NaN. `out` may be `p`. */
void multiple_holm(const double *p, size_t n, double *out);
/* Benjamini, Hochberg 1995: the smallest of min(1, m p_(j) / j) for j >= i. */
void multiple_benjamini_hochberg(const double *p, size_t n, double *out);

#endif
