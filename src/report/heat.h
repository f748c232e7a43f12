/* The difference of two images as colours: white where they agree, red where the first is darker,
 * blue where it is brighter. */
#ifndef REPORT_HEAT_H
#define REPORT_HEAT_H

#include <stddef.h>

#include "report/canvas.h"

struct heat {
    int most;           /* the largest |difference| of grey values */
    double mean;        /* of |difference| */
    size_t counts[256]; /* pixels of each |difference| */
};

/* Compares grey values (of colour images: as image_convert makes them). The images have one size.
 */
struct heat heat_measure(const struct image *image, const struct image *reference);

/* The full scale for maps of these pixels (counts as above): 8, 16, 32, 64, 128 or 255. At most one
 * differing pixel in fifty is beyond it, so that a single edge does not make all else pale. */
int heat_range(const size_t counts[256]);

/* The colour of a difference, saturated at +-range. */
struct colour heat_colour(int difference, int range);

/* RGB, the size of both images; the caller frees it. */
struct image heat_draw(const struct image *image, const struct image *reference, int range);

/* A bar from -range to range with its labels, HEAT_LEGEND_WIDTH x HEAT_LEGEND_HEIGHT pixels at
 * scale 1, drawn at (x, y). */
#define HEAT_LEGEND_WIDTH  400
#define HEAT_LEGEND_HEIGHT 24
void heat_legend(struct image *sheet, int x, int y, int range);

#endif
