/* Fourier ring correlation (Saxton, Baumeister 1982; van Heel, Schatz 2005) of a test with a known
 * reference: FRC(k) = Re sum R conj T / sqrt(sum |R|^2 sum |T|^2) over ring k. */
#ifndef METRICS_FRC_H
#define METRICS_FRC_H

#include "metrics/spectrum.h"

struct frc {
    double auc;    /* mean of FRC(1 .. N/2): a summary without a threshold */
    double cutoff; /* first f, in cycles a pixel, where FRC smoothed over three rings is below 0.5,
                      interpolated; 0.5 when it never is */
};
/* Rings where the reference has nothing but rounding errors do not count; NaN when none counts.
 * Where only the test has nothing FRC is 0. `side` is the larger side of the image. */
struct frc frc_compare(struct scratch *work, const struct spectrum_sums *sums, int side);

/* FRC of a set of bins from its sums |R|^2, |T|^2 and Re R conj T, and from the totals that tell
 * rounding errors: NaN where the reference has nothing, 0 where only the test has nothing. */
double frc_of(double r, double t, double cross, double total_r, double total_t);

#endif
