/* What plan.c and plan_conv.c know of the graph while steps are made. */
#ifndef ENGINE_PLAN_GRAPH_H
#define ENGINE_PLAN_GRAPH_H

#include "engine/plan.h"

struct planner {
    struct engine *engine;
    const struct graph *graph;
    bool *live, *is_root;
    bool *needed;            /* concatenations and upsamplings: something reads the whole of it */
    bool *done;              /* in a step already */
    int *tensor;             /* of every node's result, -1 while there is none */
    int *user_start, *users; /* the nodes that read node n are users[user_start[n] ..
                                user_start[n + 1] - 1] */
    int *half; /* by the node that ends a convolution's step: the first of those that share its
                  first part's sums, or -1 */
    int *sums; /* of that first one: the tensor of the shared sums, -1 while there is none */
};

/* What a convolution reads in place: the parts of its input, in order of summation, each upsampled
 * by a whole factor (nearest) on the way. */
struct operands {
    int count;
    int node[PARTS];
    struct extent upsample;
};
struct operands plan_operands(const struct planner *p, int node);

enum curve plan_curve(enum act act);
/* Makes the tensors that `step` writes for `node`: with `activations`, of the activations that read
 * it, and the plain one if anything else does. */
void plan_results(struct planner *p, struct step *step, int node, bool activations);

/* plan_conv.c */
void plan_halves(struct planner *p);
void plan_conv(struct planner *p, int node);

#endif
