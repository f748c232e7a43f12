#include "report/onnx_ops.h"

#include <math.h>

const char *onnx_part(const struct onnx_op *op, const char *what) {
    return onnx_name(op->b, arena_printf(&op->b->arena, "%s/%s", op->name, what));
}

const char *onnx_reshape(const struct onnx_op *op, const char *output, const char *x,
                         const int64_t *dims, int rank) {
    return onnx_add(op->b, "Reshape", output, x, onnx_ints(op->b, dims, rank));
}

const char *onnx_reshape_like(const struct onnx_op *op, const char *output, const char *x,
                              const char *like) {
    const char *shape = onnx_add(op->b, "Shape", onnx_part(op, "shape"), like, NULL);
    return onnx_add(op->b, "Reshape", output, x, shape);
}

const char *onnx_transpose(const struct onnx_op *op, const char *output, const char *x,
                           const int64_t *order, int rank) {
    struct onnx_node node = onnx_begin("Transpose", output);
    onnx_input(&node, x);
    onnx_list(&node, "perm", order, rank);
    return onnx_end(op->b, &node);
}

const char *onnx_slice(const struct onnx_op *op, const char *output, const char *x, int axis,
                       int first, int end) {
    struct onnx_node node = onnx_begin("Slice", output);
    onnx_input(&node, x);
    onnx_input(&node, ONNX_INTS(op->b, first));
    onnx_input(&node, ONNX_INTS(op->b, end));
    onnx_input(&node, ONNX_INTS(op->b, axis));
    return onnx_end(op->b, &node);
}

/* [N, dim, 1, 1]. A constant row is repeated for every image, since Concat does not broadcast. */
static const char *style(const struct onnx_op *op) {
    struct onnx_builder *b = op->b;
    int table = op->node->weights[0], dim = op->node->out.c;
    if (op->node->label == -1) {
        const char *rows = onnx_add(b, "Gather", onnx_part(op, "row"),
                                    onnx_weight(b, table, ONNX_AS_IS), ONNX_LABEL);
        return onnx_reshape(op, op->name, rows, (const int64_t[]){-1, dim, 1, 1}, 4);
    }
    struct onnx_node count = onnx_begin("Shape", onnx_part(op, "count"));
    onnx_input(&count, ONNX_IMAGE);
    onnx_int(&count, "start", 0);
    onnx_int(&count, "end", 1);
    struct onnx_node shape = onnx_begin("Concat", onnx_part(op, "shape"));
    onnx_input(&shape, onnx_end(b, &count));
    onnx_input(&shape, ONNX_INTS(b, dim, 1, 1));
    onnx_int(&shape, "axis", 0);
    return onnx_add(b, "Expand", op->name, onnx_row(b, table, op->node->label),
                    onnx_end(b, &shape));
}

static const char *conv(const struct onnx_op *op) {
    const struct node *n = op->node;
    bool transposed = n->op == OP_CONV_TRANSPOSE;
    struct onnx_node node = onnx_begin(transposed ? "ConvTranspose" : "Conv", op->name);
    onnx_input(&node, op->x[0]);
    onnx_input(&node, onnx_weight(op->b, n->weights[0], ONNX_AS_KERNEL));
    if (n->weights[1] >= 0) onnx_input(&node, onnx_weight(op->b, n->weights[1], ONNX_AS_IS));
    struct extent p = n->padding;
    onnx_pair(&node, "kernel_shape", n->kernel);
    onnx_pair(&node, "strides", op->exported->stride);
    onnx_list(&node, "pads", (const int64_t[]){p.h, p.w, p.h, p.w}, 4);
    if (transposed) onnx_pair(&node, "output_padding", op->exported->output_padding);
    return onnx_end(op->b, &node);
}

/* Crops or pads at the bottom and right; both only where the axes differ. */
static const char *window(const struct onnx_op *op) {
    struct shape in = op->in[0], out = op->node->out;
    bool pad_h = out.h > in.h, pad_w = out.w > in.w, pad = pad_h || pad_w;
    const char *x = op->x[0];
    bool crop_w = out.w < in.w;
    if (out.h < in.h)
        x = onnx_slice(op, pad || crop_w ? onnx_part(op, "rows") : op->name, x, 2, 0, out.h);
    if (crop_w) x = onnx_slice(op, pad ? onnx_part(op, "columns") : op->name, x, 3, 0, out.w);
    if (!pad) return x;
    struct onnx_node node = onnx_begin("Pad", op->name);
    onnx_input(&node, x);
    onnx_input(&node, ONNX_INTS(op->b, 0, 0, 0, 0, 0, 0, pad_h ? out.h - in.h : 0,
                                pad_w ? out.w - in.w : 0));
    return onnx_end(op->b, &node);
}

static const char *pixel_shuffle(const struct onnx_op *op) {
    struct shape in = op->in[0], out = op->node->out;
    int sh = op->node->stride.h, sw = op->node->stride.w;
    if (sh == sw) {
        struct onnx_node node = onnx_begin("DepthToSpace", op->name);
        onnx_input(&node, op->x[0]);
        onnx_int(&node, "blocksize", sh);
        onnx_word(&node, "mode", "CRD");
        return onnx_end(op->b, &node);
    }
    const char *parts = onnx_reshape(op, onnx_part(op, "parts"), op->x[0],
                                     (const int64_t[]){0, out.c, sh, sw, in.h, in.w}, 6);
    const char *woven =
        onnx_transpose(op, onnx_part(op, "woven"), parts, (const int64_t[]){0, 1, 4, 2, 5, 3}, 6);
    return onnx_reshape(op, op->name, woven, (const int64_t[]){0, out.c, out.h, out.w}, 4);
}

/* 0.5 x (1 + erf(x / sqrt 2)); the operator Gelu came with opset 20. */
static const char *gelu(const struct onnx_op *op) {
    struct onnx_builder *b = op->b;
    const char *x = op->x[0];
    const char *y = onnx_add(b, "Mul", onnx_part(op, "scaled"), x, onnx_float(b, sqrtf(0.5f)));
    y = onnx_add(b, "Erf", onnx_part(op, "erf"), y, NULL);
    y = onnx_add(b, "Add", onnx_part(op, "one_more"), y, onnx_float(b, 1));
    y = onnx_add(b, "Mul", onnx_part(op, "double"), x, y);
    return onnx_add(b, "Mul", op->name, y, onnx_float(b, 0.5f));
}

static const char *act(const struct onnx_op *op) {
    struct onnx_builder *b = op->b;
    const char *x = op->x[0];
    struct onnx_node node;
    switch (op->node->act) {
    case ACT_RELU:
        return onnx_add(b, "Relu", op->name, x, NULL);
    case ACT_LEAKY_RELU:
        node = onnx_begin("LeakyRelu", op->name);
        onnx_input(&node, x);
        onnx_real(&node, "alpha", op->node->value);
        return onnx_end(b, &node);
    case ACT_SILU:
        return onnx_add(b, "Mul", op->name, x,
                        onnx_add(b, "Sigmoid", onnx_part(op, "sigmoid"), x, NULL));
    case ACT_ELU:
        return onnx_add(b, "Elu", op->name, x, NULL);
    case ACT_GELU:
        return gelu(op);
    case ACT_TANH:
        return onnx_add(b, "Tanh", op->name, x, NULL);
    case ACT_SIGMOID:
        return onnx_add(b, "Sigmoid", op->name, x, NULL);
    case ACT_NONE:
        break;
    }
    return x;
}

static const char *concat(const struct onnx_op *op) {
    struct onnx_node node = onnx_begin("Concat", op->name);
    onnx_input(&node, op->x[0]);
    onnx_input(&node, op->x[1]);
    onnx_int(&node, "axis", 1);
    return onnx_end(op->b, &node);
}

static const char *expand(const struct onnx_op *op) {
    struct shape out = op->node->out;
    return onnx_add(op->b, "Expand", op->name, op->x[0], ONNX_INTS(op->b, 1, 1, out.h, out.w));
}

static const char *film(const struct onnx_op *op) {
    int c = op->node->out.c;
    const char *scale = onnx_slice(op, onnx_part(op, "scale"), op->x[1], 1, 0, c);
    const char *shift = onnx_slice(op, onnx_part(op, "shift"), op->x[1], 1, c, 2 * c);
    const char *scaled = onnx_add(op->b, "Mul", onnx_part(op, "scaled"), op->x[0], scale);
    return onnx_add(op->b, "Add", op->name, scaled, shift);
}

static const char *gamma_of(const struct onnx_op *op) {
    const char *gamma = onnx_weight(op->b, op->node->weights[0], ONNX_AS_IS);
    const char *scaled = onnx_add(op->b, "Mul", onnx_part(op, "scaled"), op->x[0], gamma);
    return onnx_add(op->b, "Add", op->name, scaled, op->x[1]);
}

const char *onnx_op(const struct onnx_op *op) {
    int first = op->node->groups;
    switch (op->node->op) {
    case OP_INPUT:
        return ONNX_IMAGE;
    case OP_STYLE:
        return style(op);
    case OP_CONV:
    case OP_CONV_TRANSPOSE:
        return conv(op);
    case OP_RESIZE:
        return onnx_resize(op);
    case OP_WINDOW:
        return window(op);
    case OP_PIXEL_SHUFFLE:
        return pixel_shuffle(op);
    case OP_ACT:
        return act(op);
    case OP_BATCH_NORM:
        return onnx_batch_norm(op);
    case OP_NORM:
        return onnx_norm(op);
    case OP_CHANNEL_NORM:
        return onnx_channel_norm(op);
    case OP_CONCAT:
        return concat(op);
    case OP_ADD:
        return onnx_add(op->b, "Add", op->name, op->x[0], op->x[1]);
    case OP_MUL:
        return onnx_add(op->b, "Mul", op->name, op->x[0], op->x[1]);
    case OP_EXPAND:
        return expand(op);
    case OP_FILM:
        return film(op);
    case OP_SLICE:
        return onnx_slice(op, op->name, op->x[0], 1, first, first + op->node->out.c);
    case OP_ATTENTION:
        return onnx_attention(op);
    case OP_LINEAR_ATTENTION:
        return onnx_linear_attention(op);
    case OP_GAMMA:
        return gamma_of(op);
    }
    return NULL;
}
