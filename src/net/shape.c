#include "net/shape.h"

#include <limits.h>
#include <stdint.h>

static int saturate(int64_t size) {
    if (size <= 0) return 0;
    return size > INT_MAX ? INT_MAX : (int)size;
}

int shape_conv(int in, int kernel, int stride, int padding) {
    int64_t room = (int64_t)in + 2 * (int64_t)padding - kernel;
    return room < 0 ? 0 : saturate(room / stride + 1);
}

int shape_conv_transpose(int in, int kernel, int stride, int padding, int output_padding) {
    return saturate(((int64_t)in - 1) * stride - 2 * (int64_t)padding + kernel + output_padding);
}

int shape_scale(int a, int b) {
    return saturate((int64_t)a * b);
}
