/* What compare and selfcheck measure images with: one of each a thread. */
#ifndef CLI_WORKERS_H
#define CLI_WORKERS_H

#include "base/pool.h"
#include "cli/options.h"
#include "image/decode.h"
#include "metrics/metrics.h"

struct workers {
    struct image_decoder *decoder;
    struct pool *pool;
    struct metrics_context **metrics; /* [pool_threads] */
};

/* As many as --threads says, or the machine has cores. The caller frees them. */
struct workers workers_start(const struct options *options);
void workers_free(struct workers *workers); /* idempotent; also of zeroes */

#endif
