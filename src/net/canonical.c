#include "net/canonical.h"

#include <math.h>

static bool same_shape(struct shape a, struct shape b) {
    return a.c == b.c && a.h == b.h && a.w == b.w;
}

/* A window that is placed once does not move, and one input position is not spread: the stride
 * along that axis multiplies 0 only. */
static void drop_idle_stride(struct node *node, struct shape one) {
    if (one.h == 1) node->stride.h = 1;
    if (one.w == 1) node->stride.w = 1;
}

static bool is_act(const struct node *node, enum act act) {
    return node->op == OP_ACT && node->act == act;
}

/* An activation acts on each value alone, so also on each part of a concatenation. */
static int act_of_concat(struct graph *graph, struct node act, struct node concat) {
    for (int i = 0; i < 2; i++) {
        struct node part = act;
        part.inputs[0] = concat.inputs[i];
        part.out = graph->nodes[concat.inputs[i]].out;
        concat.inputs[i] = graph_add(graph, part);
    }
    return graph_add(graph, concat);
}

/* relu, elu and leaky_relu keep positive values, and make no negative one positive. */
static bool keeps_positive(const struct node *node) {
    return is_act(node, ACT_RELU) || is_act(node, ACT_ELU) ||
           (is_act(node, ACT_LEAKY_RELU) && node->value >= 0);
}

static bool is_positive(const struct node *node) {
    return is_act(node, ACT_RELU) || is_act(node, ACT_SIGMOID);
}

static int canonical_act(struct graph *graph, struct node *node) {
    if (node->act == ACT_LEAKY_RELU && node->value == 0) {
        node->act = ACT_RELU;
        node->value = 0; /* not -0 */
    }
    if (node->act == ACT_NONE || (node->act == ACT_LEAKY_RELU && node->value == 1))
        return node->inputs[0];
    const struct node *inner = &graph->nodes[node->inputs[0]];
    while (node->act == ACT_RELU && keeps_positive(inner) && !is_act(inner, ACT_RELU)) {
        node->inputs[0] = inner->inputs[0];
        inner = &graph->nodes[node->inputs[0]];
    }
    if (keeps_positive(node) && is_positive(inner)) return node->inputs[0];
    if (inner->op == OP_CONCAT) return act_of_concat(graph, *node, *inner);
    return -1;
}

/* Along one axis: one position is spread to the same value everywhere, and positions that stay are
 * not mixed, whatever the mode. (The weights of a mode sum to 1 but for an error in double
 * precision, which rounding to a float takes away.) */
static bool mode_is_idle(int in, int out) {
    return in == 1 || in == out;
}

/* Every output lies on an input, or halfway between the two that there are: the cubic is linear. */
static bool cubic_is_linear(int in, int out) {
    return mode_is_idle(in, out) || (in % out == 0 && in / out % 2 == 1) || (in == 2 && out == 1);
}

/* Along one axis: nearest gives every output the input of its own number, as a crop does: to one
 * position, or from one more than there are. (PyTorch's rounding, in single precision, decides.) */
static bool nearest_is_crop(int in, int out) {
    if (in == out || out == 1) return true;
    if (in != out + 1) return false;
    for (int i = 0; i < out; i++)
        if ((int)floorf((float)i * ((float)in / (float)out)) != i) return false;
    return true;
}

static int canonical_resize(struct node *node, int input, struct shape in) {
    struct shape out = node->out;
    if (same_shape(in, out)) return input;
    if (node->mode == MODE_BICUBIC && cubic_is_linear(in.h, out.h) && cubic_is_linear(in.w, out.w))
        node->mode = MODE_BILINEAR;
    if (mode_is_idle(in.h, out.h) && mode_is_idle(in.w, out.w)) node->mode = MODE_NEAREST;
    if (node->mode == MODE_NEAREST && nearest_is_crop(in.h, out.h) && nearest_is_crop(in.w, out.w))
        node->op = OP_WINDOW;
    return -1;
}

int canonical_node(struct graph *graph, struct node *node) {
    int input = node->inputs[0];
    switch (node->op) {
    case OP_CONV:
        drop_idle_stride(node, node->out);
        return -1;
    case OP_CONV_TRANSPOSE:
        drop_idle_stride(node, graph->nodes[input].out);
        return -1;
    case OP_ACT:
        return canonical_act(graph, node);
    case OP_RESIZE:
        return canonical_resize(node, input, graph->nodes[input].out);
    case OP_WINDOW:
    case OP_EXPAND:
    case OP_SLICE:
    case OP_PIXEL_SHUFFLE:
        return same_shape(node->out, graph->nodes[input].out) ? input : -1;
    default:
        return -1;
    }
}
