/* The "extra" operations of a block, and the attention gate of its skip. */
#include "net/build.h"

#include <assert.h>

#include "net/shape.h"

static const struct extent one = {1, 1}, three = {3, 3};

static struct conv_spec conv1x1(int channels) {
    return (struct conv_spec){.channels = channels,
                              .kernel = one,
                              .stride = one,
                              .bias = true,
                              .what = "a 1x1 convolution"};
}

static struct conv_spec linear(int channels) {
    struct conv_spec spec = conv1x1(channels);
    spec.linear = true;
    return spec;
}

static int sigmoid_gate(struct builder *b, int x, int gate) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_MUL, x, gate);
    node.out = build_shape(b, x);
    return build_add(b, node);
}

int build_gate(struct builder *b, int x, int g) {
    if (b->stopped) return -1;
    int half = build_shape(b, x).c / 2;
    if (half == 0) return build_stop(b, "an attention skip of 1 channel has a gate of 0 channels");
    int from_x = build_conv(b, x, (struct prefix){"gate", "x"}, conv1x1(half));
    int from_g = build_conv(b, g, (struct prefix){"gate", "g"}, conv1x1(half));
    int sum = build_add_maps(b, from_x, from_g, "the attention gate");
    int psi =
        build_conv(b, build_act(b, sum, ACT_RELU, 0), (struct prefix){"gate", "psi"}, conv1x1(1));
    return sigmoid_gate(b, x, build_act(b, psi, ACT_SIGMOID, 0));
}

static int extra_conv(struct builder *b, int x, const struct extra *extra) {
    struct conv_spec spec = {.channels = extra->channels ? extra->channels : build_shape(b, x).c,
                             .kernel = extra->kernel,
                             .stride = extra->stride,
                             .padding = extra->padding,
                             .bias = extra->bias,
                             .what = "an extra convolution"};
    struct prefix at = {extra->as, NULL};
    if (extra->op == EXTRA_CONV) return build_conv(b, x, at, spec);
    spec.output_padding = extra->output_padding;
    spec.what = "an extra transposed convolution";
    return build_conv_transpose(b, x, at, spec);
}

/* One layer is x + act(norm(conv3x3(x))); two are x + act(norm2(conv2(act(norm1(conv1(x)))))). */
static int res_block(struct builder *b, int x, const struct extra *extra) {
    static const char *const names[3][2] = {
        {"conv", "norm"}, {"conv1", "norm1"}, {"conv2", "norm2"}};
    struct conv_spec spec = {.channels = build_shape(b, x).c,
                             .kernel = three,
                             .stride = one,
                             .padding = one,
                             .bias = extra->bias,
                             .what = "a residual block's convolution"};
    int y = x, layers = extra->layers;
    assert(layers == 1 || layers == 2);
    for (int i = 0; i < layers; i++) {
        const char *const *name = names[layers == 1 ? 0 : i + 1];
        y = build_conv(b, y, (struct prefix){extra->as, name[0]}, spec);
        y = build_norm(b, y, (struct prefix){extra->as, name[1]}, &extra->norm);
        y = build_act(b, y, extra->activation, extra->slope);
    }
    return build_add_maps(b, x, y, "a residual block");
}

static int attention_node(struct builder *b, enum op op, int q, int k, int v, int heads) {
    if (b->stopped) return -1;
    struct node node = graph_node(op, q, k);
    node.inputs[2] = v;
    node.groups = heads;
    node.out = build_shape(b, v);
    return build_add(b, node);
}

/* gamma * attention(x) + x, with queries and keys of c / reduction channels. */
static int self_attention(struct builder *b, int x, const struct extra *extra) {
    int c = build_shape(b, x).c, reduced = c / extra->reduction;
    if (reduced == 0)
        return build_stop(
            b, "the attention %.100s of %d channels with reduction %d has 0 channels of keys",
            extra->as, c, extra->reduction);
    int q = build_conv(b, x, (struct prefix){extra->as, "query"}, conv1x1(reduced));
    int k = build_conv(b, x, (struct prefix){extra->as, "key"}, conv1x1(reduced));
    int v = build_conv(b, x, (struct prefix){extra->as, "value"}, conv1x1(c));
    bool softmax = extra->op == EXTRA_SELF_ATTENTION;
    int out = attention_node(b, softmax ? OP_ATTENTION : OP_LINEAR_ATTENTION, q, k, v, 1);
    if (b->stopped) return -1;
    struct node node = graph_node(OP_GAMMA, out, x);
    node.out = build_shape(b, x);
    node.weights[0] = build_slot(b, (struct prefix){extra->as, NULL}, '.', "gamma", ROLE_GATE, 1,
                                 (const int[]){1});
    return build_add(b, node);
}

static int slice(struct builder *b, int x, int first, int channels) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_SLICE, x, -1);
    node.out = build_shape(b, x);
    node.out.c = channels;
    node.groups = first;
    return build_add(b, node);
}

/* x = LayerNorm(x + attention(x)); x = LayerNorm(x + ffn(x)), over the positions of the map. */
static int transformer(struct builder *b, int x, const struct extra *extra) {
    const double eps = 1e-5; /* nn.LayerNorm's default */
    int c = build_shape(b, x).c;
    if (c % extra->heads)
        return build_stop(b, "the transformer %.100s has %d channels, which %d heads do not divide",
                          extra->as, c, extra->heads);
    struct conv_spec in = linear(shape_scale(c, 3));
    in.separator = '_';
    int qkv = build_conv(b, x, (struct prefix){extra->as, "attn.in_proj"}, in);
    if (b->stopped) return -1;
    int q = slice(b, qkv, 0, c), k = slice(b, qkv, c, c), v = slice(b, qkv, 2 * c, c);
    int y = attention_node(b, OP_ATTENTION, q, k, v, extra->heads);
    y = build_conv(b, y, (struct prefix){extra->as, "attn.out_proj"}, linear(c));
    x = build_add_maps(b, x, y, "a transformer");
    x = build_channel_norm(b, x, (struct prefix){extra->as, "norm1"}, eps);
    y = build_conv(b, x, (struct prefix){extra->as, "ffn.0"}, linear(shape_scale(c, extra->ffn)));
    y = build_act(b, y, ACT_SILU, 0);
    y = build_conv(b, y, (struct prefix){extra->as, "ffn.2"}, linear(c));
    x = build_add_maps(b, x, y, "a transformer");
    return build_channel_norm(b, x, (struct prefix){extra->as, "norm2"}, eps);
}

static int build_extra(struct builder *b, int x, const struct extra *extra) {
    switch (extra->op) {
    case EXTRA_CONV:
    case EXTRA_CONV_TRANSPOSE:
        return extra_conv(b, x, extra);
    case EXTRA_UPSAMPLE:
        return build_upsample(b, x, extra->scale, extra->mode);
    case EXTRA_NORM:
        return build_norm(b, x, (struct prefix){extra->as, NULL}, &extra->norm);
    case EXTRA_ACTIVATION:
        return build_act(b, x, extra->activation, extra->slope);
    case EXTRA_RES_BLOCK:
        return res_block(b, x, extra);
    case EXTRA_SELF_ATTENTION:
    case EXTRA_LINEAR_ATTENTION:
        return self_attention(b, x, extra);
    case EXTRA_TRANSFORMER:
        return transformer(b, x, extra);
    }
    return -1;
}

int build_extras(struct builder *b, int x, const struct extra_list *list) {
    for (int i = 0; i < list->count && !b->stopped; i++) x = build_extra(b, x, &list->ops[i]);
    return b->stopped ? -1 : x;
}
