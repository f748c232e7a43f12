/* Times of a run or a bench: raw samples per step of a plan, and the views of them. */
#ifndef REPORT_TIMING_H
#define REPORT_TIMING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* One step of a plan. Strings are not owned. */
struct timing_step {
    const char *op, *algorithm;
    double executed;  /* multiply-adds of one image, as the algorithm makes them */
    double effective; /* those that trace calls effective (struct macs): Winograd's algorithms, and
                         upsampling that is folded into a kernel, make fewer */
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

/* A ratio of times with its 95 % interval (NaN: of one round there is none); value 0: none. */
struct timing_ratio {
    double value, low, high;
};

struct timing_variant {
    const char *name;
    const char *architecture;       /* its hash, in hexadecimal */
    const char *runs_as;            /* the variant whose computation this one shares, or NULL */
    const struct timing_plan *plan; /* its own (bench) or that of all variants (run) */
    const int *block_of_step;       /* per step: the block of this variant, -1: not its step */
    const int *users_of_step;       /* per step: how many variants need it */
    const char *const *block_names;
    int block_count;
    int seeds;                     /* training seeds, of which the first was timed */
    double effective;              /* multiply-adds of one image, as trace counts them */
    struct timing_ratio ratio;     /* to the reference */
    double before;                 /* the baseline's median in seconds, 0: it is not in there */
    struct timing_ratio to_before; /* to the baseline */
};

/* What else went on while all was measured. Zeros: not known. */
struct timing_load {
    double wall_seconds, cpu_seconds; /* processor time of all threads */
    double load_average;              /* before it began */
    long preemptions;                 /* times that the system took a core away */
    int cores;
};

struct timing {
    const char *measured; /* "alone": each variant by itself; "together": parts of one pass */
    const char *machine, *isa;
    int threads, batch, warmup;
    int height, width;
    bool exact;                  /* only algorithms about as accurate as direct convolution */
    const char *reference;       /* the variant that ratios are to, or NULL */
    const char *baseline;        /* the file that the variants were compared with, or NULL */
    const char *baseline_doubts; /* what casts doubt on that comparison, a line each, or NULL */
    double peak;                 /* floating point operations a second at most, measured; 0: not */
    size_t weight_bytes, activation_bytes;
    size_t peak_memory; /* bytes, of the process */
    struct timing_load load;
    struct timing_variant *variants;
    int variant_count;
    const struct timing_plan *together; /* all variants in one pass */
    struct timing_ratio together_ratio; /* to the reference */
    struct timing_ratio together_share; /* of the sum of the variants' times, measured alone */
};

struct timing_summary {
    double median, min, p95;
    double spread; /* interquartile range / median */
    int outliers;  /* samples above the upper quartile by more than 3 interquartile ranges */
};
/* Of `count` samples; quantiles by linear interpolation. Zeros for none. */
struct timing_summary timing_summarize(const double *samples, int count);

/* Seconds per image of `variant`, one for each sample of its plan; the caller frees it. */
double *timing_samples(const struct timing_variant *variant);
/* Likewise of one block of it, and of a whole plan. */
double *timing_block_samples(const struct timing_variant *variant, int block);
double *timing_plan_samples(const struct timing_plan *plan);
struct timing_summary timing_variant_summary(const struct timing_variant *variant);
struct timing_summary timing_step_summary(const struct timing_plan *plan, int step);

/* Floating point operations a second, 2 for each of `effective` multiply-adds; 0 for no time. */
double timing_rate(double effective, double seconds);

/* Sets the ratio of every variant, and of all together, to variant number `reference`: the median
 * over rounds of (its time / the reference's time in the same round), with a bootstrap interval
 * over rounds (bootstrap_median). Rounds are interleaved: what slows the machine down for a while
 * slows both, and drops out. All plans have as many samples; without samples there is no ratio. */
void timing_relate(struct timing *timing, int reference);

/* What casts doubt on the times, a line each, nothing when nothing does: outliers, times that
 * scatter by more than 10 % (interquartile range / median), other programs; and baseline_doubts. */
void timing_doubts(const struct timing *timing, struct text *out);

void timing_write_json(const struct timing *timing, struct text *out); /* stridelab.timing/1 */
void timing_write_csv(const struct timing *timing, struct text *out);  /* a row a step */
void timing_write_table(const struct timing *timing, bool markdown, struct text *out);
/* Every step of every variant, block by block: operation, algorithm, time, rate. */
void timing_write_steps(const struct timing *timing, struct text *out);

#endif
