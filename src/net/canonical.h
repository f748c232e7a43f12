/* The rules by which nodes that compute the same bits become the same node (private to graph). */
#ifndef NET_CANONICAL_H
#define NET_CANONICAL_H

#include "net/graph.h"

/* Makes `node` canonical in place and returns -1, or returns the number of the node that it is
 * equal to (nodes may be added on the way). Every rule is exact bit for bit. */
int canonical_node(struct graph *graph, struct node *node);

#endif
