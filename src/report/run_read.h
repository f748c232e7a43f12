/* A run's folder read back: what run.json says of it. */
#ifndef REPORT_RUN_READ_H
#define REPORT_RUN_READ_H

#include "report/compare.h"

struct run_record {
    const char *dir;
    const char *config_name, *config_sha256;
    const char *primary, *reference; /* of the config's `compare`; NULL: not given */
    const struct config_margin *margins;
    int margin_count;
    const struct compare_member *members;
    int member_count;
    const char *const *images; /* stems, in the order of the run */
    int image_count;
    int shard, shards; /* 0: the run was whole */
    struct arena arena;
};

/* Reads `dir`/run.json: STATUS_BAD_INPUT when it is not what a run writes. The caller frees `out`
 * with run_record_free, also after a failure. */
bool run_read(const char *dir, struct run_record *out, struct err *err);
void run_record_free(struct run_record *record); /* idempotent */

/* False with a message naming the field unless the two are parts of one run: the same config and
 * the same variants. */
bool run_read_same(const struct run_record *a, const struct run_record *b, struct err *err);

#endif
