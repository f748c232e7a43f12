#include "kernels/peak.h"

#include "base/clock.h"
#include "base/mem.h"
#include "kernels/kernels.h"

#define STRETCHES       5
#define STRETCH_SECONDS 4e-3
#define ROUNDS          5000 /* between two looks at the clock: some 10 microseconds */

struct stretch {
    const struct kernels *kernels;
    double end;
    double *operations; /* by thread that was asked */
};

/* A thread that comes late does less; one that gets a second index finds the time over. */
static void work(void *context, int index, int worker) {
    (void)worker;
    struct stretch *stretch = context;
    double operations = 0;
    do operations += stretch->kernels->peak(ROUNDS);
    while (clock_seconds() < stretch->end);
    stretch->operations[index] = operations;
}

double peak_measure(enum isa isa, struct pool *pool) {
    int threads = pool_threads(pool);
    double best = 0;
    struct stretch stretch = {kernels_for(isa), 0,
                              mem_array((size_t)threads, sizeof *stretch.operations)};
    for (int s = 0; s < STRETCHES; s++) {
        double start = clock_seconds(), operations = 0;
        stretch.end = start + STRETCH_SECONDS;
        pool_run(pool, work, &stretch, threads);
        double seconds = clock_seconds() - start;
        for (int t = 0; t < threads; t++) operations += stretch.operations[t];
        if (operations > best * seconds) best = operations / seconds;
    }
    mem_free(stretch.operations);
    return best;
}
