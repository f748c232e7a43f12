/* A bench's times against those of an earlier one: what `stridelab bench --format json` wrote. */
#ifndef REPORT_BASELINE_H
#define REPORT_BASELINE_H

#include "base/err.h"
#include "base/mem.h"
#include "report/timing.h"

/* With fewer samples on either side an interval is too narrow to be a gate: see
 * bootstrap_median_ratio. */
#define BASELINE_FEWEST 5

struct baseline_variant {
    const char *name, *architecture;
    double *samples; /* seconds per image, all positive */
    int count;       /* at least 1 */
};

/* Start it zeroed. */
struct baseline {
    const char *path;
    const char *machine, *isa;
    int threads, batch, height, width;
    bool exact;
    struct baseline_variant *variants;
    int variant_count;
    struct arena arena;
};

/* Reads a document of kind stridelab.timing/1 whose variants were measured alone; a run's
 * timing.json is refused, as its variants share one pass. STATUS_BAD_INPUT with line and column of
 * what is wrong. The caller frees `out` with baseline_free, also after a failure. */
bool baseline_read(const char *path, struct baseline *out, struct err *err);
void baseline_free(struct baseline *baseline); /* idempotent */

/* Whether `timing`, before anything is measured, is of the same conditions. STATUS_BAD_INPUT when
 * size, batch, threads, instruction set or --exact are others, when no variant has a namesake, and
 * with `gate` when one in the baseline has under BASELINE_FEWEST samples. What only casts doubt is
 * appended to `doubts`, a line each: another machine, another architecture, a variant without a
 * namesake. */
bool baseline_check(const struct baseline *baseline, const struct timing *timing, bool gate,
                    struct text *doubts, struct err *err);

/* Sets every variant's ratio to its namesake: median now / median then, with a bootstrap interval
 * over the samples of both (bootstrap_median_ratio). The interval knows the scatter within the two
 * measurements, not what changed on the machine between them. */
void baseline_relate(const struct baseline *baseline, struct timing *timing);

/* Whether the whole interval lies above 1 + percent / 100: slower by more, beyond its scatter. */
bool baseline_slower(struct timing_ratio ratio, double percent);

#endif
