#include "net/build.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/shape.h"

#define ELEMENTS_MAX ((int64_t)1 << 31)

void build_misfit(struct builder *b, const char *format, ...) {
    if (b->net->error) return;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(&b->net->arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    b->net->error = text;
    b->net->failed_block = b->block >= 0 ? b->block : -2;
}

int build_stop(struct builder *b, const char *format, ...) {
    b->stopped = true;
    if (b->net->error) return -1;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    build_misfit(b, "%s", text);
    return -1;
}

struct shape build_shape(const struct builder *b, int node) {
    return b->graph->nodes[node].out;
}

/* The number of elements, or one more than ELEMENTS_MAX when it is larger than that. */
static int64_t elements(const int *dims, int rank) {
    int64_t count = 1;
    for (int i = 0; i < rank; i++) {
        if (dims[i] > ELEMENTS_MAX / count) return ELEMENTS_MAX + 1;
        count *= dims[i];
    }
    return count;
}

int build_add(struct builder *b, struct node node) {
    if (b->stopped) return -1;
    const int dims[] = {node.out.c, node.out.h, node.out.w};
    if (elements(dims, 3) > ELEMENTS_MAX)
        return build_stop(b, "the %s gives [%d, %d, %d], more than 2^31 values",
                          graph_op_name(node.op), node.out.c, node.out.h, node.out.w);
    struct extent stride = node.stride;
    struct net *net = b->net;
    int number = graph_add(b->graph, node);
    mem_grow(&net->uses, &b->use_capacity, (size_t)net->use_count + 1, sizeof *net->uses);
    net->uses[net->use_count++] = (struct net_use){number, b->block, stride};
    return number;
}

/* Weights. */

static void name_put(struct builder *b, size_t *length, const char *s, char separator) {
    size_t size = strlen(s);
    mem_grow(&b->name, &b->name_capacity, *length + size + 2, 1);
    if (*length) b->name[(*length)++] = separator;
    memcpy(b->name + *length, s, size + 1);
    *length += size;
}

static void slot_name(struct builder *b, struct prefix at, char separator, const char *leaf) {
    size_t length = 0;
    if (b->block >= 0) name_put(b, &length, b->net->blocks[b->block].name, '.');
    name_put(b, &length, at.prefix, '.');
    if (at.part) name_put(b, &length, at.part, '.');
    name_put(b, &length, leaf, separator);
}

static void note_slot(struct builder *b, int slot) {
    struct net *net = b->net;
    for (int i = 0; i < net->slot_count; i++)
        if (net->slots[i] == slot) return;
    size_t need = (size_t)net->slot_count + 1;
    mem_grow(&net->slots, &b->slot_capacity, need, sizeof *net->slots);
    mem_grow(&net->slot_blocks, &b->slot_block_capacity, need, sizeof *net->slot_blocks);
    net->slots[net->slot_count] = slot;
    net->slot_blocks[net->slot_count++] = b->block;
}

static int add_slot(struct builder *b, struct slot *slot) {
    if (b->stopped) return -1;
    slot->name = b->name;
    if (elements(slot->dims, slot->rank) > ELEMENTS_MAX)
        return build_stop(b, "the weight %.200s has more than 2^31 values", slot->name);
    if (b->bind && !b->bind(b->context, slot, b->err)) {
        b->stopped = b->bind_failed = true;
        return -1;
    }
    int number = graph_slot(b->graph, slot);
    note_slot(b, number);
    return number;
}

int build_slot(struct builder *b, struct prefix at, char separator, const char *leaf,
               enum slot_role role, int rank, const int *dims) {
    struct slot slot = {.role = role, .rank = rank, .scale = 1};
    for (int i = 0; i < rank; i++) slot.dims[i] = dims[i];
    slot_name(b, at, separator, leaf);
    return add_slot(b, &slot);
}

/* A weight of one value a channel. */
static int channel_slot(struct builder *b, struct prefix at, char separator, const char *leaf,
                        enum slot_role role, int channels) {
    return build_slot(b, at, separator, leaf, role, 1, &channels);
}

static char separator_of(const struct conv_spec *spec) {
    return spec->separator ? spec->separator : '.';
}

static int weight_slot(struct builder *b, struct prefix at, const struct conv_spec *spec,
                       enum slot_role role, int dim0, int dim1) {
    struct slot slot = {.role = role,
                        .rank = spec->linear ? 2 : 4,
                        .dims = {dim0, dim1, spec->kernel.h, spec->kernel.w},
                        .scale = spec->shuffle ? spec->shuffle : 1};
    if (spec->linear) slot.dims[2] = slot.dims[3] = 0;
    slot_name(b, at, separator_of(spec), "weight");
    return add_slot(b, &slot);
}

/* Convolutions. */

static struct node conv_node(enum op op, int x, const struct conv_spec *spec) {
    struct node node = graph_node(op, x, -1);
    node.kernel = spec->kernel;
    node.stride = spec->stride;
    node.padding = spec->padding;
    return node;
}

static int add_conv(struct builder *b, struct prefix at, const struct conv_spec *spec,
                    struct node node, enum slot_role role, int dim0, int dim1) {
    node.weights[0] = weight_slot(b, at, spec, role, dim0, dim1);
    if (spec->bias)
        node.weights[1] =
            channel_slot(b, at, separator_of(spec), "bias", ROLE_BIAS, spec->channels);
    return build_add(b, node);
}

static int stop_small_input(struct builder *b, const char *what, const char *axis, int in,
                            int kernel, int padding) {
    return build_stop(
        b,
        "kernel larger than the padded input: %s has a kernel of %d along the %s, its "
        "input is %d + 2*%d = %lld",
        what, kernel, axis, in, padding, in + 2LL * padding);
}

int build_conv(struct builder *b, int x, struct prefix at, struct conv_spec spec) {
    if (b->stopped) return -1;
    struct shape in = build_shape(b, x);
    struct node node = conv_node(OP_CONV, x, &spec);
    node.out.c = spec.channels;
    node.out.h = shape_conv(in.h, spec.kernel.h, spec.stride.h, spec.padding.h);
    node.out.w = shape_conv(in.w, spec.kernel.w, spec.stride.w, spec.padding.w);
    if (node.out.h == 0)
        return stop_small_input(b, spec.what, "height", in.h, spec.kernel.h, spec.padding.h);
    if (node.out.w == 0)
        return stop_small_input(b, spec.what, "width", in.w, spec.kernel.w, spec.padding.w);
    return add_conv(b, at, &spec, node, ROLE_CONV, spec.channels, in.c);
}

static int stop_output_padding(struct builder *b, const char *what, const char *axis, int padding,
                               int stride) {
    return build_stop(b, "%s has output_padding %d along the %s, which must be below its stride %d",
                      what, padding, axis, stride);
}

static int stop_empty(struct builder *b, const char *what, const char *axis, int in, int kernel,
                      int stride, int padding, int output_padding) {
    long long size = (in - 1LL) * stride - 2LL * padding + kernel + output_padding;
    return build_stop(b, "%s leaves nothing along the %s: (%d - 1)*%d - 2*%d + %d + %d = %lld",
                      what, axis, in, stride, padding, kernel, output_padding, size);
}

int build_conv_transpose(struct builder *b, int x, struct prefix at, struct conv_spec spec) {
    if (b->stopped) return -1;
    struct shape in = build_shape(b, x);
    struct extent op = spec.output_padding;
    /* PyTorch: "output padding must be smaller than either stride or dilation"; dilation is 1. */
    if (op.h && op.h >= spec.stride.h)
        return stop_output_padding(b, spec.what, "height", op.h, spec.stride.h);
    if (op.w && op.w >= spec.stride.w)
        return stop_output_padding(b, spec.what, "width", op.w, spec.stride.w);
    struct node node = conv_node(OP_CONV_TRANSPOSE, x, &spec);
    node.out.c = spec.channels;
    node.out.h = shape_conv_transpose(in.h, spec.kernel.h, spec.stride.h, spec.padding.h, op.h);
    node.out.w = shape_conv_transpose(in.w, spec.kernel.w, spec.stride.w, spec.padding.w, op.w);
    if (node.out.h == 0)
        return stop_empty(b, spec.what, "height", in.h, spec.kernel.h, spec.stride.h,
                          spec.padding.h, op.h);
    if (node.out.w == 0)
        return stop_empty(b, spec.what, "width", in.w, spec.kernel.w, spec.stride.w, spec.padding.w,
                          op.w);
    return add_conv(b, at, &spec, node, ROLE_CONV_TRANSPOSE, in.c, spec.channels);
}

/* Norms. */

/* min(groups, c), lowered until it divides c. */
static int group_count(int groups, int channels) {
    if (groups > channels) groups = channels;
    if (groups < 1) groups = 1;
    while (channels % groups) groups--;
    return groups;
}

static int stop_single_value(struct builder *b, struct prefix at, const struct norm *norm,
                             struct shape in) {
    return build_stop(
        b,
        "the %s norm %.100s%s%.100s has a single value to take statistics of: its map is "
        "[%d, %d, %d]",
        config_norm_name(norm->type), at.prefix, at.part ? "." : "", at.part ? at.part : "", in.c,
        in.h, in.w);
}

int build_norm(struct builder *b, int x, struct prefix at, const struct norm *norm) {
    if (b->stopped || norm->type == NORM_NONE) return b->stopped ? -1 : x;
    struct shape in = build_shape(b, x);
    bool running = norm->type == NORM_BATCH;
    struct node node = graph_node(running ? OP_BATCH_NORM : OP_NORM, x, -1);
    node.out = in;
    node.value = norm->eps;
    if (!running) {
        int groups = in.c; /* batch_stats of one image is instance norm */
        if (norm->type == NORM_LAYER) groups = 1;
        if (norm->type == NORM_GROUP) groups = group_count(norm->groups, in.c);
        node.groups = groups;
        /* PyTorch's instance_norm, group_norm and batch_norm on statistics of the input raise
         * when there is one value per statistic. */
        if (in.c == groups && in.h == 1 && in.w == 1) return stop_single_value(b, at, norm, in);
    }
    if (norm->affine) {
        node.weights[0] = channel_slot(b, at, '.', "weight", ROLE_SCALE, in.c);
        node.weights[1] = channel_slot(b, at, '.', "bias", ROLE_SHIFT, in.c);
    }
    if (running) {
        node.weights[2] = channel_slot(b, at, '.', "running_mean", ROLE_MEAN, in.c);
        node.weights[3] = channel_slot(b, at, '.', "running_var", ROLE_VARIANCE, in.c);
    }
    return build_add(b, node);
}

int build_channel_norm(struct builder *b, int x, struct prefix at, double eps) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_CHANNEL_NORM, x, -1);
    node.out = build_shape(b, x);
    node.value = eps;
    node.weights[0] = channel_slot(b, at, '.', "weight", ROLE_SCALE, node.out.c);
    node.weights[1] = channel_slot(b, at, '.', "bias", ROLE_SHIFT, node.out.c);
    return build_add(b, node);
}

/* Operations without weights. */

int build_act(struct builder *b, int x, enum act act, double slope) {
    if (b->stopped || act == ACT_NONE) return b->stopped ? -1 : x;
    struct node node = graph_node(OP_ACT, x, -1);
    node.out = build_shape(b, x);
    node.act = act;
    if (act == ACT_LEAKY_RELU) node.value = slope;
    return build_add(b, node);
}

int build_resize(struct builder *b, int x, int height, int width, enum mode mode) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_RESIZE, x, -1);
    node.out = (struct shape){build_shape(b, x).c, height, width};
    node.mode = mode;
    return build_add(b, node);
}

int build_upsample(struct builder *b, int x, struct extent scale, enum mode mode) {
    if (b->stopped) return -1;
    struct shape in = build_shape(b, x);
    return build_resize(b, x, shape_scale(in.h, scale.h), shape_scale(in.w, scale.w), mode);
}

int build_window(struct builder *b, int x, int height, int width) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_WINDOW, x, -1);
    node.out = (struct shape){build_shape(b, x).c, height, width};
    return build_add(b, node);
}

int build_pixel_shuffle(struct builder *b, int x, struct extent scale) {
    if (b->stopped) return -1;
    struct shape in = build_shape(b, x);
    int area = shape_scale(scale.h, scale.w);
    assert(in.c % area == 0);
    struct node node = graph_node(OP_PIXEL_SHUFFLE, x, -1);
    node.stride = scale;
    node.out = (struct shape){in.c / area, shape_scale(in.h, scale.h), shape_scale(in.w, scale.w)};
    return build_add(b, node);
}

int build_concat(struct builder *b, int x, int y) {
    if (b->stopped) return -1;
    struct node node = graph_node(OP_CONCAT, x, y);
    node.out = build_shape(b, x);
    int64_t channels = (int64_t)node.out.c + build_shape(b, y).c;
    if (channels > ELEMENTS_MAX / 2)
        return build_stop(b, "a concatenation gives %lld channels", (long long)channels);
    node.out.c = (int)channels;
    return build_add(b, node);
}

int build_add_maps(struct builder *b, int x, int y, const char *what) {
    if (b->stopped) return -1;
    struct shape p = build_shape(b, x), q = build_shape(b, y);
    if (p.c != q.c || p.h != q.h || p.w != q.w)
        return build_stop(b, "%s adds [%d, %d, %d] and [%d, %d, %d]", what, p.c, p.h, p.w, q.c, q.h,
                          q.w);
    struct node node = graph_node(OP_ADD, x, y);
    node.out = p;
    return build_add(b, node);
}
