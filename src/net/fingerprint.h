/* What network this is, as a digest: to tell whether numbers kept from another day are of the same
 * one. */
#ifndef NET_FINGERPRINT_H
#define NET_FINGERPRINT_H

#include "net/graph.h"

/* SHA-256, in hexadecimal, of the operations that `root` needs: their attributes, shapes, wiring
 * and the dimensions of their weights. Names, the weights' values and the style's label are of no
 * account. The graph must be built for this root alone and without weights: the order of its nodes
 * counts, and nodes whose bound weights happen to be equal would be one. */
void fingerprint(const struct graph *graph, int root, char hex[65]);

#endif
