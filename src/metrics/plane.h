/* One channel in double, row-major [h][w]. */
#ifndef METRICS_PLANE_H
#define METRICS_PLANE_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/scratch.h"

struct plane {
    int w, h;
    double *v; /* in a scratch */
};

struct plane plane_take(struct scratch *scratch, int w, int h);
size_t plane_size(const struct plane *plane); /* w * h */

/* Luma in [0, 255], not rounded: (299 R + 587 G + 114 B) / 1000, so that R = G = B gives that value
 * exactly; a grey image as it is. */
struct plane plane_luma(struct scratch *scratch, const uint8_t *pixels, int w, int h, int channels);

/* The mean of the values, summed row by row. */
double plane_mean(const struct plane *plane);

#endif
