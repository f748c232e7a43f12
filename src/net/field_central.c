/* The walk that counts what exists: exact sets of positions, since strides wider than a kernel and
 * resizing to fewer positions leave gaps, and a clipped interval would begin in one. */
#include <string.h>

#include "net/field_reads.h"

/* Positions of one axis of a node's map; from > to while there is none. */
struct positions {
    bool *read;
    int from, to;
};

struct step {
    struct positions y, x;
    bool whole;
};

static struct step *make_steps(const struct graph *graph, int count, bool **flags) {
    size_t size = 0;
    for (int n = 0; n < count; n++)
        size += (size_t)graph->nodes[n].out.h + (size_t)graph->nodes[n].out.w;
    struct step *steps = mem_array((size_t)count, sizeof *steps);
    bool *next = *flags = mem_array(size, sizeof **flags);
    for (int n = 0; n < count; n++) {
        struct shape out = graph->nodes[n].out;
        steps[n].y = (struct positions){next, out.h, -1};
        steps[n].x = (struct positions){next + out.h, out.w, -1};
        next += out.h + out.w;
    }
    return steps;
}

static void mark(struct positions *at, int from, int to) {
    if (from > to) return;
    memset(at->read + from, true, (size_t)(to - from) + 1);
    if (from < at->from) at->from = from;
    if (to > at->to) at->to = to;
}

/* The inputs that output `position` reads and that exist. */
static bool find_reads(const struct node *node, int position, struct axis axis, int *from,
                       int *to) {
    struct interval at = field_reads(node, (struct interval){position, position}, axis);
    *from = at.from < 0 ? 0 : (int)at.from;
    *to = at.to > axis.in - 1 ? axis.in - 1 : (int)at.to;
    return *from <= *to;
}

static bool reads_any(const struct node *node, const struct positions *at, struct axis axis) {
    int from, to;
    for (int p = at->from; p <= at->to; p++)
        if (at->read[p] && find_reads(node, p, axis, &from, &to)) return true;
    return false;
}

static void mark_reads(const struct node *node, const struct positions *at, struct axis axis,
                       struct positions *of_input) {
    int from, to;
    for (int p = at->from; p <= at->to; p++)
        if (at->read[p] && find_reads(node, p, axis, &from, &to)) mark(of_input, from, to);
}

static void step_back(const struct field_map *map, int number, struct step *steps) {
    const struct node *node = &map->graph->nodes[number];
    const struct step *step = &steps[number];
    for (int i = 0; i < NODE_INPUTS && node->inputs[i] >= 0; i++) {
        struct step *to = &steps[node->inputs[i]];
        struct axis y, x;
        field_axes(map, number, i, &y, &x);
        /* What fit pad adds reads nothing, nor does an output that no tap meets. */
        if (!reads_any(node, &step->y, y) || !reads_any(node, &step->x, x)) continue;
        to->whole |= step->whole || field_sees_whole_map(node->op);
        mark_reads(node, &step->y, y, &to->y);
        mark_reads(node, &step->x, x, &to->x);
    }
}

struct field field_central(const struct field_map *map, int node) {
    const struct graph *graph = map->graph;
    struct field field = {.jump_height = map->jumps[node].h, .jump_width = map->jumps[node].w};
    bool *flags;
    struct step *steps = make_steps(graph, node + 1, &flags);
    struct shape out = graph->nodes[node].out;
    mark(&steps[node].y, (out.h - 1) / 2, (out.h - 1) / 2);
    mark(&steps[node].x, (out.w - 1) / 2, (out.w - 1) / 2);
    for (int n = node; n >= 0; n--) {
        const struct step *step = &steps[n];
        if (step->y.to < 0) continue;
        step_back(map, n, steps);
        if (graph->nodes[n].op != OP_INPUT) continue;
        field.height = step->y.to - step->y.from + 1;
        field.width = step->x.to - step->x.from + 1;
        field.whole = step->whole;
    }
    mem_free(flags);
    mem_free(steps);
    return field;
}
