#include "metrics/spectrum.h"

#include <math.h>
#include <string.h>

static double square(double x) {
    return x * x;
}

static signed char band_of(double q, double size) {
    if (16 * q >= size) return BAND_HI;
    if (64 * q >= size) return BAND_MID;
    if (1024 * q >= size) return BAND_LO;
    return -1;
}

struct spectrum_grid spectrum_grid_make(struct scratch *keep, int w, int h) {
    int side = w > h ? w : h, half = w / 2 + 1;
    int points = side / 2 < SPECTRUM_POINTS ? side / 2 : SPECTRUM_POINTS;
    struct spectrum_grid grid = {
        .w = w, .h = h, .half = half, .rings = side / 2 + 1, .points = points};
    size_t bins = (size_t)h * (size_t)half;
    grid.ring = SCRATCH(keep, int, bins);
    grid.band = SCRATCH(keep, signed char, bins);
    grid.point = SCRATCH(keep, signed char, bins);
    grid.ring_size = SCRATCH(keep, double, (size_t)grid.rings);
    memset(grid.ring_size, 0, (size_t)grid.rings * sizeof *grid.ring_size);
    double area = (double)w * h;
    for (int y = 0; y < h; y++) {
        double v = y <= h / 2 ? y : y - h;
        for (int u = 0; u < half; u++) {
            size_t i = (size_t)y * (size_t)half + (size_t)u;
            /* f^2 = q / area^2, q an integer below 2^53 for any image that is accepted */
            double q = square((double)u * h) + square(v * w);
            double ring = rint(side * sqrt(q) / area), point = rint(2 * points * sqrt(q) / area);
            grid.ring[i] = ring < grid.rings ? (int)ring : -1;
            grid.band[i] = band_of(q, area * area);
            grid.point[i] = point <= points ? (signed char)(point - 1) : -1;
            if (grid.ring[i] >= 0) grid.ring_size[grid.ring[i]] += spectrum_weight(&grid, u);
            if (grid.point[i] >= 0) grid.point_size[grid.point[i]] += spectrum_weight(&grid, u);
        }
    }
    return grid;
}

struct fft_complex *spectrum_plain(struct fft_cache *cache, struct scratch *keep,
                                   struct scratch *work, const struct plane *image) {
    size_t n = plane_size(image);
    struct fft_complex *out =
        SCRATCH(keep, struct fft_complex, (size_t)image->h * (size_t)(image->w / 2 + 1));
    size_t mark = scratch_mark(work);
    struct plane centred = plane_take(work, image->w, image->h);
    double mean = plane_mean(image), largest = 0;
    for (size_t i = 0; i < n; i++) {
        centred.v[i] = image->v[i] - mean;
        largest = fmax(largest, fabs(centred.v[i]));
    }
    /* A flat image differs from its mean by rounding only: no detail, not detail of 1e-14. */
    if (largest < 1e-9) memset(centred.v, 0, n * sizeof *centred.v);
    fft_image(cache, work, &centred, out);
    scratch_release(work, mark);
    return out;
}

/* X[v][u] for u in [-1, w/2 + 1]: what lies outside the half spectrum is the conjugate of a bin of
 * row -v inside. */
static struct fft_complex bin(const struct spectrum_grid *grid, const struct fft_complex *plain,
                              int v, int u) {
    if (u >= 0 && u < grid->half) return plain[(size_t)v * (size_t)grid->half + (size_t)u];
    int mirror = u < 0 ? -u : grid->w - u, row = v ? grid->h - v : 0;
    struct fft_complex c = plain[(size_t)row * (size_t)grid->half + (size_t)mirror];
    return (struct fft_complex){c.re, -c.im};
}

static struct fft_complex hann(struct fft_complex before, struct fft_complex at,
                               struct fft_complex after, double scale) {
    return (struct fft_complex){scale * (at.re / 2 - (before.re + after.re) / 4),
                                scale * (at.im / 2 - (before.im + after.im) / 4)};
}

struct fft_complex *spectrum_windowed(struct scratch *keep, struct scratch *work,
                                      const struct spectrum_grid *grid,
                                      const struct fft_complex *plain) {
    int h = grid->h, half = grid->half;
    size_t bins = (size_t)h * (size_t)half;
    struct fft_complex *out = SCRATCH(keep, struct fft_complex, bins);
    size_t mark = scratch_mark(work);
    struct fft_complex *rows = SCRATCH(work, struct fft_complex, bins);
    for (int v = 0; v < h; v++)
        for (int u = 0; u < half; u++)
            rows[(size_t)v * (size_t)half + (size_t)u] = hann(
                bin(grid, plain, v, u - 1), bin(grid, plain, v, u), bin(grid, plain, v, u + 1), 1);
    for (int v = 0; v < h; v++) {
        const struct fft_complex *before = rows + (size_t)(v ? v - 1 : h - 1) * (size_t)half;
        const struct fft_complex *at = rows + (size_t)v * (size_t)half;
        const struct fft_complex *after = rows + (size_t)(v + 1 < h ? v + 1 : 0) * (size_t)half;
        for (int u = 0; u < half; u++)
            out[(size_t)v * (size_t)half + (size_t)u] = hann(before[u], at[u], after[u], 1 / 255.0);
    }
    scratch_release(work, mark);
    return out;
}

static double *zeros(struct scratch *work, int count) {
    double *v = SCRATCH(work, double, (size_t)count);
    memset(v, 0, (size_t)count * sizeof *v);
    return v;
}

struct spectrum_sums spectrum_compare(struct scratch *work, const struct spectrum_grid *grid,
                                      const struct fft_complex *r, const struct fft_complex *t) {
    struct spectrum_sums s = {.rings = grid->rings, .ring_size = grid->ring_size};
    s.ring_r = zeros(work, grid->rings);
    s.ring_t = zeros(work, grid->rings);
    s.ring_cross = zeros(work, grid->rings);
    for (int v = 0; v < grid->h; v++) {
        for (int u = 0; u < grid->half; u++) {
            size_t i = (size_t)v * (size_t)grid->half + (size_t)u;
            double k = spectrum_weight(grid, u);
            double rr = k * (square(r[i].re) + square(r[i].im));
            double tt = k * (square(t[i].re) + square(t[i].im));
            double cross = k * (r[i].re * t[i].re + r[i].im * t[i].im);
            double error = k * (square(r[i].re - t[i].re) + square(r[i].im - t[i].im));
            if (i) s.total_r += rr, s.total_t += tt;
            if (grid->band[i] >= 0) {
                s.band_r[grid->band[i]] += rr;
                s.band_t[grid->band[i]] += tt;
                s.band_cross[grid->band[i]] += cross;
                s.band_error[grid->band[i]] += error;
            }
            if (grid->ring[i] >= 0) {
                s.ring_r[grid->ring[i]] += rr;
                s.ring_t[grid->ring[i]] += tt;
                s.ring_cross[grid->ring[i]] += cross;
            }
        }
    }
    return s;
}
