/* The outputs of one run, or of all shards of one, measured again from their files. */
#ifndef CLI_COMPARE_RUNS_H
#define CLI_COMPARE_RUNS_H

#include "cli/options.h"
#include "cli/workers.h"
#include "image/folder.h"
#include "report/run_read.h"

struct compare_runs {
    struct run_record *records; /* by shard, so in one order however they were given */
    int record_count;
    struct results results; /* of all images, in the order of a whole run */
    struct folder targets;
    struct arena arena;
};

/* Reads what the runs of the command line say they are, and with --out where their files are seen
 * from there. STATUS_BAD_INPUT unless they are parts of one run, each given once, none missing. The
 * caller frees `out` with compare_runs_free, also after a failure. */
bool compare_runs_read(const struct options *options, struct compare_runs *out, struct err *err);

/* Measures all images as `run` does: against the target where it has the size of the outputs;
 * outputs of another size than the first not at all. Images that cannot be read are left out, with
 * their error in the results; returns how many those are. */
int compare_runs_measure(struct compare_runs *runs, const struct workers *workers);

void compare_runs_free(struct compare_runs *runs); /* idempotent */

#endif
