#include "cli/workers.h"

#include "base/machine.h"
#include "base/mem.h"

struct workers workers_start(const struct options *options) {
    int threads = options->threads > 0 ? options->threads : machine_cores();
    struct workers w = {.decoder = decoder_create(threads)}; /* forks, before threads are made */
    w.pool = pool_create(threads);
    w.metrics = mem_array((size_t)threads, sizeof *w.metrics);
    for (int t = 0; t < threads; t++) w.metrics[t] = metrics_context_create();
    return w;
}

void workers_free(struct workers *workers) {
    for (int t = 0; workers->metrics && t < pool_threads(workers->pool); t++)
        metrics_context_free(workers->metrics[t]);
    mem_free(workers->metrics);
    pool_free(workers->pool);
    decoder_free(workers->decoder);
    *workers = (struct workers){0};
}
