/* Log-spectral distance of azimuthally averaged power (the profile is that of Durall, Keuper,
 * Keuper 2020, without its normalisation per image, which hides changes of level). */
#ifndef METRICS_LSD_H
#define METRICS_LSD_H

#include "metrics/spectrum.h"

/* sqrt(mean over k = 1 .. N/2 of (10 log10((P_t(k) + 1e-12) / (P_r(k) + 1e-12)))^2) dB, P the mean
 * power of ring k. */
double lsd_compare(const struct spectrum_sums *sums);

#endif
