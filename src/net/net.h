/* A variant's config becomes nodes of the graph, and a record per block that trace, timing and
 * the report are views of. */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/err.h"
#include "net/graph.h"

enum join_status { JOIN_OK, JOIN_RESAMPLED, JOIN_MISMATCH };

/* One block. Node numbers are -1 where the block was not built that far. */
struct net_block {
    const char *name;
    int in;      /* the node that the block reads */
    int x;       /* after extra.input; the decoder gives as many channels, fit its size */
    int skip;    /* what is kept for the join (skip_source) */
    int encoded; /* after down's convolution, norm and extra.encoded; before the style */
    int styled;  /* innermost: after the style; else = encoded */
    int decoded; /* after up's decoder, extra.upsampled, norm (and output activation): before fit */
    int fitted;  /* after fit and extra.decoded */
    int out;     /* after the join */
    int down_conv; /* the convolution nodes themselves, for facts per block */
    int up_conv;
    enum join_status join;
    struct shape join_from, join_to; /* decoded's shape, x's; outermost: the image's size */
};

/* One step of building: a node that the variant uses. */
struct net_use {
    int node;
    int block;            /* the number of its block, -1 outside the blocks */
    struct extent stride; /* as the config says it, also where it cannot act */
};

struct net {
    const char *name; /* of the variant */
    struct shape input, output;
    bool ok;
    int root; /* -1 unless ok */
    struct net_block *blocks;
    int block_count;
    int failed_block;  /* -1, or the first block that does not fit (-2: outside the blocks) */
    const char *error; /* the message, in words with numbers; NULL when ok */
    int *slots;        /* the slots this variant uses, in the order of first use, no doubles */
    int *slot_blocks;  /* for each the block of its first use, -1: of none (style) */
    int slot_count;
    struct net_use *uses; /* in the order of building; a node may come twice */
    int use_count;
    struct arena arena;
};

/* Gives a slot its bound data and content identity; false after adding to err. */
typedef bool net_bind_slot(void *context, struct slot *slot, struct err *err);

/* Builds `variant` for an input of `size` into `graph`. A shape that does not fit is not an error
 * of this function: it is recorded in `out` (ok, failed_block, error), with everything built up to
 * there. After a join whose sizes do not agree building goes on as if the sizes had been made
 * equal, so that the joins further out are seen as well; no root comes of it. With `bind`, each
 * slot is bound before it is added (false only then, with err set); `label` overrides style.label
 * when >= -1 (pass -2 to keep it). net_free is idempotent. */
bool net_build(struct graph *graph, const struct config_variant *variant, struct extent size,
               int label, net_bind_slot *bind, void *context, struct net *out, struct err *err);
void net_free(struct net *net);

/* How a decoder that reads `in` positions comes to its size along one axis, with the numbers:
 * "(2 - 1)*2 - 2*1 + 4 + 0 = 4". */
void net_decoder_formula(const struct config_up *up, bool height, int in, char *text, size_t size);

#endif
