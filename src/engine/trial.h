/* A graph on a few random images by the engine, against the reference and against itself, for
 * tests. */
#ifndef ENGINE_TRIAL_H
#define ENGINE_TRIAL_H

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/hash.h"
#include "engine/engine.h"
#include "engine/ref.h"

static uint64_t random_state;

/* Starts the random numbers from STRIDELAB_SEED or else from the time, and says it. */
static inline void trial_seed(void) {
    const char *given = getenv("STRIDELAB_SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STRIDELAB_SEED=%llu\n", (unsigned long long)random_state);
}

static inline uint64_t random_next(void) {
    return hash_mix(random_state += 0x9E3779B97F4A7C15u);
}

static inline int pick(int low, int high) { /* both included */
    return low + (int)(random_next() % (uint64_t)(high - low + 1));
}

static inline float random_float(void) { /* in [-1, 1) */
    return (float)(int32_t)(random_next() >> 32) * 0x1p-31f;
}

static inline size_t floats_of(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

#define IMAGES 3
#define ROOTS  3

struct trial { /* set the graph, its roots and the shape of its input */
    const struct graph *graph;
    int roots[ROOTS], root_count;
    struct shape input;
    int labels[IMAGES];
    float *images[IMAGES];
    float *expected[ROOTS * IMAGES], *got[ROOTS * IMAGES]; /* [root * IMAGES + image] */
    size_t spoilt; /* floats of weights that were overwritten as they were packed */
};

static inline size_t trial_floats(const struct trial *t, int root) {
    return floats_of(t->graph->nodes[t->roots[root]].out);
}

/* Makes the images, and by the reference what is expected of them. */
static inline void trial_start(struct trial *t) {
    for (int i = 0; i < IMAGES; i++) {
        t->labels[i] = i;
        t->images[i] = mem_array(floats_of(t->input), sizeof(float));
        for (size_t k = 0; k < floats_of(t->input); k++) t->images[i][k] = random_float();
        float *outputs[ROOTS];
        for (int r = 0; r < t->root_count; r++) {
            t->expected[r * IMAGES + i] = outputs[r] = mem_array(trial_floats(t, r), sizeof(float));
            t->got[r * IMAGES + i] = mem_array(trial_floats(t, r), sizeof(float));
        }
        ref_run(t->graph, t->roots, t->root_count, t->images[i], i, outputs, NULL, NULL);
    }
}

static inline void trial_end(struct trial *t) {
    for (int i = 0; i < IMAGES; i++) {
        mem_free(t->images[i]);
        for (int r = 0; r < t->root_count; r++) {
            mem_free(t->expected[r * IMAGES + i]);
            mem_free(t->got[r * IMAGES + i]);
        }
    }
}

/* Runs the first `count` images; outputs[root * count + image]. */
static inline void trial_run(const struct trial *t, const int *roots, int root_count,
                             struct engine_options options, int count, float *const *outputs) {
    struct err err = {0};
    options.batch = IMAGES;
    struct engine *e = engine_create(t->graph, roots, root_count, &options, &err);
    REQUIRE(e != NULL);
    const float *images[IMAGES];
    for (int i = 0; i < IMAGES; i++) images[i] = t->images[i];
    engine_run(e, images, t->labels, count, outputs, NULL);
    engine_free(e);
    err_free(&err);
}

static inline double largest(const float *x, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs((double)x[i]));
    return most;
}

static inline bool trial_is_close(const struct trial *t, double tolerance) {
    for (int r = 0; r < t->root_count; r++)
        for (int i = 0; i < IMAGES; i++) {
            const float *want = t->expected[r * IMAGES + i], *got = t->got[r * IMAGES + i];
            double scale = 1 + largest(want, trial_floats(t, r));
            for (size_t k = 0; k < trial_floats(t, r); k++) {
                double error = fabs((double)want[k] - (double)got[k]) / scale;
                if (error <= tolerance) continue;
                printf("root %d image %d place %zu: %g instead of %g\n", r, i, k, (double)got[k],
                       (double)want[k]);
                return false;
            }
        }
    return true;
}

/* Every root alone, on another number of threads, with a partly filled batch: the same bits. */
static inline bool trial_same_alone(const struct trial *t, struct engine_options options,
                                    struct pool *pool) {
    bool same = true;
    options.pool = pool;
    for (int r = 0; r < t->root_count; r++) {
        float *outputs[IMAGES];
        size_t bytes = trial_floats(t, r) * sizeof(float);
        int count = IMAGES - 1;
        for (int i = 0; i < count; i++) outputs[i] = mem_alloc(bytes);
        trial_run(t, &t->roots[r], 1, options, count, outputs);
        for (int i = 0; i < count; i++) {
            same &= memcmp(outputs[i], t->got[r * IMAGES + i], bytes) == 0;
            mem_free(outputs[i]);
        }
    }
    return same;
}

/* Overwrites weights as soon as they are said to be spent. */
static inline struct pages spoil(void *context, const float *data, size_t count) {
    for (size_t i = 0; i < count; i++) ((float *)data)[i] = NAN;
    *(size_t *)context += count;
    return (struct pages){0};
}

/* All of the above with every instruction set. The graph's weights are spent afterwards. */
static inline void trial_check(struct trial *t, double tolerance, struct pool *pool,
                               const char *what) {
    trial_start(t);
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        struct engine_options options = {.isa = isa};
        trial_run(t, t->roots, t->root_count, options, IMAGES, t->got);
        bool close = trial_is_close(t, tolerance), same = trial_same_alone(t, options, pool);
        if (!close || !same) printf("%s, %s\n", what, isa_name(isa));
        CHECK(close);
        CHECK(same);
    }
    struct engine_options reference = {.isa = ISA_REF, .pool = pool};
    trial_run(t, t->roots, t->root_count, reference, IMAGES, t->got);
    CHECK(trial_is_close(t, 0));
    t->spoilt = 0;
    struct engine_options spoiling = {
        .isa = isa_detect(), .pool = pool, .spent = spoil, .spent_context = &t->spoilt};
    trial_run(t, t->roots, t->root_count, spoiling, IMAGES, t->got);
    CHECK(trial_is_close(t, tolerance));
    trial_end(t);
}

#endif
