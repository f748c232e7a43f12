/* A strict walk over a PNG's chunks, before anything is decoded: the decoder behind it checks
 * neither checksums nor much of the order. Rules: see the table at the head of png_walk.c. */
#ifndef IMAGE_PNG_WALK_H
#define IMAGE_PNG_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define IMAGE_SIDE_MAX   16384
#define IMAGE_PIXELS_MAX (64 * 1024 * 1024)

struct png_info {
    int width, height;
    int depth;   /* bits a sample: 1, 2, 4, 8 or 16 */
    int colour;  /* 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha */
    int palette; /* entries of PLTE */
    bool interlaced;
    bool transparent; /* it has a tRNS chunk */
    size_t trailing;  /* bytes after IEND; they are ignored */
};

bool png_signature(const uint8_t *data, size_t size);

/* Checks all chunks of the `size` bytes at `data`. `path` serves messages only, which name byte
 * offset and rule. STATUS_BAD_INPUT, or STATUS_LIMIT for an image that is too large. */
bool png_walk(const char *path, const uint8_t *data, size_t size, struct png_info *info,
              struct err *err);

#endif
