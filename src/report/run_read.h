/* A run's folder read back: what run.json says of it. */
#ifndef REPORT_RUN_READ_H
#define REPORT_RUN_READ_H

#include "report/results.h"
#include "report/run_json.h"

struct run_record {
    const char *dir;
    struct config config; /* all but the variants; run_read_variants adds those that ran */
    struct result_member *members;
    const char **resolved; /* [member] its variant as a config of its own; NULL: not said */
    int member_count;
    struct result_image *images; /* in the order of the run; only what run.json says of them */
    int image_count;
    struct run_facts facts;
    struct config *parts; /* the configs that `resolved` are, see run_read_variants */
    struct arena arena;
};

/* Reads `dir`/run.json: STATUS_BAD_INPUT when it is not what a run writes. The caller frees `out`
 * with run_record_free, also after a failure. */
bool run_read(const char *dir, struct run_record *out, struct err *err);
void run_record_free(struct run_record *record); /* idempotent */

/* Fills in the variants of record->config. STATUS_BAD_INPUT when run.json has another idea of a
 * config than this program. */
bool run_read_variants(struct run_record *record, struct err *err);

/* False with a message naming the field unless the two are parts of one run: the same config, the
 * same variants, whatever the command line overrode, and the same weights. Both need their
 * variants. */
bool run_read_same(const struct run_record *a, const struct run_record *b, struct err *err);

#endif
