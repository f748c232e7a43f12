/* The spectral detail triple of a band: what a test T keeps of a reference R there.
 *   gain  g = sqrt(sum |T|^2 / sum |R|^2)                       1: the right amount of detail
 *   corr  rho = Re sum R conj T / sqrt(sum |R|^2 sum |T|^2)     1: in the right place
 *   error e = sum |R - T|^2 / sum |R|^2 = 1 + g^2 - 2 g rho
 *   DSNR  = -10 log10 e dB, capped; 0 dB is no better than leaving the band empty. */
#ifndef METRICS_BANDS_H
#define METRICS_BANDS_H

#include "metrics/spectrum.h"

struct band_triple {
    double gain, corr, error;
    double dsnr; /* the cap when the error is 0 */
};
/* All NaN when the reference has under 1e-6 of its energy without DC in the band. */
struct band_triple bands_triple(const struct spectrum_sums *sums, enum spectrum_band band);

#endif
