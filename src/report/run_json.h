/* run.json: what was run, from what, on what. */
#ifndef REPORT_RUN_JSON_H
#define REPORT_RUN_JSON_H

#include "base/text.h"
#include "report/results.h"

struct run_facts {
    const char *version, *machine, *isa, *decoder;
    const char *images, *targets; /* as on the command line, NULL without */
    const char *pairs;            /* "left", "right" or NULL */
    const char *command;          /* as typed, for a shell, or NULL; only report.html says it */
    int threads, batch;           /* 0: not said */
    int shard, shards;            /* 0 without */
    const char *folder; /* in a page about runs read back: where it is, seen from the page */
    int image_count;    /* likewise */
};

/* Config, variants, versions, hashes of config, weights and inputs, machine, threads, isa. Nothing
 * in it depends on how far the run is: --resume compares it. */
void run_json_write(const struct results *results, const struct run_facts *facts, struct text *out);

#endif
