#include "net/shape.h"

#include <limits.h>

#include "base/check.h"

/* Positions of a window that lies within the padded input. */
static int count_windows(int in, int kernel, int stride, int padding) {
    int count = 0;
    for (int at = 0; at + kernel <= in + 2 * padding; at += stride) count++;
    return count;
}

int main(void) {
    for (int in = 1; in <= 9; in++)
        for (int kernel = 1; kernel <= 6; kernel++)
            for (int stride = 1; stride <= 4; stride++)
                for (int padding = 0; padding <= 3; padding++) {
                    CHECK_INT(shape_conv(in, kernel, stride, padding),
                              count_windows(in, kernel, stride, padding));
                    /* The transposed convolution undoes a convolution up to output_padding. */
                    int out = shape_conv(in, kernel, stride, padding);
                    if (out == 0) continue;
                    int rest = (in + 2 * padding - kernel) % stride;
                    CHECK_INT(shape_conv_transpose(out, kernel, stride, padding, rest), in);
                }
    /* The analyses' claims: k4 s1 p1 does not keep the size, in either direction. */
    CHECK_INT(shape_conv(8, 4, 1, 1), 7);
    CHECK_INT(shape_conv_transpose(8, 4, 1, 1, 0), 9);
    CHECK_INT(shape_conv_transpose(8, 4, 2, 1, 0), 16);
    CHECK_INT(shape_conv_transpose(1, 2, 1, 1, 0), 0);
    CHECK_INT(shape_conv_transpose(INT_MAX, 4, INT_MAX, 0, 0), INT_MAX);
    CHECK_INT(shape_conv(INT_MAX, 1, 1, INT_MAX), INT_MAX);
    CHECK_INT(shape_scale(1 << 20, 1 << 20), INT_MAX);
    return check_end();
}
