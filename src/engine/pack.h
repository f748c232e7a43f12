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

/* The folded weights of `count` inputs from `in` and of the `outs` result channels from `c` in one
 * shuffle phase, without their scale: kernel index k[t] of input in + i and channel c + o goes to
 * w[t tap + i row + o]. */
void fold_gather(const struct fold *fold, int c, int outs, int phase, int in, int count,
                 const int *k, int taps, float *w, size_t tap, size_t row);
#define GATHER 16 /* inputs at a time: a few cache lines of weights from every output */

/* The packed weights of `conv` for its algorithm, without their values, or the same that another
 * step has. Takes `fold` over. */
const struct packed *pack_find(struct engine *engine, const struct conv *conv, struct fold *fold);
/* Fills in the values of all of them. */
void pack_all(struct engine *engine);
void pack_free(struct packed *packs);

#endif
