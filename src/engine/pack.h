/* Weights folded and packed for the algorithms. */
#ifndef ENGINE_PACK_H
#define ENGINE_PACK_H

#include "engine/plan.h"

/* A convolution's weights with the batch norm that follows folded in (in double). */
struct fold {
    const struct graph *graph;
    const struct node *conv;       /* OP_CONV or OP_CONV_TRANSPOSE */
    const struct node *batch_norm; /* or NULL */
    int in_channels, out_channels; /* out: before the shuffle */
    int shuffle;                   /* phases: y times x */
    double *scale;                 /* [channels of the result] */
    double *shift;
};
void fold_make(struct fold *fold, const struct graph *graph, const struct node *conv,
               const struct node *batch_norm, int shuffle);
void fold_free(struct fold *fold);

/* The folded weight of result channel `c` in shuffle phase `phase`, input `in`, kernel index k. */
double fold_weight(const struct fold *fold, int c, int phase, int in, int k);
double fold_bias(const struct fold *fold, int c, int phase);

/* The packed weights of `conv` for its algorithm: made now, or the same that another step has. */
const struct packed *pack_find(struct engine *engine, const struct conv *conv,
                               const struct fold *fold);
void pack_free(struct packed *packs);

#endif
