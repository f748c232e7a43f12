#include "metrics/ladder.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/rng.h"

static const char *const NAMES[LADDER_COUNT] = {"blur", "noise", "checkerboard"};
static const double LEVELS[LADDER_COUNT][LADDER_STEPS] = {
    {0, 0.5, 1, 2}, {0, 5, 10, 20}, {0, 2, 4, 8}};

const char *ladder_name(enum ladder ladder) {
    return NAMES[ladder];
}

double ladder_level(enum ladder ladder, int step) {
    return LEVELS[ladder][step];
}

static uint8_t to_byte(double v) {
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : floor(v + 0.5));
}

static int clamp_index(int i, int n) {
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

#define BLUR_RADIUS 8 /* four times the largest sigma */

static void blur(const uint8_t *in, int w, int h, int channels, double sigma, uint8_t *out) {
    double taps[2 * BLUR_RADIUS + 1], sum = 0;
    for (int i = -BLUR_RADIUS; i <= BLUR_RADIUS; i++)
        sum += taps[i + BLUR_RADIUS] = exp(-i * i / (2 * sigma * sigma));
    for (int i = 0; i <= 2 * BLUR_RADIUS; i++) taps[i] /= sum;
    size_t row = (size_t)w * (size_t)channels;
    double *columns = mem_array(row, sizeof *columns);
    for (int y = 0; y < h; y++) {
        memset(columns, 0, row * sizeof *columns);
        for (int i = -BLUR_RADIUS; i <= BLUR_RADIUS; i++) {
            const uint8_t *from = in + (size_t)clamp_index(y + i, h) * row;
            for (size_t x = 0; x < row; x++) columns[x] += taps[i + BLUR_RADIUS] * from[x];
        }
        for (int x = 0; x < w; x++) {
            for (int c = 0; c < channels; c++) {
                double v = 0;
                for (int i = -BLUR_RADIUS; i <= BLUR_RADIUS; i++)
                    v += taps[i + BLUR_RADIUS] * columns[clamp_index(x + i, w) * channels + c];
                out[(size_t)y * row + (size_t)(x * channels + c)] = to_byte(v);
            }
        }
    }
    mem_free(columns);
}

/* A standard normal number (Box, Muller 1958). */
static double normal(struct rng *rng) {
    double u = ((double)(rng_next(rng) >> 11) + 1) / 9007199254740992.0; /* (0, 1] */
    double v = (double)(rng_next(rng) >> 11) / 9007199254740992.0;
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

void ladder_damage(enum ladder ladder, int step, const uint8_t *target, int width, int height,
                   int channels, uint64_t seed, uint8_t *out) {
    size_t n = (size_t)width * (size_t)height * (size_t)channels;
    double level = LEVELS[ladder][step];
    struct rng rng = rng_seed(seed);
    if (step == 0) {
        memcpy(out, target, n);
    } else if (ladder == LADDER_BLUR) {
        blur(target, width, height, channels, level, out);
    } else if (ladder == LADDER_NOISE) {
        for (size_t i = 0; i < n; i++) out[i] = to_byte(target[i] + level * normal(&rng));
    } else {
        for (size_t i = 0; i < n; i++) {
            size_t pixel = i / (size_t)channels;
            bool odd = ((pixel % (size_t)width) ^ (pixel / (size_t)width)) & 1;
            out[i] = to_byte(target[i] + (odd ? level : -level));
        }
    }
}

void ladder_measure(struct metrics_context *context, const uint8_t *target, int width, int height,
                    int channels, uint64_t seed, struct ladder_image *out) {
    uint8_t *damaged = mem_array((size_t)width * (size_t)height * (size_t)channels, 1);
    metrics_set_reference(context, target, width, height, channels);
    for (int l = 0; l < LADDER_COUNT; l++) {
        for (int s = 0; s < LADDER_STEPS; s++) {
            ladder_damage((enum ladder)l, s, target, width, height, channels, seed, damaged);
            metrics_compare_prepared(context, damaged, out->values[l][s], NULL);
        }
    }
    mem_free(damaged);
}

/* NaN steps are left out only where a metric cannot have a value: psnr of equal images. */
static int first_step(enum metric metric) {
    return metric == METRIC_PSNR ? 1 : 0;
}

static bool applies(const struct ladder_image *image, enum ladder ladder, enum metric metric) {
    for (int s = first_step(metric); s < LADDER_STEPS; s++)
        if (isnan(image->values[ladder][s][metric])) return false;
    return true;
}

static void judge_one(const struct ladder_image *images, int count, enum ladder ladder,
                      enum metric metric, struct ladder_metric *out) {
    double oriented[LADDER_STEPS] = {0};
    double *means = out->means[ladder];
    for (int i = 0; i < count; i++) {
        if (!applies(&images[i], ladder, metric)) continue;
        out->images[ladder]++;
        for (int s = 0; s < LADDER_STEPS; s++) {
            double v = images[i].values[ladder][s][metric];
            means[s] += v;
            oriented[s] += metric_oriented(metric, v);
        }
    }
    bool worsens = out->images[ladder] > 0;
    for (int s = 0; s < LADDER_STEPS; s++)
        means[s] = out->images[ladder] ? means[s] / out->images[ladder] : NAN;
    for (int s = first_step(metric); s + 1 < LADDER_STEPS; s++)
        if (!(oriented[s + 1] < oriented[s])) worsens = false;
    out->worsens[ladder] = worsens;
}

/* What a perfect copy gets; NaN for psnr, which has no number then. */
static double perfect(enum metric metric) {
    switch (metric) {
    case METRIC_PSNR:
        return NAN;
    case METRIC_DSNR_LO:
    case METRIC_DSNR_MID:
    case METRIC_DSNR_HI:
        return METRIC_DSNR_CAP;
    case METRIC_FRC_CUTOFF:
        return 0.5;
    default:
        return metric_info(metric)->ideal == IDEAL_HIGHEST ? 1 : 0;
    }
}

/* A metric may not apply to an image, but where it does a copy is perfect. */
static bool exact_on(const struct ladder_image *image, enum metric metric) {
    double v = image->values[LADDER_BLUR][0][metric], want = perfect(metric);
    return isnan(v) || v == want;
}

void ladder_judge(const struct ladder_image *images, int count,
                  struct ladder_metric out[METRIC_COUNT]) {
    memset(out, 0, METRIC_COUNT * sizeof *out);
    for (int m = 0; m < METRIC_COUNT; m++) {
        enum metric metric = (enum metric)m;
        bool trusted = true;
        for (int l = 0; l < LADDER_COUNT; l++) {
            judge_one(images, count, (enum ladder)l, metric, &out[m]);
            trusted = trusted && out[m].worsens[l];
        }
        out[m].exact = true;
        for (int i = 0; i < count; i++)
            if (!exact_on(&images[i], metric)) out[m].exact = false;
        out[m].trusted = trusted && out[m].exact;
    }
}

static bool applies_at_all(const struct ladder_metric *m) {
    for (int l = 0; l < LADDER_COUNT; l++)
        if (m->images[l]) return true;
    return false;
}

static void put_verdict(const struct ladder_metric *m, struct text *out) {
    if (!applies_at_all(m)) {
        text_put(out, "does not apply");
        return;
    }
    if (m->trusted) {
        text_put(out, "trusted");
        return;
    }
    text_put(out, "untrusted on this data:");
    const char *before = " does not always worsen with ";
    for (int l = 0; l < LADDER_COUNT; l++) {
        if (m->worsens[l]) continue;
        text_add(out, "%s%s", before, NAMES[l]);
        before = ", ";
    }
    if (!m->exact)
        text_add(out, "%s an image against itself is not perfect", *before == ',' ? ";" : "");
}

static void put_levels(struct text *out) {
    for (int l = 0; l < LADDER_COUNT; l++)
        text_add(out, "%s%s %g, %g, %g", l ? "; " : "", NAMES[l], LEVELS[l][1], LEVELS[l][2],
                 LEVELS[l][3]);
}

void ladder_report(const struct ladder_metric metrics[METRIC_COUNT], int images, struct text *out) {
    text_add(out, "%d targets, each damaged a little more at each step: ", images);
    put_levels(out);
    text_put(out, ".\n");
    for (int m = 0; m < METRIC_COUNT; m++) {
        const struct metric_info *info = metric_info((enum metric)m);
        if (!info->better) continue;
        text_put(out, "  ");
        text_pad(out, info->name, 16);
        put_verdict(&metrics[m], out);
        text_put(out, "\n");
    }
    const double *laplacian = metrics[METRIC_VARLAP_RATIO].means[LADDER_NOISE];
    if (!isnan(laplacian[1]))
        text_add(out,
                 "Variance of the Laplacian along the noise: %.3g, %.3g, %.3g times the target's. "
                 "Sharpness\nwithout a reference cannot tell noise from detail, and is never "
                 "judged.\n",
                 laplacian[1], laplacian[2], laplacian[3]);
}
