/* The graph: operations of all variants in one hash-consed table. Two nodes that are equal by
 * value (operation, attributes, identity of weights, inputs, output shape) are the same node.
 * Integers only: no weight is read and no tensor is made here.
 *
 * Nodes are canonical when they are added (graph_add makes them so):
 *   - a stride that cannot act (a convolution with one output position along an axis, a transposed
 *     convolution with one input position) is 1;
 *   - a resize, window or expansion to the same shape, a pixel shuffle by 1 and a slice of all
 *     channels are their input;
 *   - a resize whose mode cannot act (along each axis it reads one position or keeps the size) is
 *     nearest; a bicubic one that reads as bilinear does (sizes 2 to 1, or an odd factor smaller)
 * is bilinear; a nearest one that gives each output the input of its number is a window;
 *   - an activation of a concatenation is the concatenation of the activations;
 *     leaky_relu of slope 0 is relu (but for the sign of zero), of slope 1 and none their input;
 *     relu after elu or leaky_relu with slope >= 0 is relu of the inner input; relu, elu and
 *     leaky_relu with slope >= 0 after relu or sigmoid are their input;
 *   - instance, group and layer norm are OP_NORM with a number of groups. */
#ifndef NET_GRAPH_H
#define NET_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "config/config.h"

struct shape {
    int c, h, w;
};

enum op {
    OP_INPUT,          /* the image, [c, h, w] */
    OP_STYLE,          /* row `label` of the embedding (weight 0: [count, dim]), [dim, 1, 1];
                          label -1: the label that comes with each image */
    OP_CONV,           /* weight 0: [out, in, kh, kw], weight 1: bias [out] or -1 */
    OP_CONV_TRANSPOSE, /* weight 0: [in, out, kh, kw], weight 1: bias; the output shape carries
                          output_padding */
    OP_RESIZE,         /* to `out` by `mode`, align_corners false */
    OP_WINDOW,         /* to `out` by cropping or zero padding at bottom and right */
    OP_PIXEL_SHUFFLE,  /* [c*sh*sw, h, w] -> [c, h*sh, w*sw]; stride holds the scale */
    OP_ACT,            /* `act`, with `value` the slope of leaky_relu */
    OP_BATCH_NORM,     /* running statistics; weights: gamma, beta (or -1), mean, var;
                          `value` is eps */
    OP_NORM,           /* statistics of the image over `groups` groups of channels and all
                          positions, population variance; weights: gamma, beta or -1;
                          `value` is eps. groups == c is instance norm, 1 is layer norm */
    OP_CHANNEL_NORM,   /* over the channels of each position (LayerNorm of a transformer);
                          weights: gamma, beta; `value` is eps */
    OP_CONCAT,         /* of two inputs, along the channels */
    OP_ADD,            /* of two inputs of one shape */
    OP_MUL,            /* input 0 times input 1, whose one channel is broadcast */
    OP_EXPAND,         /* [c, 1, 1] broadcast to `out` */
    OP_FILM,           /* input 0 [c, h, w], input 1 [2c, 1, 1]: first half times x, plus second */
    OP_SLICE,          /* channels `groups` .. `groups` + out.c of its input */
    OP_ATTENTION,      /* inputs q, k [d, h, w], v [c, h, w]; `groups` heads; over the positions:
                          softmax(q.k / sqrt(d / heads)) v */
    OP_LINEAR_ATTENTION, /* inputs q, k, v; phi(u) = elu(u) + 1, see ref.c */
    OP_GAMMA             /* gamma * input 0 + input 1; weight 0: gamma [1] */
};

#define NODE_INPUTS  3
#define NODE_WEIGHTS 4

struct node {
    enum op op;
    int inputs[NODE_INPUTS];   /* node numbers, -1 for none; always smaller than the own number */
    int weights[NODE_WEIGHTS]; /* slot numbers, -1 for none */
    struct shape out;
    struct extent kernel, stride, padding;
    enum act act;
    enum mode mode;
    int groups; /* OP_NORM: groups; OP_ATTENTION: heads; OP_SLICE: first channel */
    int label;  /* OP_STYLE */
    double value;
};

enum slot_role { /* what a weight is for: how it is initialised, and which dimension is outputs */
                 ROLE_CONV,           /* [out, in, kh, kw], or [out, in] for linear layers */
                 ROLE_CONV_TRANSPOSE, /* [in, out, kh, kw] */
                 ROLE_BIAS,
                 ROLE_SCALE, /* gamma of a norm */
                 ROLE_SHIFT, /* beta of a norm */
                 ROLE_MEAN,
                 ROLE_VARIANCE,
                 ROLE_GATE, /* gamma of an attention */
                 ROLE_EMBEDDING
};

/* A weight of the graph. Before weights are read its identity is its plain name and shape; once
 * bound it is its content and shape, and the name is that of the first use. */
struct slot {
    const char *name; /* plain name, "innermost.down.conv.weight" */
    enum slot_role role;
    int rank;
    int dims[4];
    int scale; /* pixels a side that a square pixel_shuffle makes of its outputs, else 1 */
    uint64_t content[2]; /* identity of the bound data; zero before binding */
    const float *data;   /* bound data, NULL before binding; not owned */
};
size_t slot_count(const struct slot *slot); /* the product of dims */

struct graph {
    struct node *nodes; /* in topological order */
    int node_count;
    struct slot *slots;
    int slot_count;
    struct arena arena; /* names */
    bool plain; /* set before the first node: nodes stay as they are given (for tests of the above)
                 */
    /* private */
    size_t node_capacity, slot_capacity;
    struct graph_table {
        int *places; /* number + 1, 0 where empty; open addressing */
        size_t size; /* a power of two, at least twice the number of entries */
    } node_table, slot_table;
};

/* Start a graph zeroed. graph_free is idempotent; slot data is not its. */
void graph_free(struct graph *graph);

/* The number of the node equal to `node` once canonical; added when it is new. The caller has
 * checked that the operation is valid and has set `out`. Unused attributes must be zero, unused
 * inputs and weights -1: start from graph_node(). */
int graph_add(struct graph *graph, struct node node);
struct node graph_node(enum op op, int input0, int input1); /* all else empty */

/* The number of the slot equal to `slot` (by content when it is bound, else by name and shape). */
int graph_slot(struct graph *graph, const struct slot *slot);

/* Marks in `live` (node_count flags) every node that the roots need. */
void graph_live(const struct graph *graph, const int *roots, int root_count, bool *live);

const char *graph_op_name(enum op op);

#endif
