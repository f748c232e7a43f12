/* Measuring for `bench`: every variant alone and all together, in alternation. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "cli/session.h"
#include "report/timing.h"

struct bench_subject; /* a plan that is measured: a variant alone, or all together */

/* Start it zeroed but for options and session, whose members are bound. */
struct bench {
    const struct options *options;
    struct session session;
    struct bench_subject *subjects; /* the last one is all together */
    int subject_count;
    struct timing timing; /* what was measured; arrays in `arena` */
    char machine[256];
    struct arena arena;
};

/* Plans everything and fills in of `timing` what is known before anything is measured. Of a variant
 * with several training seeds the first is measured: weights do not change the time. */
bool bench_prepare(struct bench *bench, struct extent size, struct err *err);

/* Runs `warmup` rounds that do not count and `runs` that do, each of all subjects in turn, until a
 * signal comes; and measures the processor's peak before and after. */
void bench_measure(struct bench *bench, int runs, int warmup);

void bench_free(struct bench *bench); /* idempotent; the session too */

#endif
