/* Times of a run or a bench: raw samples per step of a plan, and the views of them. */
#ifndef REPORT_TIMING_H
#define REPORT_TIMING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* One step of a plan. Strings are not owned. */
struct timing_step {
    const char *op, *algorithm;
    double macs; /* of one image, as executed */
};

/* The samples of one plan. */
struct timing_plan {
    struct timing_step *steps;
    int step_count;
    double *seconds; /* [sample][step], of one image */
    int sample_count;
    size_t capacity;
};
/* Appends a sample: step_count seconds of a batch of `images`. */
void timing_add(struct timing_plan *plan, const double *seconds, int images);
void timing_plan_free(struct timing_plan *plan); /* idempotent */

struct timing_variant {
    const char *name;
    const char *runs_as;            /* the variant whose computation this one shares, or NULL */
    const struct timing_plan *plan; /* its own (bench) or that of all variants (run) */
    const int *block_of_step;       /* per step: the block of this variant, -1: not its step */
    const int *users_of_step;       /* per step: how many variants need it */
    const char *const *block_names;
    int block_count;
    double gmacs; /* of one image, counted at the input of transposed convolutions */
};

struct timing {
    const char *measured; /* "alone": each variant by itself; "together": parts of one pass */
    const char *machine, *isa;
    int threads, batch, warmup;
    size_t weight_bytes, activation_bytes;
    struct timing_variant *variants;
    int variant_count;
    const struct timing_plan *together; /* all variants in one pass */
};

struct timing_summary {
    double median, min, p95;
};
/* Of `count` samples; quantiles by linear interpolation. Zeros for none. */
struct timing_summary timing_summarize(const double *samples, int count);

/* Seconds per image of `variant`, one for each sample of its plan; the caller frees it. */
double *timing_samples(const struct timing_variant *variant);
/* Likewise of a whole plan. */
double *timing_plan_samples(const struct timing_plan *plan);

void timing_write_json(const struct timing *timing, struct text *out); /* stridelab.timing/1 */
void timing_write_csv(const struct timing *timing, struct text *out);  /* a row a step */
void timing_write_table(const struct timing *timing, bool markdown, struct text *out);
/* Every step of every variant: block, operation, algorithm, time, rate. */
void timing_write_steps(const struct timing *timing, struct text *out);

#endif
