/* Radial profiles of many images brought together: for every variant the power of its outputs over
 * spatial frequency, and where there are targets how much of the target's power that is and how
 * well it agrees with it (see profile.h). */
#ifndef REPORT_SPECTRA_H
#define REPORT_SPECTRA_H

#include <stdbool.h>

#include "base/pool.h"
#include "metrics/profile.h"

#define SPECTRA_LOW  0.1 /* the quantiles over images */
#define SPECTRA_HIGH 0.9

/* Over images and seeds, at every point; NaN where no image has a value. */
struct spectra_curve {
    double mean[SPECTRUM_POINTS], low[SPECTRUM_POINTS], high[SPECTRUM_POINTS];
};

struct spectra_variant {
    struct spectra_curve power; /* dB */
    struct spectra_curve gain;  /* power minus that of the same image's target, dB */
    struct spectra_curve frc;
};

struct spectra {
    int points; /* that of the largest image, 0: none has a spectrum; frequencies as in profile.h */
    bool has_targets;
    struct spectra_curve target; /* power */
    struct spectra_variant *variants;
    int variant_count;
};

struct spectra_source {
    const struct profile *profiles; /* [image][member] */
    const struct profile *targets;  /* [image], without points where there is none; or NULL */
    int image_count, member_count;
    const int *variant_of; /* [member] */
    int variant_count;
};
/* An image with fewer points than the largest is interpolated. The same for any pool, which may be
 * NULL. The caller frees `out` with spectra_free. */
void spectra_make(const struct spectra_source *source, struct pool *pool, struct spectra *out);
void spectra_free(struct spectra *spectra); /* idempotent */

double spectra_frequency(const struct spectra *spectra, int point); /* cycles a pixel */

#endif
