/* What run, bench, probe and export share: a config with its weights bound, and engines for input
 * sizes, each made once. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/options.h"
#include "engine/bind.h"
#include "engine/engine.h"

/* One variant with one training seed. */
struct member {
    const struct config_variant *variant;
    int seed;
    struct binding binding;
};

struct session {
    struct config config;
    const struct config_variant **variants; /* those selected, in config order */
    int variant_count;
    struct pool *pool;
    struct binder *binder;
    struct member *members; /* variant by variant, seed by seed; only those that fit */
    int member_count;
    int misfits; /* variants whose shapes do not fit at the size of session_bind */
    enum isa isa;
    int batch;
    int label; /* -1: each image brings its own; -2: the config's */
    bool exact;
    bool one_plan; /* the next plan is the last: weights are given to it as they are packed */
    struct planned *planned; /* engines by input size, the newest first */
};

/* All members at one input size. */
struct planned {
    struct extent size;
    struct graph graph;
    struct net *nets; /* per member */
    int member_count;
    int *root_of; /* per member: its place among roots */
    int *runs_as; /* per member: the earliest member with the same root */
    int *roots;
    int root_count;
    struct engine *engine;
    bool kept; /* not dropped to make room for another size */
    struct planned *next;
};

/* Loads the config with the command line's overrides and selects the variants. */
bool session_load(const struct options *options, struct session *out, struct err *err);

/* Images have 1 or 3 channels: STATUS_BAD_INPUT for a variant that reads or gives another number.
 */
bool session_check_images(const struct session *session, struct err *err);

/* Makes the threads and binds every variant that fits at `size`: STATUS_BAD_INPUT with all
 * problems of all weights at once. */
bool session_bind(struct session *session, const struct options *options, struct extent size,
                  struct err *err);

/* Adds STATUS_FAILED for each of the misfits at that size, and why it does not fit. */
void session_tell_misfits(const struct session *session, struct extent size, struct err *err);

/* runs_as[member]: the earliest member whose computation, weights by content, this one shares at
 * `size`, or itself. */
bool session_shared(struct session *session, struct extent size, int *runs_as, struct err *err);

/* The plan of all members for `size`, kept for the next call. NULL when a member does not fit this
 * size or the plan is over the memory limit. */
struct planned *session_plan(struct session *session, struct extent size, struct err *err);

/* A plan of its own of members first .. first + count - 1 (bench: one variant alone); the caller
 * frees it. */
struct planned *session_plan_members(struct session *session, struct extent size, int first,
                                     int count, struct err *err);
void planned_free(struct planned *planned); /* NULL is fine */

void session_free(struct session *session); /* idempotent */

#endif
