/* Metrics of shapes in ink: luma under 128 is ink, 1 in a mask of w * h bytes. */
#ifndef METRICS_GLYPH_H
#define METRICS_GLYPH_H

#include "metrics/plane.h"

unsigned char *glyph_mask(struct scratch *scratch, const struct plane *image);

/* Ink pixels with a neighbour (of eight) that is not ink; outside the image counts as not ink. */
unsigned char *glyph_boundary(struct scratch *scratch, const unsigned char *mask, int w, int h);

/* One image's shape; arrays in the scratch given to glyph_describe. */
struct glyph {
    int w, h;
    unsigned char *mask, *boundary;
    double *to_boundary; /* squared distance of every pixel to the boundary */
    int components, holes;
    double stroke; /* twice the mean distance from the skeleton to the background, px; 0 without
                      ink, NaN without background */
};
void glyph_describe(struct scratch *keep, struct scratch *work, const struct plane *image,
                    struct glyph *out);

/* With no ink in either image, iou and bf1 are 1 and the distances 0; with none in one, iou and bf1
 * are 0 and the distances NaN. */
struct glyph_comparison {
    double iou;          /* |A and B| / |A or B| */
    double chamfer;      /* mean of the two mean distances between the boundaries, px */
    double hd95;         /* larger of the two 95th percentiles (interpolated linearly), px */
    double bf1;          /* F1 of the two shares of boundary within 1 px of the other */
    double stroke_ratio; /* of the test to the reference */
    double components_diff, holes_diff; /* test minus reference */
};
struct glyph_comparison glyph_compare(struct scratch *work, const struct glyph *reference,
                                      const struct glyph *test);

#endif
