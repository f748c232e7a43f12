/* What is wrong between a checkpoint and a variant, reported at once (private to bind). */
#ifndef ENGINE_BIND_PROBLEMS_H
#define ENGINE_BIND_PROBLEMS_H

#include "engine/bind_map.h"

enum bind_problem_kind {
    PROBLEM_MISSING,    /* the file has no tensor for the slot */
    PROBLEM_UNEXPECTED, /* nothing reads the tensor */
    PROBLEM_SHAPE,      /* slot and tensor differ in shape */
    PROBLEM_DTYPE,      /* the tensor is not of floating point */
    PROBLEM_TWICE,      /* two slots read the tensor */
    PROBLEM_KINDS
};

struct bind_problem {
    enum bind_problem_kind kind;
    const struct slot *slot;     /* NULL when unexpected */
    const struct tensor *tensor; /* NULL when missing */
    const char *expected;        /* missing: the name looked for, or NULL */
};

struct bind_problems { /* start it zeroed */
    struct bind_problem *items;
    size_t count, capacity;
    int counts[PROBLEM_KINDS];
};
void bind_problems_add(struct bind_problems *problems, struct bind_problem problem);
void bind_problems_free(struct bind_problems *problems);

/* Adds one message for each problem (of many of a kind, the first), then the likely causes;
 * returns false. `problems` has at least one. */
bool bind_problems_report(const struct bind_problems *problems, const struct checkpoint *checkpoint,
                          const struct config_variant *variant, struct err *err);

/* Adds "likely cause: ..." messages (bind_causes.c). */
void bind_problems_causes(const struct bind_problems *problems, const struct checkpoint *checkpoint,
                          const struct config_variant *variant, struct err *err);

#endif
