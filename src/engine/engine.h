/* The engine: a plan of the bound graph, and its execution over images. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/pages.h"
#include "base/pool.h"
#include "kernels/isa.h"
#include "net/graph.h"

struct engine_options {
    enum isa isa;          /* a ceiling; ISA_REF runs ref.c */
    int batch;             /* images that go through together; at least 1 */
    bool exact;            /* only algorithms about as accurate as the direct one */
    const char *algorithm; /* forced by name, for tests and bench; NULL: chosen */
    struct pool *pool;     /* may be NULL: one thread */
    size_t memory_limit;   /* bytes; 0: what the machine has */
    /* Asked, when `count` floats of a convolution's kernel are packed and this plan reads neither
     * them nor what overlaps them again, for the pages that the engine may take over. NULL: none.
     */
    struct pages (*spent)(void *context, const float *data, size_t count);
    void *spent_context;
};

/* What a step of the plan is, for timing and the printed plan. */
struct engine_step {
    int node;              /* the graph node whose result the step stores */
    int head;              /* the convolution that takes its norm along in one step; else = node */
    const char *algorithm; /* "direct", "f3x2 shared", "resize", ... */
    double macs;           /* of one image, as executed */
    double effective;      /* of one image, as struct macs counts them (net/facts.h) */
};

struct engine;

/* Plans the nodes that `roots` need: algorithms, packed weights, a place in the arena for every
 * result. Nothing is allocated after this. Slots must be bound; their data may be freed when this
 * returns. NULL and STATUS_LIMIT when the plan would not fit the memory limit, STATUS_BAD_INPUT
 * when there is no algorithm of the forced name. */
struct engine *engine_create(const struct graph *graph, const int *roots, int root_count,
                             const struct engine_options *options, struct err *err);
/* The bytes that the same plan would take, without taking them; SIZE_MAX when there is none. No
 * weights are packed for it. */
size_t engine_memory(const struct graph *graph, const int *roots, int root_count,
                     const struct engine_options *options);
void engine_free(struct engine *engine); /* NULL is fine */

int engine_step_count(const struct engine *engine);
const struct engine_step *engine_step(const struct engine *engine, int step);
size_t engine_weight_bytes(const struct engine *engine);
size_t engine_activation_bytes(const struct engine *engine);

/* Runs `count` images (1 .. batch), each [c, h, w] floats, with one label each (NULL: none needed).
 * outputs[root * count + image] receives [c, h, w] floats. `seconds`, when not NULL, receives the
 * wall time of each step for the whole batch; steps that run as one have equal shares. Outputs are
 * bit for bit the same for any number of threads, any company of other roots, and any fill of the
 * batch. */
void engine_run(struct engine *engine, const float *const *images, const int *labels, int count,
                float *const *outputs, double *seconds);

#endif
