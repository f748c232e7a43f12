/* Images in memory: 8 bits a sample, rows from the top, channels interleaved. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdint.h>

#include "base/err.h"

struct image {
    int width, height;
    int channels; /* 1 grey or 3 RGB */
    uint8_t *pixels;
};
void image_free(struct image *image); /* idempotent */

/* A new image, all `value`. */
struct image image_new(int width, int height, int channels, uint8_t value);

/* (19595 R + 38470 G + 7471 B + 32768) >> 16, as PIL's convert('L'). */
uint8_t image_grey(const uint8_t rgb[3]);

/* To `channels` 1 (image_grey) or 3. Replaces the pixels in place. */
void image_convert(struct image *image, int channels);

#endif
