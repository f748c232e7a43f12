#include "metrics/window.h"

#include <stdlib.h>

#include "base/mem.h"

struct window window_worst(const uint8_t *a, const uint8_t *b, int width, int height,
                           int channels) {
    int shorter = width < height ? width : height, side = shorter / 8;
    if (side < 8) side = shorter < 8 ? shorter : 8;
    /* Sums over all rectangles from the top left, one row and column more than the image. */
    size_t stride = (size_t)width + 1;
    uint64_t *sums = mem_array(stride * ((size_t)height + 1), sizeof *sums);
    for (int y = 0; y < height; y++) {
        uint64_t row = 0;
        for (int x = 0; x < width; x++) {
            size_t p = ((size_t)y * (size_t)width + (size_t)x) * (size_t)channels;
            for (int c = 0; c < channels; c++)
                row += (uint64_t)abs(a[p + (size_t)c] - b[p + (size_t)c]);
            size_t s = ((size_t)y + 1) * stride + (size_t)x + 1;
            sums[s] = sums[s - stride] + row;
        }
    }
    struct window worst = {.side = side};
    uint64_t most = 0;
    for (int y = 0; y + side <= height; y++) {
        for (int x = 0; x + side <= width; x++) {
            const uint64_t *top = sums + (size_t)y * stride + (size_t)x;
            const uint64_t *bottom = top + (size_t)side * stride;
            uint64_t sum = bottom[side] - bottom[0] - top[side] + top[0];
            if (sum <= most) continue;
            most = sum;
            worst.x = x;
            worst.y = y;
        }
    }
    worst.error = (double)most / ((double)side * side * channels);
    mem_free(sums);
    return worst;
}
