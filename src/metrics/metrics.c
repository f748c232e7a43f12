#include "metrics/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/bands.h"
#include "metrics/checkerboard.h"
#include "metrics/frc.h"
#include "metrics/glyph.h"
#include "metrics/lsd.h"
#include "metrics/sharpness.h"
#include "metrics/structural.h"

/* Margins: differences below which nobody would choose one output over the other. */
static const struct metric_info infos[METRIC_COUNT] = {
    [METRIC_L1] = {"l1", "mean absolute error", "", -1, 0.002, IDEAL_LOWEST},
    [METRIC_RMSE] = {"rmse", "root mean square error", "", -1, 0, IDEAL_LOWEST},
    [METRIC_PSNR] = {"psnr", "peak signal to noise", "dB", 1, 0.2, IDEAL_HIGHEST},
    [METRIC_SSIM] = {"ssim", "structural similarity", "", 1, 0.005, IDEAL_HIGHEST},
    [METRIC_SSIM_INK] = {"ssim_ink", "structural similarity around ink", "", 1, 0, IDEAL_HIGHEST},
    [METRIC_MS_SSIM] = {"ms_ssim", "structural similarity, five scales", "", 1, 0.002,
                        IDEAL_HIGHEST},
    [METRIC_GMSD] = {"gmsd", "gradient similarity deviation", "", -1, 0, IDEAL_LOWEST},
    [METRIC_DSNR_LO] = {"dsnr_lo", "coarse structure kept", "dB", 1, 0.5, IDEAL_HIGHEST},
    [METRIC_DSNR_MID] = {"dsnr_mid", "medium detail kept", "dB", 1, 0.5, IDEAL_HIGHEST},
    [METRIC_DSNR_HI] = {"dsnr_hi", "fine detail kept", "dB", 1, 0.5, IDEAL_HIGHEST},
    [METRIC_GAIN_HI] = {"gain_hi", "amount of fine detail", "", 0, 0, IDEAL_ONE},
    [METRIC_CORR_HI] = {"corr_hi", "fine detail in the right place", "", 1, 0, IDEAL_HIGHEST},
    [METRIC_FRC_AUC] = {"frc_auc", "Fourier ring correlation", "", 1, 0.01, IDEAL_HIGHEST},
    [METRIC_FRC_CUTOFF] = {"frc_cutoff", "detail reproduced up to", "cycles/px", 1, 0,
                           IDEAL_HIGHEST},
    [METRIC_LSD] = {"lsd", "log-spectral distance", "dB", -1, 0, IDEAL_LOWEST},
    [METRIC_CBI2] = {"cbi2", "checkerboard share, period 2", "", 0, 0, IDEAL_LOWEST},
    [METRIC_CB_PEAK] = {"cb_peak", "checkerboard peak, period 2", "dB", 0, 0, IDEAL_LOWEST},
    [METRIC_IOU] = {"iou", "overlap of ink", "", 1, 0.01, IDEAL_HIGHEST},
    [METRIC_CHAMFER] = {"chamfer", "mean distance of outlines", "px", -1, 0.1, IDEAL_LOWEST},
    [METRIC_HD95] = {"hd95", "95 % distance of outlines", "px", -1, 0, IDEAL_LOWEST},
    [METRIC_BF1] = {"bf1", "outlines within 1 px", "", 1, 0, IDEAL_HIGHEST},
    [METRIC_STROKE_RATIO] = {"stroke_ratio", "stroke width ratio", "", 0, 0, IDEAL_ONE},
    [METRIC_COMPONENTS_DIFF] = {"components_diff", "pieces of ink, more or fewer", "", -1, 0,
                                IDEAL_ZERO},
    [METRIC_HOLES_DIFF] = {"holes_diff", "holes in ink, more or fewer", "", -1, 0, IDEAL_ZERO},
    [METRIC_VARLAP_RATIO] = {"varlap_ratio", "variance of Laplacian, ratio", "", 0, 0, IDEAL_ONE},
    [METRIC_TENENGRAD_RATIO] = {"tenengrad_ratio", "Sobel energy, ratio", "", 0, 0, IDEAL_ONE},
    [METRIC_GRADIENT_RATIO] = {"gradient_ratio", "gradient energy, ratio", "", 0, 0, IDEAL_ONE},
};

const struct metric_info *metric_info(enum metric metric) {
    return &infos[metric];
}

int metric_find(const char *name) {
    for (int m = 0; m < METRIC_COUNT; m++)
        if (strcmp(infos[m].name, name) == 0) return m;
    return -1;
}

double metric_oriented(enum metric metric, double value) {
    switch (infos[metric].ideal) {
    case IDEAL_HIGHEST:
        return value;
    case IDEAL_LOWEST:
        return -value;
    case IDEAL_ZERO:
        return -fabs(value);
    case IDEAL_ONE:
        return value > 0 ? -fabs(log(value)) : NAN;
    }
    return NAN;
}

struct metrics_context {
    struct scratch keep, work; /* the reference's, and one comparison's */
    struct fft_cache plans;
    int width, height, channels;
    bool has_reference, has_spectrum;
    struct spectrum_grid
        grid;        /* of width x height, first in keep; stays as long as the size does */
    size_t grid_end; /* mark of keep after it */
    uint8_t *pixels;
    struct plane luma;
    struct structural_reference structural;
    struct fft_complex *spectrum;
    struct glyph glyph;
    struct sharpness sharpness;
    double own[METRIC_COUNT]; /* what needs no reference, of the reference */
    struct profile profile;   /* likewise */
};

struct metrics_context *metrics_context_create(void) {
    return mem_alloc(sizeof(struct metrics_context));
}

void metrics_context_free(struct metrics_context *context) {
    if (!context) return;
    scratch_free(&context->keep);
    scratch_free(&context->work);
    fft_cache_free(&context->plans);
    mem_free(context);
}

static bool has_spectrum(int w, int h) {
    return w >= SPECTRUM_SIDE && h >= SPECTRUM_SIDE;
}

/* What needs no reference; the other values are set to NaN. `plain` is NULL for a small image. */
static void measure_alone(struct metrics_context *c, const struct plane *luma,
                          const struct fft_complex *plain, double *values) {
    for (int m = 0; m < METRIC_COUNT; m++) values[m] = NAN;
    values[METRIC_CBI2] = checkerboard_imbalance(&c->work, luma, 2);
    values[METRIC_CB_PEAK] = checkerboard_peak(&c->plans, &c->work, luma, plain, 2);
}

void metrics_set_reference(struct metrics_context *context, const uint8_t *reference, int width,
                           int height, int channels) {
    struct metrics_context *c = context;
    if (c->width != width || c->height != height) {
        scratch_release(&c->keep, 0);
        c->has_spectrum = has_spectrum(width, height);
        if (c->has_spectrum) c->grid = spectrum_grid_make(&c->keep, width, height);
        c->grid_end = scratch_mark(&c->keep);
    }
    scratch_release(&c->keep, c->grid_end);
    c->width = width;
    c->height = height;
    c->channels = channels;
    c->has_reference = reference != NULL;
    if (!reference) return;
    size_t bytes = (size_t)width * (size_t)height * (size_t)channels;
    c->pixels = SCRATCH(&c->keep, uint8_t, bytes);
    memcpy(c->pixels, reference, bytes);
    c->luma = plane_luma(&c->keep, reference, width, height, channels);
    structural_prepare(&c->keep, &c->work, &c->luma, &c->structural);
    glyph_describe(&c->keep, &c->work, &c->luma, &c->glyph);
    if (width >= 2 && height >= 2) c->sharpness = sharpness_measure(&c->work, &c->luma);
    size_t mark = scratch_mark(&c->work);
    struct fft_complex *plain =
        c->has_spectrum ? spectrum_plain(&c->plans, &c->work, &c->work, &c->luma) : NULL;
    measure_alone(c, &c->luma, plain, c->own);
    c->profile = (struct profile){0};
    if (plain) {
        c->spectrum = spectrum_windowed(&c->keep, &c->work, &c->grid, plain);
        profile_measure(&c->grid, NULL, c->spectrum, &c->profile);
    }
    scratch_release(&c->work, mark);
}

void metrics_of_reference(const struct metrics_context *context, double values[METRIC_COUNT],
                          struct profile *profile) {
    assert(context->has_reference);
    memcpy(values, context->own, sizeof context->own);
    *profile = context->profile;
}

/* All channels as they are; the sums are integers, and so exact. */
static void compare_pixels(const struct metrics_context *c, const uint8_t *test, double *values) {
    size_t n = (size_t)c->width * (size_t)c->height * (size_t)c->channels;
    uint64_t absolute = 0, squared = 0;
    for (size_t i = 0; i < n; i++) {
        int d = c->pixels[i] - test[i];
        absolute += (uint64_t)(d < 0 ? -d : d);
        squared += (uint64_t)(d * d);
    }
    double mse = (double)squared / (double)n;
    values[METRIC_L1] = (double)absolute / (255 * (double)n);
    values[METRIC_RMSE] = sqrt(mse) / 255;
    if (squared) values[METRIC_PSNR] = 10 * log10(255.0 * 255.0 / mse);
}

static void compare_structure(struct metrics_context *c, const struct plane *luma,
                              const unsigned char *mask, double *values) {
    size_t n = plane_size(luma), mark = scratch_mark(&c->work);
    unsigned char *ink = SCRATCH(&c->work, unsigned char, n);
    for (size_t i = 0; i < n; i++) ink[i] = c->glyph.mask[i] | mask[i];
    struct structural s = structural_compare(&c->work, &c->structural, luma, ink);
    values[METRIC_SSIM] = s.ssim;
    values[METRIC_SSIM_INK] = s.ssim_ink;
    values[METRIC_MS_SSIM] = s.ms_ssim;
    values[METRIC_GMSD] = s.gmsd;
    scratch_release(&c->work, mark);
}

static void compare_spectra(struct metrics_context *c, const struct fft_complex *t,
                            double *values) {
    size_t mark = scratch_mark(&c->work);
    struct spectrum_sums sums = spectrum_compare(&c->work, &c->grid, c->spectrum, t);
    struct band_triple hi = bands_triple(&sums, BAND_HI);
    values[METRIC_DSNR_LO] = bands_triple(&sums, BAND_LO).dsnr;
    values[METRIC_DSNR_MID] = bands_triple(&sums, BAND_MID).dsnr;
    values[METRIC_DSNR_HI] = hi.dsnr;
    values[METRIC_GAIN_HI] = hi.gain;
    values[METRIC_CORR_HI] = hi.corr;
    struct frc frc = frc_compare(&c->work, &sums, c->width > c->height ? c->width : c->height);
    values[METRIC_FRC_AUC] = frc.auc;
    values[METRIC_FRC_CUTOFF] = frc.cutoff;
    values[METRIC_LSD] = lsd_compare(&sums);
    scratch_release(&c->work, mark);
}

static void compare_shapes(struct metrics_context *c, const struct glyph *test, double *values) {
    struct glyph_comparison g = glyph_compare(&c->work, &c->glyph, test);
    values[METRIC_IOU] = g.iou;
    values[METRIC_CHAMFER] = g.chamfer;
    values[METRIC_HD95] = g.hd95;
    values[METRIC_BF1] = g.bf1;
    values[METRIC_STROKE_RATIO] = g.stroke_ratio;
    values[METRIC_COMPONENTS_DIFF] = g.components_diff;
    values[METRIC_HOLES_DIFF] = g.holes_diff;
}

/* The luma of a flat colour is not exactly flat to the filters. */
static double ratio(double test, double reference) {
    return reference > 1e-12 ? test / reference : NAN;
}

static void compare_sharpness(struct metrics_context *c, const struct plane *luma, double *values) {
    struct sharpness s = sharpness_measure(&c->work, luma);
    values[METRIC_VARLAP_RATIO] = ratio(s.varlap, c->sharpness.varlap);
    values[METRIC_TENENGRAD_RATIO] = ratio(s.tenengrad, c->sharpness.tenengrad);
    values[METRIC_GRADIENT_RATIO] = ratio(s.gradient, c->sharpness.gradient);
}

void metrics_compare_prepared(struct metrics_context *context, const uint8_t *test,
                              double values[METRIC_COUNT], struct profile *profile) {
    struct metrics_context *c = context;
    struct plane luma = plane_luma(&c->work, test, c->width, c->height, c->channels);
    const struct fft_complex *plain = NULL, *spectrum = NULL;
    if (c->has_spectrum) plain = spectrum_plain(&c->plans, &c->work, &c->work, &luma);
    if (plain && (profile || c->has_reference))
        spectrum = spectrum_windowed(&c->work, &c->work, &c->grid, plain);
    measure_alone(c, &luma, plain, values);
    if (c->has_reference) {
        struct glyph glyph;
        glyph_describe(&c->work, &c->work, &luma, &glyph);
        compare_pixels(c, test, values);
        compare_structure(c, &luma, glyph.mask, values);
        if (spectrum) compare_spectra(c, spectrum, values);
        compare_shapes(c, &glyph, values);
        if (c->width >= 2 && c->height >= 2) compare_sharpness(c, &luma, values);
    }
    if (profile) *profile = (struct profile){0};
    if (profile && spectrum)
        profile_measure(&c->grid, c->has_reference ? c->spectrum : NULL, spectrum, profile);
    scratch_release(&c->work, 0);
}

void metrics_compare(const uint8_t *reference, const uint8_t *test, int width, int height,
                     int channels, double values[METRIC_COUNT]) {
    struct metrics_context *context = metrics_context_create();
    metrics_set_reference(context, reference, width, height, channels);
    metrics_compare_prepared(context, test, values, NULL);
    metrics_context_free(context);
}
