/* Discrete Fourier transforms of any size in double: radix 2 for powers of two (Cooley, Tukey
 * 1965), Bluestein's chirp transform (Bluestein 1970) for the others. Forward, unscaled: X[k] =
 * sum_j x[j] exp(-2 pi i j k / n). */
#ifndef METRICS_FFT_H
#define METRICS_FFT_H

#include "metrics/plane.h"

struct fft_complex {
    double re, im;
};

/* Tables of one size. */
struct fft_plan;
struct fft_plan *fft_plan_create(int n);
void fft_plan_free(struct fft_plan *plan); /* NULL is fine */

/* Transforms x[n] in place. */
void fft_run(const struct fft_plan *plan, struct scratch *work, struct fft_complex *x);

/* Plans by size, made when first asked for. Start it zeroed. */
struct fft_cache {
    struct fft_plan **plans;
    size_t count, capacity;
};
const struct fft_plan *fft_cache_plan(struct fft_cache *cache, int n);
void fft_cache_free(struct fft_cache *cache); /* idempotent */

/* The transform of a real image: out[v * (w / 2 + 1) + u] for v in [0, h), u in [0, w / 2]; the
 * other half is X[h - v][w - u] = conj X[v][u]. */
void fft_image(struct fft_cache *cache, struct scratch *work, const struct plane *image,
               struct fft_complex *out);

#endif
