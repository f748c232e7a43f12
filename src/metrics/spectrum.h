/* Spectra of luma planes and their sums over bands and rings.
 *
 * A plane minus its mean, times the separable periodic Hann window 0.5 - 0.5 cos(2 pi n / N),
 * scaled to [0, 1], is transformed. A bin (u, v), signed, has the frequency f = sqrt((u/W)^2 +
 * (v/H)^2) cycles a pixel. Bands: lo [1/32, 1/8), mid [1/8, 1/4), hi from 1/4 to the corner. Rings:
 * k = round(f N), N the larger side, for k in 0 .. N/2. Points, for plots, are at most 64 annuli:
 * j = round(2 P f) for j in 1 .. P = min(N/2, 64). Which bin belongs where is decided on the
 * integers u^2 H^2 + v^2 W^2, so bins on a limit fall where the definition says. */
#ifndef METRICS_SPECTRUM_H
#define METRICS_SPECTRUM_H

#include <stdbool.h>

#include "metrics/fft.h"

#define SPECTRUM_SIDE   8  /* smaller images have no spectrum */
#define SPECTRUM_POINTS 64 /* at most */

enum spectrum_band { BAND_LO, BAND_MID, BAND_HI, BAND_COUNT };

/* Where each bin of a w x h image's half spectrum belongs; arrays in a scratch. */
struct spectrum_grid {
    int w, h, half;                     /* half = w / 2 + 1 bins a row */
    int rings;                          /* N / 2 + 1 */
    int *ring;                          /* [h * half], -1 beyond the last ring */
    signed char *band;                  /* [h * half], -1 for none */
    double *ring_size;                  /* [rings] bins of the whole spectrum */
    int points;                         /* P */
    signed char *point;                 /* [h * half] j - 1, -1 for none */
    double point_size[SPECTRUM_POINTS]; /* [points] bins of the whole spectrum, never 0 */
};
struct spectrum_grid spectrum_grid_make(struct scratch *keep, int w, int h);

/* How many bins of the whole spectrum column u of the half spectrum stands for. */
static inline double spectrum_weight(const struct spectrum_grid *grid, int u) {
    return u == 0 || 2 * u == grid->w ? 1 : 2;
}

/* The transform of the plane minus its mean, not windowed, in levels (not scaled). */
struct fft_complex *spectrum_plain(struct fft_cache *cache, struct scratch *keep,
                                   struct scratch *work, const struct plane *image);

/* The windowed, scaled spectrum made from the plain one: a periodic Hann window is
 * X[u] / 2 - (X[u-1] + X[u+1]) / 4 along each axis. */
struct fft_complex *spectrum_windowed(struct scratch *keep, struct scratch *work,
                                      const struct spectrum_grid *grid,
                                      const struct fft_complex *plain);

/* Sums over whole spectra R and T. */
struct spectrum_sums {
    double total_r;                /* |R|^2 of all bins but DC */
    double band_r[BAND_COUNT];     /* |R|^2 */
    double band_t[BAND_COUNT];     /* |T|^2 */
    double band_cross[BAND_COUNT]; /* Re R conj T */
    double band_error[BAND_COUNT]; /* |R - T|^2 */
    double total_t;
    int rings;
    const double *ring_size;
    double *ring_r, *ring_t, *ring_cross; /* [rings], in a scratch */
};
struct spectrum_sums spectrum_compare(struct scratch *work, const struct spectrum_grid *grid,
                                      const struct fft_complex *r, const struct fft_complex *t);

#endif
