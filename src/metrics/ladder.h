/* Do the metrics behave on this data? Known damage is done to the user's own targets, a little more
 * at each step; a judged metric must get strictly worse along each ladder, or it is not to be
 * trusted here. */
#ifndef METRICS_LADDER_H
#define METRICS_LADDER_H

#include "base/text.h"
#include "metrics/metrics.h"

enum ladder {
    LADDER_BLUR,         /* Gaussian of sigma 0.5, 1, 2 px, the border repeated */
    LADDER_NOISE,        /* Gaussian of standard deviation 5, 10, 20 levels, the same draw scaled */
    LADDER_CHECKERBOARD, /* +-2, 4, 8 levels, period 2 */
    LADDER_COUNT
};
#define LADDER_STEPS 4 /* step 0 is the target itself */

const char *ladder_name(enum ladder ladder);
double ladder_level(enum ladder ladder, int step);

/* The target damaged by `step` of a ladder, clamped and rounded to 8 bits; `out` has the size of
 * `target`. `seed` chooses the noise. */
void ladder_damage(enum ladder ladder, int step, const uint8_t *target, int width, int height,
                   int channels, uint64_t seed, uint8_t *out);

/* All metrics of one target's ladders against the target. */
struct ladder_image {
    double values[LADDER_COUNT][LADDER_STEPS][METRIC_COUNT];
};
void ladder_measure(struct metrics_context *context, const uint8_t *target, int width, int height,
                    int channels, uint64_t seed, struct ladder_image *out);

struct ladder_metric {
    int images[LADDER_COUNT];                 /* where the metric applies at every step */
    double means[LADDER_COUNT][LADDER_STEPS]; /* over those; NaN at step 0 for psnr */
    bool worsens[LADDER_COUNT];               /* strictly, at every step, in the mean */
    bool exact;   /* a target against itself is perfect, to the bit, on every image */
    bool trusted; /* exact, and worsens along every ladder */
};
/* out[METRIC_COUNT], meaningful for judged metrics. */
void ladder_judge(const struct ladder_image *images, int count,
                  struct ladder_metric out[METRIC_COUNT]);

/* The verdicts in words, one line a metric, and how variance of the Laplacian rises with noise. */
void ladder_report(const struct ladder_metric metrics[METRIC_COUNT], int images, struct text *out);

#endif
