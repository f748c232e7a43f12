/* What contact sheets are drawn with: rectangles, and images at a whole scale. */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "image/image.h"

struct colour {
    uint8_t r, g, b;
};

/* An image is shown `up` times as large (each pixel a square), or each square of `down` x `down`
 * pixels as its mean. One of the two is 1. */
struct zoom {
    int up, down;
};
/* The scale at which a side of `side` pixels comes nearest to `want` without being larger; nothing
 * is made larger than `most` times. */
struct zoom canvas_zoom(int side, int want, int most);
int canvas_length(struct zoom zoom, int length); /* pixels on the sheet, at least 1 */

/* All of these clip to the sheet, which is RGB. */
void canvas_fill(struct image *sheet, int x, int y, int width, int height, struct colour colour);
/* A line of one pixel around the rectangle, outside of it. */
void canvas_frame(struct image *sheet, int x, int y, int width, int height, struct colour colour);
/* `image` is grey or RGB. */
void canvas_image(struct image *sheet, int x, int y, const struct image *image, struct zoom zoom);

#endif
