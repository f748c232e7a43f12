/* NumPy's .npy, version 1.0: float32, C order, little endian. */
#ifndef REPORT_NPY_H
#define REPORT_NPY_H

#include <stddef.h>

#include "base/file.h"

/* Writes values[c][h][w] to `path`, whole or not at all. */
bool npy_write(const char *path, const float *values, int c, int h, int w, struct err *err);

#endif
