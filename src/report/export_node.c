#include "report/export_node.h"

#include <string.h>

#include "net/owner.h"

/* out = (in - 1) stride - 2 padding + kernel + output_padding */
static struct extent output_padding(const struct node *node, struct shape in,
                                    struct extent stride) {
    return (struct extent){
        node->out.h - ((in.h - 1) * stride.h - 2 * node->padding.h + node->kernel.h),
        node->out.w - ((in.w - 1) * stride.w - 2 * node->padding.w + node->kernel.w)};
}

static void note_strides(const struct graph *graph, const struct net *net,
                         struct export_node *nodes) {
    for (int i = 0; i < net->use_count; i++) {
        int n = net->uses[i].node;
        const struct node *node = &graph->nodes[n];
        if (node->op == OP_CONV || node->op == OP_CONV_TRANSPOSE)
            nodes[n].stride = net->uses[i].stride;
        if (node->op == OP_CONV_TRANSPOSE)
            nodes[n].output_padding =
                output_padding(node, graph->nodes[node->inputs[0]].out, nodes[n].stride);
    }
}

struct export_node *export_nodes(const struct graph *graph, const struct net *net) {
    size_t count = (size_t)graph->node_count;
    struct export_node *nodes = mem_array(count, sizeof *nodes);
    bool *live = mem_array(count, sizeof *live), *down = mem_array(count, sizeof *down);
    int *owner = mem_array(count, sizeof *owner);
    owner_of_nodes(graph, net, owner);
    graph_live(graph, &net->root, 1, live);
    graph_live(graph, &net->blocks[net->block_count - 1].styled, 1, down);
    for (size_t n = 0; n < count; n++)
        nodes[n] = (struct export_node){.live = live[n], .block = owner[n], .down = down[n]};
    note_strides(graph, net, nodes);
    mem_free(owner);
    mem_free(down);
    mem_free(live);
    return nodes;
}

/* The name of the layer that the weights of `node` belong to, without the block's. NULL when there
 * is none, or when the weights are those of a layer elsewhere that has equal ones. */
static const char *layer_of(const struct graph *graph, const struct node *node, const char *block) {
    if (node->weights[0] < 0) return NULL;
    const char *name = graph->slots[node->weights[0]].name;
    size_t length = strlen(block);
    return strncmp(name, block, length) == 0 && name[length] == '.' ? name + length + 1 : NULL;
}

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

void export_name(const struct graph *graph, const struct net *net, const struct export_node *nodes,
                 int n, struct text *out) {
    const struct node *node = &graph->nodes[n];
    const char *op = node->op == OP_ACT ? config_act_name(node->act) : graph_op_name(node->op);
    if (nodes[n].block < 0) {
        text_put(out, op);
        return;
    }
    const char *block = net->blocks[nodes[n].block].name, *layer = layer_of(graph, node, block);
    const char *leaf = layer ? strrchr(layer, '.') : NULL;
    text_add(out, "%s.", block);
    if (leaf && !starts_with(layer, "down.") && !starts_with(layer, "up."))
        text_write(out, layer, (size_t)(leaf - layer)); /* of an extra */
    else
        text_add(out, "%s.%s", nodes[n].down ? "down" : "up", op);
}
