/* Norms, attention and resizing in ONNX. */
#include <math.h>

#include "report/onnx_ops.h"

static const char *scale_of(const struct onnx_op *op, int channels) {
    int slot = op->node->weights[0];
    return slot >= 0 ? onnx_weight(op->b, slot, ONNX_AS_IS) : onnx_filled(op->b, 1, channels);
}

static const char *shift_of(const struct onnx_op *op, int channels) {
    int slot = op->node->weights[1];
    return slot >= 0 ? onnx_weight(op->b, slot, ONNX_AS_IS) : onnx_filled(op->b, 0, channels);
}

const char *onnx_batch_norm(const struct onnx_op *op) {
    int channels = op->node->out.c;
    struct onnx_node node = onnx_begin("BatchNormalization", op->name);
    onnx_input(&node, op->x[0]);
    onnx_input(&node, scale_of(op, channels));
    onnx_input(&node, shift_of(op, channels));
    onnx_input(&node, onnx_weight(op->b, op->node->weights[2], ONNX_AS_IS));
    onnx_input(&node, onnx_weight(op->b, op->node->weights[3], ONNX_AS_IS));
    onnx_real(&node, "epsilon", op->node->value);
    return onnx_end(op->b, &node);
}

/* Each channel of `x` on its own; `scale` and `shift` have a value for each. */
static const char *instance_norm(const struct onnx_op *op, const char *output, const char *x,
                                 const char *scale, const char *shift) {
    struct onnx_node node = onnx_begin("InstanceNormalization", output);
    onnx_input(&node, x);
    onnx_input(&node, scale);
    onnx_input(&node, shift);
    onnx_real(&node, "epsilon", op->node->value);
    return onnx_end(op->b, &node);
}

/* The instance norm of [N, groups, all values of a group]; the channels' scale and shift after. */
static const char *group_norm(const struct onnx_op *op) {
    int groups = op->node->groups, scale = op->node->weights[0], shift = op->node->weights[1];
    const char *ones = onnx_filled(op->b, 1, groups), *zeros = onnx_filled(op->b, 0, groups);
    const char *y =
        onnx_reshape(op, onnx_part(op, "groups"), op->x[0], (const int64_t[]){0, groups, -1}, 3);
    y = instance_norm(op, onnx_part(op, "normal"), y, ones, zeros);
    if (scale < 0) return onnx_reshape_like(op, op->name, y, op->x[0]);
    y = onnx_reshape_like(op, onnx_part(op, "channels"), y, op->x[0]);
    y = onnx_add(op->b, "Mul", onnx_part(op, "scaled"), y,
                 onnx_weight(op->b, scale, ONNX_AS_CHANNELS));
    return onnx_add(op->b, "Add", op->name, y, onnx_weight(op->b, shift, ONNX_AS_CHANNELS));
}

const char *onnx_norm(const struct onnx_op *op) {
    int channels = op->node->out.c;
    if (op->node->groups != channels) return group_norm(op);
    const char *scale = scale_of(op, channels), *shift = shift_of(op, channels);
    return instance_norm(op, op->name, op->x[0], scale, shift);
}

const char *onnx_channel_norm(const struct onnx_op *op) {
    const char *last = onnx_transpose(op, onnx_part(op, "channels_last"), op->x[0],
                                      (const int64_t[]){0, 2, 3, 1}, 4);
    struct onnx_node node = onnx_begin("LayerNormalization", onnx_part(op, "normal"));
    onnx_input(&node, last);
    onnx_input(&node, onnx_weight(op->b, op->node->weights[0], ONNX_AS_IS));
    onnx_input(&node, onnx_weight(op->b, op->node->weights[1], ONNX_AS_IS));
    onnx_int(&node, "axis", -1);
    onnx_real(&node, "epsilon", op->node->value);
    return onnx_transpose(op, op->name, onnx_end(op->b, &node), (const int64_t[]){0, 3, 1, 2}, 4);
}

/* Input `i` [N, c, h, w] as [N, heads, c / heads, positions]. */
static const char *by_heads(const struct onnx_op *op, int i, const char *what) {
    int heads = op->node->groups;
    return onnx_reshape(op, onnx_part(op, what), op->x[i],
                        (const int64_t[]){0, heads, op->in[i].c / heads, -1}, 4);
}

/* softmax(q^T k / sqrt(depth)) v^T, transposed back. */
const char *onnx_attention(const struct onnx_op *op) {
    const int64_t swap[] = {0, 1, 3, 2};
    struct onnx_builder *b = op->b;
    double depth = (double)op->in[0].c / op->node->groups;
    const char *q = onnx_transpose(op, onnx_part(op, "queries"), by_heads(op, 0, "q"), swap, 4);
    const char *k = by_heads(op, 1, "k");
    const char *v = onnx_transpose(op, onnx_part(op, "values"), by_heads(op, 2, "v"), swap, 4);
    const char *scores = onnx_add(b, "MatMul", onnx_part(op, "products"), q, k);
    scores = onnx_add(b, "Mul", onnx_part(op, "scores"), scores,
                      onnx_float(b, (float)(1 / sqrt(depth))));
    struct onnx_node softmax = onnx_begin("Softmax", onnx_part(op, "weights"));
    onnx_input(&softmax, scores);
    onnx_int(&softmax, "axis", -1);
    const char *y = onnx_add(b, "MatMul", onnx_part(op, "sums"), onnx_end(b, &softmax), v);
    y = onnx_transpose(op, onnx_part(op, "by_heads"), y, swap, 4);
    return onnx_reshape_like(op, op->name, y, op->x[2]);
}

static const char *flat(const struct onnx_op *op, int i, const char *what) {
    return onnx_reshape(op, onnx_part(op, what), op->x[i], (const int64_t[]){0, op->in[i].c, -1},
                        3);
}

/* phi(u) = elu(u) + 1 of input `i`, [N, d, positions]. */
static const char *features(const struct onnx_op *op, int i, const char *what, const char *elu) {
    const char *y = onnx_add(op->b, "Elu", onnx_part(op, elu), flat(op, i, what), NULL);
    return onnx_add(op->b, "Add", onnx_part(op, i == 0 ? "queries" : "keys"), y,
                    onnx_float(op->b, 1));
}

/* (v phi(k)^T) phi(q) / max((phi(k) 1)^T phi(q), 1e-6) */
const char *onnx_linear_attention(const struct onnx_op *op) {
    const int64_t swap[] = {0, 2, 1};
    struct onnx_builder *b = op->b;
    const char *q = features(op, 0, "q", "q_elu"), *k = features(op, 1, "k", "k_elu");
    const char *v = flat(op, 2, "v");
    const char *keys = onnx_transpose(op, onnx_part(op, "keys_last"), k, swap, 3);
    const char *context = onnx_add(b, "MatMul", onnx_part(op, "context"), v, keys);
    const char *sums = onnx_add(b, "MatMul", onnx_part(op, "sums"), context, q);
    struct onnx_node reduce = onnx_begin("ReduceSum", onnx_part(op, "key_sum"));
    onnx_input(&reduce, keys);
    onnx_input(&reduce, ONNX_INTS(b, 1));
    onnx_int(&reduce, "keepdims", 1);
    const char *total = onnx_add(b, "MatMul", onnx_part(op, "products"), onnx_end(b, &reduce), q);
    total = onnx_add(b, "Max", onnx_part(op, "total"), total, onnx_float(b, 1e-6f));
    const char *y = onnx_add(b, "Div", onnx_part(op, "quotients"), sums, total);
    return onnx_reshape_like(op, op->name, y, op->x[2]);
}

/* Where PyTorch finds position `i`: in single precision, where rounding decides between two. */
static int nearest(int i, int in, int out) {
    int at = (int)floorf((float)i * ((float)in / (float)out));
    return at < in ? at : in - 1;
}

/* Every input position is repeated out / in times, as any rounding of Resize has it. */
static bool repeats(int in, int out) {
    if (out % in) return false;
    for (int i = 0; i < out; i++)
        if (nearest(i, in, out) != i / (out / in)) return false;
    return true;
}

static const char *gather(const struct onnx_op *op, const char *output, const char *x, int axis,
                          int in, int out) {
    int64_t *at = mem_array((size_t)out, sizeof *at);
    for (int i = 0; i < out; i++) at[i] = nearest(i, in, out);
    struct onnx_node node = onnx_begin("Gather", output);
    onnx_input(&node, x);
    onnx_input(&node, onnx_ints(op->b, at, out));
    onnx_int(&node, "axis", axis);
    mem_free(at);
    return onnx_end(op->b, &node);
}

const char *onnx_resize(const struct onnx_op *op) {
    struct shape in = op->in[0], out = op->node->out;
    enum mode mode = op->node->mode;
    if (mode == MODE_NEAREST && !(repeats(in.h, out.h) && repeats(in.w, out.w))) {
        const char *rows = gather(op, onnx_part(op, "rows"), op->x[0], 2, in.h, out.h);
        return gather(op, op->name, rows, 3, in.w, out.w);
    }
    int scale = out.h / in.h; /* by a whole number is said so, which holds at any size */
    bool whole = out.h == scale * in.h && out.w == scale * in.w;
    struct onnx_node node = onnx_begin("Resize", op->name);
    onnx_input(&node, op->x[0]);
    onnx_input(&node, ""); /* roi */
    onnx_input(&node, whole ? onnx_filled(op->b, (float)scale, 2) : "");
    if (!whole) onnx_input(&node, ONNX_INTS(op->b, out.h, out.w));
    onnx_list(&node, "axes", (const int64_t[]){2, 3}, 2);
    onnx_word(&node, "mode",
              mode == MODE_NEAREST    ? "nearest"
              : mode == MODE_BILINEAR ? "linear"
                                      : "cubic");
    onnx_word(&node, "coordinate_transformation_mode",
              mode == MODE_NEAREST ? "asymmetric" : "half_pixel");
    if (mode == MODE_NEAREST) onnx_word(&node, "nearest_mode", "floor");
    if (mode == MODE_BICUBIC) onnx_real(&node, "cubic_coeff_a", -0.75);
    return onnx_end(op->b, &node);
}
