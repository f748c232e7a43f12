/* A walk over a JPEG's markers: its size, its number of components, and whether it is whole. The
 * decoder behind it may read a crafted file differently, so this is for clear messages and for
 * what to expect; safety comes from the sandbox alone. */
#ifndef IMAGE_JPEG_SCAN_H
#define IMAGE_JPEG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct jpeg_info {
    int width, height, components; /* 1 grey or 3 colour */
};

bool jpeg_signature(const uint8_t *data, size_t size);

/* Refused (STATUS_BAD_INPUT): no frame or no end marker, 12-bit, lossless or arithmetic coding, any
 * but 1 or 3 components (CMYK has 4). Too large: STATUS_LIMIT. */
bool jpeg_scan(const char *path, const uint8_t *data, size_t size, struct jpeg_info *info,
               struct err *err);

#endif
