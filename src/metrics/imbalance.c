#include "metrics/imbalance.h"

#include <stddef.h>

/* The gain at DC of phase (p, q) of one kernel. */
static double phase_gain(const float *kernel, int kh, int kw, int p, int q, int sh, int sw) {
    double sum = 0;
    for (int y = p; y < kh; y += sh)
        for (int x = q; x < kw; x += sw) sum += (double)kernel[y * kw + x];
    return sum;
}

double imbalance_of_weights(const float *w, int in, int out, int kh, int kw, int sh, int sw) {
    size_t kernels = (size_t)in * (size_t)out, size = (size_t)kh * (size_t)kw;
    double uneven = 0, all = 0;
    for (size_t k = 0; k < kernels; k++) {
        double mean = 0;
        for (int p = 0; p < sh; p++)
            for (int q = 0; q < sw; q++) mean += phase_gain(w + k * size, kh, kw, p, q, sh, sw);
        mean /= (double)sh * sw;
        for (int p = 0; p < sh; p++) {
            for (int q = 0; q < sw; q++) {
                double gain = phase_gain(w + k * size, kh, kw, p, q, sh, sw);
                uneven += (gain - mean) * (gain - mean);
                all += gain * gain;
            }
        }
    }
    return all > 0 ? uneven / all : 0;
}
