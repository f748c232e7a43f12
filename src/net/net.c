/* The way through the blocks (interface.md, section 2): inwards through every down half, then
 * outwards through every up half. */
#include "net/net.h"

#include <stdio.h>

#include "net/build.h"
#include "net/shape.h"

static const struct extent one = {1, 1};

static struct net_block *begin_block(struct builder *b, int index) {
    b->block = index;
    return &b->net->blocks[index];
}

/* Style: one row of the embedding joins the innermost code. */

static int style_row(struct builder *b, int label) {
    if (b->stopped) return -1;
    const struct config_variant *v = b->variant;
    struct node node = graph_node(OP_STYLE, -1, -1);
    node.label = label;
    node.out = (struct shape){v->style_dim, 1, 1};
    node.weights[0] = build_slot(b, (struct prefix){"style", NULL}, '.', "embedding",
                                 ROLE_EMBEDDING, 2, (const int[]){v->style_count, v->style_dim});
    return build_add(b, node);
}

static int expand(struct builder *b, int x, struct shape to) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_EXPAND, x, -1);
    node.out = (struct shape){build_shape(b, x).c, to.h, to.w};
    return build_add(b, node);
}

/* gamma * x + beta, where [gamma, beta] = Linear(style). */
static int film(struct builder *b, int x, int style) {
    if (b->stopped) return -1;
    struct conv_spec spec = {.channels = shape_scale(build_shape(b, x).c, 2),
                             .kernel = one,
                             .stride = one,
                             .bias = true,
                             .linear = true,
                             .what = "the style's linear layer"};
    int scales = build_conv(b, style, (struct prefix){"style", "film"}, spec);
    struct node node = graph_node(OP_FILM, x, scales);
    node.out = build_shape(b, x);
    return build_add(b, node);
}

static int build_style(struct builder *b, int x, int label) {
    enum style_mode mode = b->variant->style;
    if (b->stopped || mode == STYLE_NONE) return x;
    struct shape at = build_shape(b, x);
    if (mode == STYLE_CONCAT && (at.h != 1 || at.w != 1))
        return build_stop(
            b,
            "style.mode concat needs a 1x1 code, but encoded is [%d, %d, %d]: use expand or film",
            at.c, at.h, at.w);
    int innermost = b->block;
    b->block = -1; /* its weights and nodes belong to no block */
    int style = style_row(b, label);
    if (mode == STYLE_FILM) {
        x = film(b, x, style);
    } else {
        x = build_concat(b, expand(b, style, at), x);
    }
    b->block = innermost;
    return x;
}

/* The down half: gives the node that the next block inwards reads. */
static void build_down(struct builder *b, int index, int in, int label) {
    const struct config_block *config = &b->variant->blocks[index];
    struct net_block *block = begin_block(b, index);
    block->in = in;
    block->x = build_extras(b, in, &config->input);
    int active = build_act(b, block->x, config->down.activation, config->down.slope);
    block->skip = config->skip_source == SKIP_SOURCE_INPUT ? block->x : active;
    struct conv_spec spec = {.channels = config->channels,
                             .kernel = config->down.kernel,
                             .stride = config->down.stride,
                             .padding = config->down.padding,
                             .bias = config->down.bias,
                             .what = "the down convolution"};
    block->down_conv = build_conv(b, active, (struct prefix){"down", "conv"}, spec);
    int y = build_norm(b, block->down_conv, (struct prefix){"down", "norm"}, &config->down.norm);
    block->encoded = block->styled = build_extras(b, y, &config->encoded);
    if (index == b->variant->block_count - 1) block->styled = build_style(b, block->encoded, label);
}

/* The decoders. Each gives `channels` outputs and notes its convolution in the block. */
static int build_decoder(struct builder *b, struct net_block *block, int y,
                         const struct config_up *up, int channels) {
    struct prefix at = {"up", "conv"};
    struct conv_spec spec = {.channels = channels,
                             .kernel = up->kernel,
                             .stride = one,
                             .padding = up->padding,
                             .bias = up->bias,
                             .what = "the up convolution"};
    switch (up->decoder) {
    case DECODER_CONV_TRANSPOSE:
        spec.stride = up->stride;
        spec.output_padding = up->output_padding;
        spec.what = "the up transposed convolution";
        return block->up_conv = build_conv_transpose(b, y, at, spec);
    case DECODER_UPSAMPLE_CONV:
        y = build_upsample(b, y, up->scale, up->mode);
        return block->up_conv = build_conv(b, y, at, spec);
    case DECODER_PIXEL_SHUFFLE:
        spec.channels = shape_scale(channels, shape_scale(up->scale.h, up->scale.w));
        if (up->scale.h == up->scale.w) spec.shuffle = up->scale.h;
        block->up_conv = build_conv(b, y, at, spec);
        return build_pixel_shuffle(b, block->up_conv, up->scale);
    case DECODER_CONV:
        return block->up_conv = build_conv(b, y, at, spec);
    }
    return -1;
}

void net_decoder_formula(const struct config_up *up, bool height, int in, char *text, size_t size) {
#define OF(extent) (height ? (extent).h : (extent).w)
    int kernel = OF(up->kernel), padding = OF(up->padding), scale = OF(up->scale);
    int stride = OF(up->stride), output_padding = OF(up->output_padding);
#undef OF
    switch (up->decoder) {
    case DECODER_CONV_TRANSPOSE:
        snprintf(text, size, "(%d - 1)*%d - 2*%d + %d + %d = %d", in, stride, padding, kernel,
                 output_padding, shape_conv_transpose(in, kernel, stride, padding, output_padding));
        break;
    case DECODER_UPSAMPLE_CONV:
        snprintf(text, size, "%d*%d + 2*%d - %d + 1 = %d", in, scale, padding, kernel,
                 shape_conv(shape_scale(in, scale), kernel, 1, padding));
        break;
    case DECODER_PIXEL_SHUFFLE:
        snprintf(text, size, "(%d + 2*%d - %d + 1)*%d = %d", in, padding, kernel, scale,
                 shape_scale(shape_conv(in, kernel, 1, padding), scale));
        break;
    case DECODER_CONV:
        snprintf(text, size, "%d + 2*%d - %d + 1 = %d", in, padding, kernel,
                 shape_conv(in, kernel, 1, padding));
        break;
    }
}

static void misfit_join(struct builder *b, const struct config_block *config, int read,
                        struct shape from, struct shape to) {
    char formula[128];
    bool height = from.h != to.h;
    struct shape in = build_shape(b, read);
    net_decoder_formula(&config->up, height, height ? in.h : in.w, formula, sizeof formula);
    const char *which = config->fit == FIT_CROP  ? "fit crop cannot enlarge"
                        : config->fit == FIT_PAD ? "fit pad cannot shrink"
                                                 : "fit is error";
    build_misfit(b, "decoded is %dx%d, %s is %dx%d (%s: %s); %s", from.h, from.w,
                 b->block == 0 ? "the image" : "its skip", to.h, to.w, height ? "height" : "width",
                 formula, which);
}

/* Fits y to the size of x; the outermost block fits to the image. */
static int build_fit(struct builder *b, struct net_block *block, const struct config_block *config,
                     int read) {
    if (b->stopped) return -1;
    int y = block->decoded;
    struct shape from = build_shape(b, y);
    struct shape to = b->block == 0 ? b->net->input : build_shape(b, block->x);
    if (b->block == 0) to.c = from.c; /* the size only */
    block->join_from = from;
    block->join_to = to;
    if (from.h == to.h && from.w == to.w) return y;
    block->join = JOIN_RESAMPLED;
    switch (config->fit) {
    case FIT_NEAREST:
        return build_resize(b, y, to.h, to.w, MODE_NEAREST);
    case FIT_BILINEAR:
        return build_resize(b, y, to.h, to.w, MODE_BILINEAR);
    case FIT_BICUBIC:
        return build_resize(b, y, to.h, to.w, MODE_BICUBIC);
    case FIT_CROP:
        if (from.h >= to.h && from.w >= to.w) return build_window(b, y, to.h, to.w);
        break;
    case FIT_PAD:
        if (from.h <= to.h && from.w <= to.w) return build_window(b, y, to.h, to.w);
        break;
    case FIT_ERROR:
        break;
    }
    block->join = JOIN_MISMATCH;
    misfit_join(b, config, read, from, to);
    return build_window(b, y, to.h, to.w); /* goes on as if it did fit */
}

static int build_join(struct builder *b, struct net_block *block, enum skip skip) {
    if (b->stopped || b->block == 0 || skip == SKIP_NONE) return block->fitted;
    struct shape x = build_shape(b, block->skip), y = build_shape(b, block->fitted);
    if (x.h != y.h || x.w != y.w) {
        block->join = JOIN_MISMATCH;
        return build_stop(b, "extra.decoded gives %dx%d, the skip that it joins is %dx%d", y.h, y.w,
                          x.h, x.w);
    }
    switch (skip) {
    case SKIP_ADD:
        if (x.c != y.c) block->join = JOIN_MISMATCH;
        return build_add_maps(b, block->skip, block->fitted, "the skip");
    case SKIP_ATTENTION:
        return build_concat(b, build_gate(b, block->skip, block->fitted), block->fitted);
    default:
        return build_concat(b, block->skip, block->fitted);
    }
}

/* The up half reads `y`: the styled code, or what the next block inwards gave. */
static void build_up(struct builder *b, int index, int y) {
    const struct config_variant *v = b->variant;
    const struct config_block *config = &v->blocks[index];
    struct net_block *block = begin_block(b, index);
    if (b->stopped) return;
    int channels = index == 0 ? v->channels_out : build_shape(b, block->x).c;
    int read = y;
    y = build_act(b, y, config->up.activation, config->up.slope);
    y = build_decoder(b, block, y, &config->up, channels);
    y = build_extras(b, y, &config->upsampled);
    y = build_norm(b, y, (struct prefix){"up", "norm"}, &config->up.norm);
    if (index == 0) y = build_act(b, y, v->output_activation, v->output_slope);
    block->decoded = y;
    y = build_fit(b, block, config, read);
    block->fitted = build_extras(b, y, &config->decoded);
    block->out = build_join(b, block, config->skip);
}

static void start_blocks(struct net *net, const struct config_variant *variant) {
    net->block_count = variant->block_count;
    net->blocks = mem_array((size_t)net->block_count, sizeof *net->blocks);
    for (int i = 0; i < net->block_count; i++) {
        struct net_block *block = &net->blocks[i];
        block->name = arena_strdup(&net->arena, variant->blocks[i].name);
        block->in = block->x = block->skip = block->encoded = block->styled = -1;
        block->decoded = block->fitted = block->out = block->down_conv = block->up_conv = -1;
    }
}

static int build_input(struct builder *b, struct shape input) {
    if (input.h < 1 || input.w < 1)
        return build_stop(b, "the input size %dx%d is empty: give one", input.h, input.w);
    struct node node = graph_node(OP_INPUT, -1, -1);
    node.out = input;
    return build_add(b, node);
}

bool net_build(struct graph *graph, const struct config_variant *variant, struct extent size,
               int label, net_bind_slot *bind, void *context, struct net *out, struct err *err) {
    *out = (struct net){.root = -1, .failed_block = -1};
    out->name = arena_strdup(&out->arena, variant->name);
    out->input = (struct shape){variant->channels_in, size.h, size.w};
    start_blocks(out, variant);
    struct builder b = {.graph = graph,
                        .variant = variant,
                        .net = out,
                        .bind = bind,
                        .context = context,
                        .err = err,
                        .block = -1};
    int count = variant->block_count;
    int node = build_input(&b, out->input);
    for (int i = 0; i < count && !b.stopped; i++) {
        build_down(&b, i, node, label < -1 ? variant->style_label : label);
        node = out->blocks[i].styled;
    }
    for (int i = count - 1; i >= 0 && !b.stopped; i--) {
        build_up(&b, i, node);
        node = out->blocks[i].out;
    }
    mem_free(b.name);
    out->ok = !b.stopped && !out->error;
    if (out->ok) {
        out->root = node;
        out->output = graph->nodes[node].out;
    }
    return !b.bind_failed;
}

void net_free(struct net *net) {
    mem_free(net->blocks);
    mem_free(net->slots);
    mem_free(net->slot_blocks);
    mem_free(net->uses);
    arena_free(&net->arena);
    *net = (struct net){.root = -1, .failed_block = -1};
}
