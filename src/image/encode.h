/* Pixels -> PNG in memory, the same bytes every time. */
#ifndef IMAGE_ENCODE_H
#define IMAGE_ENCODE_H

#include "base/file.h"
#include "image/image.h"

/* The caller frees `out`. */
bool encode_png(const struct image *image, struct bytes *out, struct err *err);

#endif
