#include "net/canonical.h"

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

static int canonical_act(struct graph *graph, struct node *node) {
    if (node->act == ACT_NONE) return node->inputs[0];
    const struct node *inner = &graph->nodes[node->inputs[0]];
    if (node->act == ACT_RELU) {
        if (is_act(inner, ACT_RELU)) return node->inputs[0];
        /* relu(max(x, 0) + slope min(x, 0)) is relu(x): the second term is never positive. */
        while (is_act(inner, ACT_LEAKY_RELU) && inner->value >= 0) {
            node->inputs[0] = inner->inputs[0];
            inner = &graph->nodes[node->inputs[0]];
        }
        if (is_act(inner, ACT_RELU)) return node->inputs[0];
    }
    if (inner->op == OP_CONCAT) return act_of_concat(graph, *node, *inner);
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
    case OP_WINDOW:
    case OP_EXPAND:
    case OP_SLICE:
    case OP_PIXEL_SHUFFLE:
        return same_shape(node->out, graph->nodes[input].out) ? input : -1;
    default:
        return -1;
    }
}
