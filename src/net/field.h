/* Receptive fields: the input positions that one position of a map depends on, from the first to
 * the last, backwards through the graph. */
#ifndef NET_FIELD_H
#define NET_FIELD_H

#include "net/net.h"

struct field {
    double height, width;           /* input positions, by convolutions and resizing alone */
    double jump_height, jump_width; /* input positions between two neighbours of the map */
    bool whole; /* norms with image statistics or attention make it see the whole image */
};

struct field_jump { /* input positions; 0: the map has no positions of the image (style) */
    double h, w;
};

/* Strides as the config states them, and jumps, of every node that a net uses. */
struct field_map {
    const struct graph *graph;
    struct extent *strides;   /* by node */
    struct field_jump *jumps; /* by node */
    struct field_step *steps; /* scratch */
};
void field_start(struct field_map *map, const struct graph *graph, const struct net *net);
void field_free(struct field_map *map); /* idempotent */

/* Of one position of `node`, as if every map went on without end: 1 + sum of (kernel - 1) jumps for
 * a chain of convolutions, however small the image. Interval arithmetic: the ends are read where
 * kernels are as large as strides. */
struct field field_endless(struct field_map *map, int node);

/* Of the central position of `node`, only what exists counted: at most the image. */
struct field field_central(const struct field_map *map, int node);

#endif
