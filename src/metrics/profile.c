#include "metrics/profile.h"

#include <math.h>
#include <string.h>

#include "metrics/frc.h"

static const double WINDOW_POWER = 9.0 / 64, LEAST_POWER = 1e-12;

/* Sums over the annuli. */
struct sums {
    double r[SPECTRUM_POINTS], t[SPECTRUM_POINTS], cross[SPECTRUM_POINTS];
};

static void add_up(const struct spectrum_grid *grid, const struct fft_complex *r,
                   const struct fft_complex *t, struct sums *s) {
    memset(s, 0, sizeof *s);
    for (int v = 0; v < grid->h; v++) {
        for (int u = 0; u < grid->half; u++) {
            size_t i = (size_t)v * (size_t)grid->half + (size_t)u;
            if (grid->point[i] < 0) continue;
            size_t point = (size_t)grid->point[i];
            double k = spectrum_weight(grid, u);
            s->t[point] += k * (t[i].re * t[i].re + t[i].im * t[i].im);
            if (!r) continue;
            s->r[point] += k * (r[i].re * r[i].re + r[i].im * r[i].im);
            s->cross[point] += k * (r[i].re * t[i].re + r[i].im * t[i].im);
        }
    }
}

static int16_t whole(double value, double scale) {
    return isnan(value) ? PROFILE_NONE : (int16_t)lrint(value * scale);
}

void profile_measure(const struct spectrum_grid *grid, const struct fft_complex *r,
                     const struct fft_complex *t, struct profile *out) {
    struct sums s;
    double total_r = 0, total_t = 0, pixels = (double)grid->w * grid->h;
    add_up(grid, r, t, &s);
    for (int j = 0; j < grid->points; j++) {
        total_r += s.r[j];
        total_t += s.t[j];
    }
    *out = (struct profile){.points = grid->points};
    for (int j = 0; j < grid->points; j++) {
        double power = s.t[j] / grid->point_size[j] / (pixels * WINDOW_POWER);
        double frc = r ? frc_of(s.r[j], s.t[j], s.cross[j], total_r, total_t) : NAN;
        out->power[j] =
            whole(total_t > 0 ? 10 * log10(power + LEAST_POWER) : NAN, PROFILE_POWER_SCALE);
        out->frc[j] = whole(frc, PROFILE_FRC_SCALE);
    }
}
