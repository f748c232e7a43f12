/* What follows from shapes alone: parameters, multiply-accumulates, taps and weights that nothing
 * reaches, memory. */
#ifndef NET_FACTS_H
#define NET_FACTS_H

#include "net/field.h"
#include "net/net.h"

/* Multiply-accumulates (MACs, not FLOPs) of convolutions, linear layers and attention, for one
 * image, in the three ways that are in use for a transposed convolution. */
struct macs {
    uint64_t input;     /* every tap at every input position of a transposed convolution */
    uint64_t output;    /* every tap at every output position */
    uint64_t effective; /* without taps that meet padding or whose product is cropped */
};

struct taps {
    int live,
        of; /* places of the kernel that ever meet data; all of them. of = 0: no convolution */
};

struct block_facts {
    uint64_t parameters; /* without running statistics */
    struct macs macs;
    struct taps down, up; /* of the block's two convolutions */
    struct field field;   /* of one position of `encoded` */
};

struct facts {
    struct block_facts *blocks; /* block_count, NULL after facts_free */
    uint64_t parameters;        /* of blocks and style, the embedding included */
    struct macs macs;
    uint64_t conv_weights;     /* weights of convolutions and linear layers */
    uint64_t dead_weights;     /* those of them that never meet data at this size */
    uint64_t activation_bytes; /* float32, one image: all results; a concatenation is its parts */
    uint64_t peak_bytes; /* the most that is alive at one time, run in the order of building */
    struct field field;  /* of the central output position; size 0 unless net.ok */
};

/* Counts saturate at UINT64_MAX. Of a net that is not ok: of what was built. */
void facts_of(const struct graph *graph, const struct net *net, struct facts *out);
void facts_free(struct facts *facts); /* idempotent */

/* Of one node; zeros for what multiplies no matrix. */
struct macs facts_node_macs(const struct graph *graph, const struct node *node);
struct macs facts_macs(const struct graph *graph, const struct net *net); /* the sum alone */

/* How many weights never meet data in `then` and do in `now`: two builds, at different sizes, of
 * one variant in one graph (weights that training at one size left untouched, and that wake at
 * another). */
uint64_t facts_waking(const struct graph *graph, const struct net *now, const struct net *then);

#endif
