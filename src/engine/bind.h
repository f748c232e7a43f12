/* A checkpoint's tensors to the graph's weights: names, shapes, and where each value came from. */
#ifndef ENGINE_BIND_H
#define ENGINE_BIND_H

#include "base/pool.h"
#include "config/config.h"
#include "net/net.h"
#include "weights/checkpoint.h"

enum origin { ORIGIN_TRAINED, ORIGIN_TRANSPLANTED, ORIGIN_INITIALISED, ORIGIN_RANDOM };
const char *bind_origin_name(enum origin origin);

/* One weight of a variant. */
struct bound {
    struct slot slot;      /* name, shape, role, data, content */
    const char *file_name; /* the tensor's name in the file, NULL when made here */
    const char *file;      /* the checkpoint, NULL when made here */
    enum init init;        /* when made by the config's "init" */
};

/* All weights of one variant and one training seed. */
struct binding {
    struct bound *weights; /* in the order of net.slots */
    int count;
    enum origin origin;
    int initialised; /* how many were made by "init" */
    struct arena arena;
};

/* Checkpoints opened so far, each read once however many variants name it; and the arrays made
 * here. */
struct binder;
struct binder *binder_create(struct pool *pool);
void binder_free(struct binder *binder); /* NULL is fine; bound data dies with it */
/* Gives the binder a checkpoint that is open already, found by its path from then on; it is the
 * binder's, and *checkpoint is empty afterwards. */
void binder_add(struct binder *binder, struct checkpoint *checkpoint);
/* Gives floats that lie in one of its checkpoints away (checkpoint_give); for struct
 * engine_options, whose context is then the binder. */
struct pages binder_give(void *binder, const float *data, size_t count);
/* Sets the digests of all its checkpoints (checkpoint_digest). */
bool binder_digest(struct binder *binder, struct err *err);
int binder_file_count(const struct binder *binder);
const struct checkpoint *binder_file(const struct binder *binder, int index);

/* Binds variant `variant`, built (unbound) as `net` in `graph`, to its weights number `seed`
 * (in [0, weights_count), or 0 without any). Every missing, unexpected and mis-shaped tensor is
 * reported at once with the likely cause: STATUS_BAD_INPUT. A tensor that
 * the file lacks, or has in another shape, is made when the variant's init says how. The caller
 * frees `out`, which is empty after a failure. */
bool binder_bind(struct binder *binder, const struct config *config,
                 const struct config_variant *variant, int seed, const struct graph *graph,
                 const struct net *net, struct binding *out, struct err *err);
void binding_free(struct binding *binding); /* idempotent */

/* For net_build: a net_bind_slot whose context is a `struct binding *`. */
bool bind_slot(void *binding, struct slot *slot, struct err *err);

/* The value number `index` of the random tensor `name` before it is scaled: in [-1, 1), an exact
 * multiple of 2^-23; the stated integer hash of (seed, name, index). */
float bind_random(uint64_t seed, const char *name, size_t index);

#endif
