/* Image metrics on 8-bit images as saved (metrics.md): reference r, test t, same size. Colour: l1,
 * rmse and psnr over all channels, the others on luma Y = 0.299 R + 0.587 G + 0.114 B in double.
 * All sums are double in row-major order, so values do not depend on threads. */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

enum metric {
    METRIC_L1, METRIC_RMSE, METRIC_PSNR, METRIC_SSIM, METRIC_SSIM_INK, METRIC_MS_SSIM, METRIC_GMSD,
    METRIC_DSNR_LO, METRIC_DSNR_MID, METRIC_DSNR_HI, METRIC_GAIN_HI, METRIC_CORR_HI,
    METRIC_FRC_AUC, METRIC_FRC_CUTOFF, METRIC_LSD, METRIC_CBI2, METRIC_CB_PEAK,
    METRIC_IOU, METRIC_CHAMFER, METRIC_HD95, METRIC_BF1, METRIC_STROKE_RATIO,
    METRIC_COMPONENTS_DIFF, METRIC_HOLES_DIFF, METRIC_VARLAP_RATIO, METRIC_TENENGRAD_RATIO,
    METRIC_GRADIENT_RATIO,
    METRIC_COUNT
};

struct metric_info {
    const char *name;  /* the column of metrics.csv */
    const char *title; /* a few words for a report */
    const char *unit;  /* "dB", "px", "" */
    int better;        /* +1 higher, -1 lower, 0 descriptive, never judged */
    double margin;     /* default equivalence margin; 0: none */
};
const struct metric_info *metric_info(enum metric metric);
/* The metric of that column name, or -1. */
int metric_find(const char *name);

/* All metrics of one image; NaN where one does not apply (too small, empty band, identical for dB
 * metrics). `channels` is 1 or 3, interleaved; `reference` NULL leaves all but those that need none
 * NaN. */
void metrics_compare(const uint8_t *reference, const uint8_t *test, int width, int height,
                     int channels, double values[METRIC_COUNT]);

#endif
