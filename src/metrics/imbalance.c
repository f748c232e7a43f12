#include "metrics/imbalance.h"

#include <stddef.h>

#include "base/mem.h"

struct sums {
    double uneven, all;
};

static void add_gains(struct sums *sums, const double *gains, int phases) {
    double mean = 0;
    for (int p = 0; p < phases; p++) mean += gains[p];
    mean /= phases;
    for (int p = 0; p < phases; p++) {
        sums->uneven += (gains[p] - mean) * (gains[p] - mean);
        sums->all += gains[p] * gains[p];
    }
}

static double ratio(struct sums sums) {
    return sums.all > 0 ? sums.uneven / sums.all : 0;
}

/* The sum of the taps (y, x), (y, x + sw), ..., (y + sh, x), ... */
static double sum_taps(const float *kernel, int kh, int kw, int y, int x, int sh, int sw) {
    double sum = 0;
    for (int a = y; a < kh; a += sh)
        for (int b = x; b < kw; b += sw) sum += (double)kernel[a * kw + b];
    return sum;
}

double imbalance_of_transposed(const float *w, int in, int out, int kh, int kw, int sh, int sw) {
    size_t kernels = (size_t)in * (size_t)out, size = (size_t)kh * (size_t)kw;
    double *gains = mem_array((size_t)sh * (size_t)sw, sizeof *gains);
    struct sums sums = {0};
    for (size_t k = 0; k < kernels; k++) {
        for (int p = 0; p < sh; p++)
            for (int q = 0; q < sw; q++)
                gains[p * sw + q] = sum_taps(w + k * size, kh, kw, p, q, sh, sw);
        add_gains(&sums, gains, sh * sw);
    }
    mem_free(gains);
    return ratio(sums);
}

double imbalance_of_shuffled(const float *w, int out, int phases, int in, int kh, int kw) {
    size_t size = (size_t)kh * (size_t)kw;
    double *gains = mem_array((size_t)phases, sizeof *gains);
    struct sums sums = {0};
    for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
            for (int p = 0; p < phases; p++) {
                size_t kernel = ((size_t)o * (size_t)phases + (size_t)p) * (size_t)in + (size_t)i;
                gains[p] = sum_taps(w + kernel * size, kh, kw, 0, 0, 1, 1);
            }
            add_gains(&sums, gains, phases);
        }
    }
    mem_free(gains);
    return ratio(sums);
}
