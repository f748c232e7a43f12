/* Graphs with one result replaced: what a probe asks is a question about another graph, so the
 * engine, its plan and its sharing serve as they are. */
#ifndef CLI_PROBE_GRAPH_H
#define CLI_PROBE_GRAPH_H

#include "net/graph.h"

struct replacement {
    int from, to; /* nodes of one shape; `to` does not depend on `from`, or reads it unchanged */
};

/* What `node` becomes when everything that it needs reads `to` instead of `from`. Nodes that do not
 * need a `from` stay the same nodes. */
int probe_replace(struct graph *graph, int node, const struct replacement *list, int count);

/* A node of `shape`, all zeros. */
int probe_zeros(struct graph *graph, struct shape shape);
/* Each channel of `node` replaced by its mean over the positions. */
int probe_means(struct graph *graph, int node);
/* Two inputs in one image [2c, h, w]: the half number `half` as a node like `input`. */
int probe_input_half(struct graph *graph, int input, int half);
/* The input node of a built net. */
int probe_input(const struct graph *graph, struct shape shape);

/* A bound weight with `count` values, which are copied; its identity is their content. */
int probe_slot(struct graph *graph, const char *name, enum slot_role role, const float *values,
               int count);

#endif
