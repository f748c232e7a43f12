/* Where two images differ most, for the eye. */
#ifndef METRICS_WINDOW_H
#define METRICS_WINDOW_H

#include <stdint.h>

struct window {
    int x, y, side; /* pixels; side 0: none */
    double error;   /* mean absolute difference inside, 0 to 255 */
};

/* The square of an eighth of the shorter side (at least 8 pixels, at most the image) whose mean
 * absolute difference is largest; the topmost, then leftmost of equals. `channels` interleaved. */
struct window window_worst(const uint8_t *a, const uint8_t *b, int width, int height, int channels);

#endif
