/* Numbers of a file (little-endian, at any alignment) to float32. */
#ifndef WEIGHTS_CONVERT_H
#define WEIGHTS_CONVERT_H

#include "weights/checkpoint.h"

/* F16 and BF16 are exact; F64 is rounded to nearest, and infinite beyond float's range. */
void convert_to_float(enum dtype dtype, const void *from, float *to, size_t count);

size_t convert_nonfinite(const float *values, size_t count); /* NaN and infinities */

#endif
