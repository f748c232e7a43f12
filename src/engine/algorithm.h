/* The algorithms for a convolution. Each has its own order of weights, and computes every output by
 * one fixed chain of operations, whatever the threads, the rows that share a tile, and the step
 * that a partial sum was made in. */
#ifndef ENGINE_ALGORITHM_H
#define ENGINE_ALGORITHM_H

#include "engine/pack.h"
#include "engine/plan.h"

/* How far results lie from those in double, beside the direct sum's, in rms and of whole networks
 * (SPEED.md has the numbers). */
enum accuracy {
    ACCURACY_DIRECT, /* about as far: up to 1.3 times */
    ACCURACY_USUAL,  /* some two times, three with pixel shuffle */
    ACCURACY_COARSE  /* some four times: only when it is asked for by name */
};

struct algorithm {
    const char *name;
    enum accuracy accuracy;
    int m, taps;                /* Winograd F(m, taps) */
    bool planar_in, planar_out; /* it can read, and write, planar maps */
    bool reads_relu;            /* it can read inputs through max(x, 0) */
    bool shared;   /* Winograd: all phases of a transposed convolution from one input tile */
    bool streamed; /* Winograd: packed weights are not transformed, but are for every use */
    bool siblings; /* it can run several steps as one */
    bool (*fits)(const struct algorithm *algorithm, const struct conv *conv);
    /* Makes the maps of `conv`, in the engine's memory. */
    void (*map)(struct engine *engine, struct conv *conv);
    /* Sets packed->count, offset and panels. */
    void (*measure)(const struct engine *engine, const struct conv *conv, struct packed *packed);
    /* Fills packed->w, which holds anything, with the weights of packed->conv. */
    void (*pack)(struct engine *engine, const struct packed *packed);
    /* Floats that a step and its siblings need: of each worker, and of all (NULL: none). */
    size_t (*scratch)(const struct engine *engine, const struct step *step);
    size_t (*shared_floats)(const struct engine *engine, const struct step *step);
    size_t (*partial)(const struct engine *engine, const struct conv *conv); /* floats an image */
    /* Multiplies of one image, for the parts that `conv` does. */
    double (*macs)(const struct engine *engine, const struct conv *conv);
    step_run *run;
};

extern const struct algorithm algorithm_direct, algorithm_gathered, algorithm_spread;
extern const struct algorithm algorithm_winograd[];
extern const int algorithm_winograd_count;

/* The algorithm of that name, or NULL. */
const struct algorithm *algorithm_find(const char *name);
int algorithm_count(void);
const struct algorithm *algorithm_at(int index);

/* cost.c: the fastest that fits, by geometry, instruction set and batch. */
const struct algorithm *algorithm_choose(const struct engine *engine, const struct conv *conv,
                                         bool planar);
/* Whether the batch goes through together: reading the weights again for each image would cost more
 * than the larger maps do. */
bool algorithm_together(const struct engine *engine, const struct conv *conv);
#define SIBLINGS_MOST 8
/* How many steps that read the same weights had better run as one; 1 where maps are larger. Unlike
 * the algorithm, this may depend on anything: it does not change a bit of a result. */
int algorithm_siblings(const struct engine *engine, const struct conv *conv);

#endif
