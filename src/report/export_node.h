/* What an export says of a variant's nodes beyond what stands in the graph: where in the network a
 * node is, for readable names, and its geometry as the config has it. */
#ifndef REPORT_EXPORT_NODE_H
#define REPORT_EXPORT_NODE_H

#include "base/text.h"
#include "net/net.h"

struct export_node {
    bool live; /* the variant's output needs it */
    int block; /* the outermost that computes it, -1 for the image */
    bool down; /* on the way inwards, or the code's style */
    /* Convolutions only. A stride that cannot act is 1 in the graph; here it is the config's, since
     * output_padding must be below it. */
    struct extent stride, output_padding;
};

/* One for every node of `graph`; freed with mem_free. `net` is ok. */
struct export_node *export_nodes(const struct graph *graph, const struct net *net);

/* A name for the result of `node`, "b3.up.conv_transpose", appended to `out`. Not unique. */
void export_name(const struct graph *graph, const struct net *net, const struct export_node *nodes,
                 int node, struct text *out);

#endif
