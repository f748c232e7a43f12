/* NumPy's .npy, version 1.0: float32, C order, little endian. */
#ifndef REPORT_NPY_H
#define REPORT_NPY_H

#include <stddef.h>

#include "base/file.h"

/* The file of values[c][h][w]; the caller frees it with bytes_free. */
struct bytes npy_encode(const float *values, int c, int h, int w);

#endif
