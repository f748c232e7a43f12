/* Which block of a net each node belongs to, for costs and times per block. */
#ifndef NET_OWNER_H
#define NET_OWNER_H

#include "net/net.h"

/* owner[node] (graph->node_count ints) becomes the block that computes the node, -1 for nodes that
 * the net does not need. A node that several blocks read belongs to the outermost that makes it:
 * a block's own are what its encoded map needs beyond the block around it, and what its result
 * needs beyond the block inside it. */
void owner_of_nodes(const struct graph *graph, const struct net *net, int *owner);

#endif
