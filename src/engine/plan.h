/* The plan: steps in order, tensors with places in one arena, packed weights. Made once by
 * engine_create; running it allocates nothing. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "engine/conv_map.h"
#include "engine/engine.h"
#include "engine/large.h"
#include "kernels/kernels.h"

/* A result, or the raw partial sums of a convolution. A result is laid out as kernels.h says, with
 * `lanes` channels a block (BLOCK, or 1: planar); lanes beyond the last channel hold anything. */
struct tensor {
    struct shape shape;
    int lanes;
    size_t plane;    /* floats from one block to the next; the last pixel of each is zero */
    size_t image;    /* floats of one image */
    bool single;     /* one image at a time: all images use the same place */
    bool partial;    /* see struct conv */
    size_t offset;   /* floats, in the arena */
    int first, last; /* the steps that write it first and read it last */
};

/* A copy of a result after an activation. */
struct plan_form {
    int tensor;
    enum curve curve;
    float slope;
};

#define PARTS 4 /* of a concatenation that a convolution reads in place */

struct engine;
struct step;
/* Does images first .. first + count - 1 of the batch, of the step and its siblings. */
typedef void step_run(struct engine *engine, const struct step *step, int first, int count);

struct step {
    struct engine_step info;
    step_run *run;
    bool together; /* all images of the batch at once, because that saves reading weights */
    bool neutral;  /* together or not like the step before it */
    int siblings;  /* steps from this one on that run as one, as they read the same weights */
    int input_count;
    int input[PARTS]; /* tensors */
    bool relu[PARTS]; /* the input is read through max(x, 0), see plan_forms.c */
    int output;       /* tensor of the plain result; -1 when only activations of it are needed */
    int form_count;   /* all results, the plain one included */
    struct plan_form forms[FORMS];
    const float *weights[NODE_WEIGHTS]; /* copies, padded to whole blocks; NULL for none */
    struct node node;                   /* for its attributes */
    struct conv *conv;
    struct resample *resample;     /* resize, window */
    struct statistics *statistics; /* norm */
    struct attention *attention;
    int root; /* of an output step */
};

/* A convolution with all that is folded into it: upsampling, shuffle, batch norm. A step does the
 * parts first_part .. end_part - 1 of its sum: it starts from the sums in `partial_in` and leaves
 * them in `partial_out` where these are not -1. Partial sums are [group][panel][row of all
 * images][width], a group being a phase (direct) or a tile group's elements (Winograd). */
struct conv {
    struct conv_line y, x;
    bool transposed;
    int channels;   /* of the result, after the shuffle */
    int part_count; /* of the whole sum */
    int part_channels[PARTS];
    int first_part, end_part;
    int partial_in, partial_out;
    const struct packed *packed;
    struct conv_axis rows, columns; /* direct */
    struct tiling *tiling;          /* Winograd */
    const struct algorithm *algorithm;
};

/* Weights in the order in which an algorithm reads them. The plan knows their sizes; pack_all fills
 * them in when it is known to fit. */
struct packed {
    const struct conv *conv; /* the first that needs them */
    struct fold *fold;       /* until they are filled in */
    struct large memory;
    float *w;       /* in `memory` */
    size_t count;   /* floats */
    float *bias;    /* [shuffle phases][panels * width] */
    int panels;     /* of one phase */
    size_t *offset; /* of the weights of each group */
    int key[32];
    struct packed *next;
};

struct engine {
    struct engine_options options;
    struct graph graph; /* only with ISA_REF: a copy, weights included */
    const struct kernels *kernels;
    int *roots, root_count;
    struct tensor *tensors;
    int tensor_count;
    size_t tensor_capacity;
    struct step *steps;
    int step_count;
    size_t step_capacity;
    struct packed *packs;
    float *arena;
    size_t arena_floats, weight_floats;
    size_t scratch_floats; /* of one worker */
    size_t shared_floats;  /* of all workers */
    float *scratch, *shared;
    struct large memories[3]; /* of arena, scratch and shared */
    struct arena memory;      /* maps, copies of small weights */
    /* Of the run at hand. */
    const float *const *images;
    const int *labels;
    int image_count;
    float *const *outputs;
};

/* plan.c: the steps for the roots. False when a map is too large. */
bool plan_make(struct engine *engine, const struct graph *graph, struct err *err);
struct step *plan_step(struct engine *engine, int node, const char *algorithm, step_run *run);
int plan_tensor(struct engine *engine, struct shape shape, int lanes);

/* plan_siblings.c: the order of the steps, and which of them run as one. */
void plan_siblings(struct engine *engine);

/* plan_forms.c: which activations of results are not stored but made where they are read. */
void plan_forms(struct engine *engine);

/* plan_memory.c: which steps take images together, lifetimes, and the place of every tensor. */
void plan_memory(struct engine *engine);

/* From one to the next of what is read or written together, as elements of a tile or rows of
 * scores: an odd number of cache lines, as those that lie a power of two apart share a few sets of
 * the innermost cache. */
static inline size_t odd_lines(size_t floats) {
    return ((floats + LINE - 1) / LINE | 1) * LINE;
}

static inline int tensor_blocks(const struct tensor *t) {
    return (t->shape.c + t->lanes - 1) / t->lanes;
}

static inline size_t tensor_pixels(const struct tensor *t) {
    return (size_t)t->shape.h * (size_t)t->shape.w;
}

static inline float *tensor_at(const struct engine *e, int tensor, int image) {
    const struct tensor *t = &e->tensors[tensor];
    return e->arena + t->offset + (t->single ? 0 : (size_t)image * t->image);
}

/* Writes the zero pixel of every block; each step does so for its results. */
void tensor_seal(const struct engine *engine, int tensor, int first, int count);

/* The same for all results of a step and its siblings. */
void step_seal(const struct engine *engine, const struct step *step, int first, int count);

/* The sink for all results of `step`, with bases at image `first`. */
struct sink step_sink(const struct engine *engine, const struct step *step, int first);

#endif
