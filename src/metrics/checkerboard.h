/* Checkerboards in an output: patterns that repeat every s pixels, s a stride or a product of
 * strides (Odena, Dumoulin, Olah 2016; Sugawara, Shiota, Kiya 2018). Both numbers are to be read
 * beside the reference's own: halftones and grids are legitimately periodic. */
#ifndef METRICS_CHECKERBOARD_H
#define METRICS_CHECKERBOARD_H

#include <stdbool.h>

#include "metrics/fft.h"

#define CHECKERBOARD_PEAK_SIDE 16 /* the neighbourhood of a peak must not meet itself */

/* CBI_s: the share of the high-pass residual q = y - box3x3(y) (edges replicated) that the mean of
 * each of the s x s phases explains: mean_ij (m_ij - mean)^2 / var(q). NaN for a flat image. */
double checkerboard_imbalance(struct scratch *work, const struct plane *image, int s);

/* The highest of the peaks at (u, v) in {0, W/s, ..} x {0, H/s, ..} without DC, each in dB over the
 * median power of its 9x9 neighbourhood without the 3x3 core; no window: these are exact bins. Rows
 * and columns beyond a multiple of s are left out. NaN under CHECKERBOARD_PEAK_SIDE pixels a side.
 * `plain` is spectrum_plain of the image, used when nothing is left out. */
double checkerboard_peak(struct fft_cache *cache, struct scratch *work, const struct plane *image,
                         const struct fft_complex *plain, int s);

/* Whether the test shows a checkerboard that the reference does not have: CBI over ten times the
 * reference's and a peak over 15 dB above its. False when a value is NaN. */
bool checkerboard_flag(double cbi_test, double cbi_reference, double peak_test,
                       double peak_reference);

#endif
