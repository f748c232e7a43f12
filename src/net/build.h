/* The builder's steps (private to net): each adds one operation with its weights and gives the
 * node, or -1 when it does not fit or building has stopped. Node -1 as an input is allowed only
 * after a stop, so that steps can be chained without a check after each. */
#ifndef NET_BUILD_H
#define NET_BUILD_H

#include "net/net.h"

struct builder {
    struct graph *graph;
    const struct config_variant *variant;
    struct net *net;
    net_bind_slot *bind; /* or NULL */
    void *context;
    struct err *err;
    int block;        /* the number of the block being built, -1 outside */
    bool stopped;     /* nothing more is added */
    bool bind_failed; /* `err` is set */
    size_t use_capacity, slot_capacity, slot_block_capacity;
    char *name; /* scratch for weight names */
    size_t name_capacity;
};

/* Records the first shape error (printf style); building may go on. */
void build_misfit(struct builder *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, and stops building; returns -1. */
int build_stop(struct builder *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds `node`, whose `out` may be too large (64-bit counts are checked here). */
int build_add(struct builder *b, struct node node);
struct shape build_shape(const struct builder *b, int node);

/* What a convolution or linear layer is; zero fields are as in nn.Conv2d's defaults but kernel
 * and stride, which are stated. */
struct conv_spec {
    int channels; /* outputs */
    struct extent kernel, stride, padding, output_padding;
    bool bias;
    bool linear;      /* weight [out, in] */
    char separator;   /* between the prefix and "weight": '.' when 0 */
    int shuffle;      /* slot.scale: the pixel shuffle that follows, else 0 */
    const char *what; /* for messages: "the down convolution" */
};

/* Weights are named [block.]prefix[.part].weight and so on; `part` may be NULL. */
struct prefix {
    const char *prefix, *part;
};

int build_conv(struct builder *b, int x, struct prefix at, struct conv_spec spec);
int build_conv_transpose(struct builder *b, int x, struct prefix at, struct conv_spec spec);
int build_norm(struct builder *b, int x, struct prefix at, const struct norm *norm);
int build_channel_norm(struct builder *b, int x, struct prefix at, double eps);
int build_act(struct builder *b, int x, enum act act, double slope);
int build_resize(struct builder *b, int x, int height, int width, enum mode mode);
int build_upsample(struct builder *b, int x, struct extent scale, enum mode mode);
int build_window(struct builder *b, int x, int height, int width);
int build_pixel_shuffle(struct builder *b, int x, struct extent scale);
int build_concat(struct builder *b, int x, int y);
int build_add_maps(struct builder *b, int x, int y, const char *what); /* shapes are checked */
/* The slot of a weight whose dims all are positive; -1 after a stop. */
int build_slot(struct builder *b, struct prefix at, char separator, const char *leaf,
               enum slot_role role, int rank, const int *dims);

/* Runs an "extra" list over x. */
int build_extras(struct builder *b, int x, const struct extra_list *list);

/* x gated by a sigmoid map made of x and g (skip "attention"). */
int build_gate(struct builder *b, int x, int g);

#endif
