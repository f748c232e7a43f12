#include "metrics/frc.h"

#include <math.h>

/* Transforms in double leave errors of about 1e-32 of the energy in an empty ring. */
static const double EMPTY = 1e-20;

double frc_of(double r, double t, double cross, double total_r, double total_t) {
    if (!(r > EMPTY * total_r)) return NAN;
    if (!(t > EMPTY * total_t)) return 0;
    return cross / sqrt(r * t);
}

/* The mean of the rings k-1 .. k+1 that count. */
static double smoothed(const double *f, int rings, int k) {
    double sum = 0;
    int count = 0;
    for (int i = k - 1; i <= k + 1; i++) {
        if (i < 0 || i >= rings || isnan(f[i])) continue;
        sum += f[i];
        count++;
    }
    return count ? sum / count : NAN;
}

static double find_cutoff(const double *f, int rings, int side) {
    double before = NAN;
    int at = -1;
    for (int k = 0; k < rings; k++) {
        double s = smoothed(f, rings, k);
        if (isnan(s)) continue;
        if (s < 0.5) return at < 0 ? 0 : (at + (k - at) * (before - 0.5) / (before - s)) / side;
        before = s;
        at = k;
    }
    return 0.5;
}

struct frc frc_compare(struct scratch *work, const struct spectrum_sums *sums, int side) {
    size_t mark = scratch_mark(work);
    double *f = SCRATCH(work, double, (size_t)sums->rings);
    double sum = 0;
    int count = 0;
    f[0] = 1; /* the mean was taken off both, the ring of DC says nothing */
    for (int k = 1; k < sums->rings; k++) {
        f[k] = frc_of(sums->ring_r[k], sums->ring_t[k], sums->ring_cross[k], sums->total_r,
                      sums->total_t);
        if (isnan(f[k])) continue;
        sum += f[k];
        count++;
    }
    struct frc out = {NAN, NAN};
    if (count) out = (struct frc){sum / count, find_cutoff(f, sums->rings, side)};
    scratch_release(work, mark);
    return out;
}
