#include "cli/probe_graph.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"

/* A graph may make relu(act(z)) relu(z) when act keeps what is positive. */
static bool keeps_positive(const struct node *node) {
    return node->op == OP_ACT &&
           (node->act == ACT_ELU || (node->act == ACT_LEAKY_RELU && node->value >= 0));
}

/* Whether `relu` reads past a `from` that is act(z): it is to read what takes its place. */
static bool reads_past(const struct graph *graph, const struct node *relu, int from) {
    if (relu->op != OP_ACT || relu->act != ACT_RELU) return false;
    int node = from;
    while (keeps_positive(&graph->nodes[node])) node = graph->nodes[node].inputs[0];
    return node != from && node == relu->inputs[0];
}

/* The node number `number` over the inputs that stand for its own by now. */
static int rebuild(struct graph *graph, int number, const int *now, const struct replacement *list,
                   int count) {
    for (int i = 0; i < count; i++)
        if (list[i].from == number) return list[i].to;
    struct node node = graph->nodes[number];
    bool changed = false;
    for (int i = 0; i < NODE_INPUTS; i++) {
        if (node.inputs[i] < 0) continue;
        int input = now[node.inputs[i]];
        for (int r = 0; r < count; r++)
            if (reads_past(graph, &graph->nodes[number], list[r].from)) input = list[r].to;
        changed = changed || input != node.inputs[i];
        node.inputs[i] = input;
    }
    return changed ? graph_add(graph, node) : number;
}

int probe_replace(struct graph *graph, int node, const struct replacement *list, int count) {
    bool *live = mem_array((size_t)graph->node_count, sizeof *live);
    int *now = mem_array((size_t)node + 1, sizeof *now);
    graph_live(graph, &node, 1, live);
    for (int n = 0; n <= node; n++) now[n] = live[n] ? rebuild(graph, n, now, list, count) : -1;
    int result = now[node];
    mem_free(now);
    mem_free(live);
    return result;
}

int probe_slot(struct graph *graph, const char *name, enum slot_role role, const float *values,
               int count) {
    size_t bytes = (size_t)count * sizeof(float);
    float *copy = arena_alloc(&graph->arena, bytes);
    memcpy(copy, values, bytes);
    struct slot slot = {.name = name, .role = role, .rank = 1, .dims = {count}, .scale = 1};
    if (role == ROLE_EMBEDDING) { /* one row */
        slot.rank = 2;
        slot.dims[0] = 1;
        slot.dims[1] = count;
    }
    slot.content[0] = hash64(copy, bytes, 1);
    slot.content[1] = hash64(copy, bytes, 2);
    slot.data = copy;
    return graph_slot(graph, &slot);
}

/* An embedding's only row, spread over the positions. */
int probe_zeros(struct graph *graph, struct shape shape) {
    float *zeros = mem_array((size_t)shape.c, sizeof *zeros);
    struct node row = graph_node(OP_STYLE, -1, -1);
    row.weights[0] = probe_slot(graph, "probe.zeros", ROLE_EMBEDDING, zeros, shape.c);
    row.out = (struct shape){shape.c, 1, 1};
    mem_free(zeros);
    struct node spread = graph_node(OP_EXPAND, graph_add(graph, row), -1);
    spread.out = shape;
    return graph_add(graph, spread);
}

/* Linear attention whose queries and keys are all alike weighs all positions alike. */
int probe_means(struct graph *graph, int node) {
    struct shape shape = graph->nodes[node].out;
    int alike = probe_zeros(graph, (struct shape){1, shape.h, shape.w});
    struct node mean = graph_node(OP_LINEAR_ATTENTION, alike, alike);
    mean.inputs[2] = node;
    mean.out = shape;
    return graph_add(graph, mean);
}

int probe_input(const struct graph *graph, struct shape shape) {
    int n = 0;
    for (;; n++) {
        assert(n < graph->node_count); /* a net reads its input */
        const struct node *node = &graph->nodes[n];
        if (node->op == OP_INPUT && node->out.c == shape.c && node->out.h == shape.h &&
            node->out.w == shape.w)
            return n;
    }
}

int probe_input_half(struct graph *graph, int input, int half) {
    struct shape shape = graph->nodes[input].out;
    struct node both = graph_node(OP_INPUT, -1, -1);
    both.out = (struct shape){2 * shape.c, shape.h, shape.w};
    struct node slice = graph_node(OP_SLICE, graph_add(graph, both), -1);
    slice.out = shape;
    slice.groups = half * shape.c;
    return graph_add(graph, slice);
}
