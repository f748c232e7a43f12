/* Image metrics on 8-bit images as saved: reference r, test t, same size. Colour: l1, rmse and psnr
 * over all channels, the others on luma Y = 0.299 R + 0.587 G + 0.114 B in double. The range is 255
 * always, never that of the data. All sums are double in a fixed order, so values do not depend on
 * threads. */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "metrics/profile.h"

enum metric {
    METRIC_L1,
    METRIC_RMSE,
    METRIC_PSNR,
    METRIC_SSIM,
    METRIC_SSIM_INK,
    METRIC_MS_SSIM,
    METRIC_GMSD,
    METRIC_DSNR_LO,
    METRIC_DSNR_MID,
    METRIC_DSNR_HI,
    METRIC_GAIN_HI,
    METRIC_CORR_HI,
    METRIC_FRC_AUC,
    METRIC_FRC_CUTOFF,
    METRIC_LSD,
    METRIC_CBI2,
    METRIC_CB_PEAK,
    METRIC_IOU,
    METRIC_CHAMFER,
    METRIC_HD95,
    METRIC_BF1,
    METRIC_STROKE_RATIO,
    METRIC_COMPONENTS_DIFF,
    METRIC_HOLES_DIFF,
    METRIC_VARLAP_RATIO,
    METRIC_TENENGRAD_RATIO,
    METRIC_GRADIENT_RATIO,
    METRIC_COUNT
};

/* Where the best value lies. */
enum metric_ideal { IDEAL_HIGHEST, IDEAL_LOWEST, IDEAL_ZERO, IDEAL_ONE };

struct metric_info {
    const char *name;  /* the column of metrics.csv */
    const char *title; /* a few words for a report */
    const char *unit;  /* "dB", "px", "" */
    int better;        /* +1 higher, -1 lower (IDEAL_ZERO: in absolute value), 0 descriptive, never
                          judged */
    double margin;     /* default equivalence margin; 0: none */
    enum metric_ideal ideal;
};
const struct metric_info *metric_info(enum metric metric);
/* The metric of that column name, or -1. */
int metric_find(const char *name);

/* The value on a scale where more is better, for differences: the value itself, its negative, or
 * minus its distance from the ideal (|v|, or |ln v| for ratios). NaN stays NaN. */
double metric_oriented(enum metric metric, double value);

/* dsnr_* never exceeds this many dB, also for an image equal to its reference. */
#define METRIC_DSNR_CAP 60.0

/* Scratch memory, transforms and the reference's share of the work, so that several variants are
 * compared with one reference for the price of one preparation. One context a thread. */
struct metrics_context;
struct metrics_context *metrics_context_create(void);
void metrics_context_free(struct metrics_context *context); /* NULL is fine */

/* Sets what the following tests are compared with: `channels` 1 or 3, interleaved, copied.
 * `reference` NULL: there is none, only the size is set. */
void metrics_set_reference(struct metrics_context *context, const uint8_t *reference, int width,
                           int height, int channels);

/* What the reference last set would give as a test without a reference. */
void metrics_of_reference(const struct metrics_context *context, double values[METRIC_COUNT],
                          struct profile *profile);

/* All metrics of one image of the size and channels last set; NaN where one does not apply (too
 * small, an empty band, no ink; psnr of an image equal to its reference, whose l1 is 0). Without a
 * reference only cbi2 and cb_peak apply. `profile` may be NULL. */
void metrics_compare_prepared(struct metrics_context *context, const uint8_t *test,
                              double values[METRIC_COUNT], struct profile *profile);

/* The same for one pair, with a context of its own. */
void metrics_compare(const uint8_t *reference, const uint8_t *test, int width, int height,
                     int channels, double values[METRIC_COUNT]);

#endif
