/* How an image's power, and its likeness to a reference, run over spatial frequency: what spectra
 * are drawn from. The spectrum is that of spectrum.h, windowed; annuli are its points.
 *
 * power: 10 log10(mean of |X|^2 / (W H (3/8)^2) + 1e-12) dB, (3/8)^2 being the mean square of the
 * window: white noise of variance s^2 (on the scale 0 to 1) has 10 log10 s^2 at every point,
 * whatever the size of the image, and rounding to 8 bits is a floor of about -59 dB.
 * frc: the Fourier ring correlation of frc.h, at every point.
 *
 * Both are whole numbers, so that a mean over images does not depend on their order, and so that
 * they take little room: hundredths of a dB, ten-thousandths. */
#ifndef METRICS_PROFILE_H
#define METRICS_PROFILE_H

#include <stdint.h>

#include "metrics/spectrum.h"

#define PROFILE_NONE        INT16_MIN /* no value: a flat image, or an annulus empty in the reference */
#define PROFILE_POWER_SCALE 100
#define PROFILE_FRC_SCALE   10000

struct profile {
    int points; /* 0: the image has no spectrum; else point j is at (j + 1) / (2 points) cycles a
                   pixel */
    int16_t power[SPECTRUM_POINTS], frc[SPECTRUM_POINTS];
};

/* Of the windowed spectrum `t`; `r` is that of the reference, or NULL: then frc has no values. */
void profile_measure(const struct spectrum_grid *grid, const struct fft_complex *r,
                     const struct fft_complex *t, struct profile *out);

#endif
