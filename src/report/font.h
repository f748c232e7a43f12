/* Text in images: a bitmap font of our own for ASCII. A character that it lacks is a box with its
 * code point in hexadecimal, broken UTF-8 is the box FFFD. */
#ifndef REPORT_FONT_H
#define REPORT_FONT_H

#include "report/canvas.h"

#define FONT_WIDTH  6  /* from one letter to the next, at scale 1 */
#define FONT_HEIGHT 10 /* from one line to the next; the base line is below the seventh row */

/* Pixels that `text` takes on one line. */
int font_width(const char *text, int scale);

/* Draws with the top left corner at (x, y) into an RGB image, clipped to it. */
void font_draw(struct image *image, int x, int y, const char *text, int scale,
               struct colour colour);

/* A copy of `text` that is at most `width` pixels wide, its middle replaced by ".." when it has to
 * be (never narrower than the dots). The caller frees it. */
char *font_fit(const char *text, int scale, int width);

#endif
