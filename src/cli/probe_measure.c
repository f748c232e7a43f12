#include <math.h>

#include "cli/probe.h"
#include "metrics/bands.h"

static double level_of(const struct config_variant *variant, float y) {
    return fmin(fmax(((double)y * variant->std + variant->mean) * 255, 0), 255);
}

/* Luma as in plane.h, of levels that are not rounded. */
static struct plane luma_of(struct scratch *scratch, const struct config_variant *variant,
                            struct extent size, struct shape shape, const float *output) {
    static const double weights[3] = {0.299, 0.587, 0.114};
    struct plane plane = plane_take(scratch, size.w, size.h);
    size_t area = (size_t)shape.h * (size_t)shape.w;
    for (int y = 0; y < size.h; y++)
        for (int x = 0; x < size.w; x++) {
            size_t at = (size_t)y * (size_t)shape.w + (size_t)x;
            double sum = 0;
            for (int c = 0; c < shape.c && shape.c == 3; c++)
                sum += weights[c] * level_of(variant, output[(size_t)c * area + at]);
            plane.v[(size_t)y * (size_t)size.w + (size_t)x] =
                shape.c == 3 ? sum : level_of(variant, output[at]);
        }
    return plane;
}

static void compare_bands(struct probe_measure *m, const struct plane *a, const struct plane *b,
                          double dsnr[BAND_COUNT]) {
    struct spectrum_grid grid = spectrum_grid_make(&m->work, a->w, a->h);
    struct fft_complex *plain_a = spectrum_plain(&m->plans, &m->work, &m->work, a);
    struct fft_complex *plain_b = spectrum_plain(&m->plans, &m->work, &m->work, b);
    struct fft_complex *r = spectrum_windowed(&m->keep, &m->work, &grid, plain_a);
    struct fft_complex *t = spectrum_windowed(&m->keep, &m->work, &grid, plain_b);
    struct spectrum_sums sums = spectrum_compare(&m->work, &grid, r, t);
    for (int band = 0; band < BAND_COUNT; band++)
        dsnr[band] = bands_triple(&sums, (enum spectrum_band)band).dsnr;
}

struct probe_moved probe_compare(struct probe_measure *m, const struct config_variant *variant,
                                 struct extent own, struct shape shape, const float *unchanged,
                                 const float *changed) {
    struct probe_moved moved = {.dsnr = {NAN, NAN, NAN}};
    bool padded = variant->resize == RESIZE_PAD;
    struct extent size = {padded && own.h < shape.h ? own.h : shape.h,
                          padded && own.w < shape.w ? own.w : shape.w};
    size_t area = (size_t)shape.h * (size_t)shape.w;
    double sum = 0;
    for (int c = 0; c < shape.c; c++)
        for (int y = 0; y < size.h; y++)
            for (int x = 0; x < size.w; x++) {
                size_t at = (size_t)c * area + (size_t)y * (size_t)shape.w + (size_t)x;
                double d = fabs(level_of(variant, unchanged[at]) - level_of(variant, changed[at]));
                sum += d;
                moved.max = fmax(moved.max, d);
            }
    moved.levels = sum / ((double)shape.c * size.h * size.w);
    if (size.h < SPECTRUM_SIDE || size.w < SPECTRUM_SIDE) return moved;
    size_t keep = scratch_mark(&m->keep), work = scratch_mark(&m->work);
    struct plane a = luma_of(&m->keep, variant, size, shape, unchanged);
    struct plane b = luma_of(&m->keep, variant, size, shape, changed);
    compare_bands(m, &a, &b, moved.dsnr);
    scratch_release(&m->work, work);
    scratch_release(&m->keep, keep);
    return moved;
}

void probe_measure_free(struct probe_measure *m) {
    fft_cache_free(&m->plans);
    scratch_free(&m->keep);
    scratch_free(&m->work);
}
