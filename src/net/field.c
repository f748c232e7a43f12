#include "net/field.h"

#include <math.h>

#include "net/field_reads.h"

struct field_step {
    bool reached, whole;
    struct interval y, x;
};

static bool is_conv(const struct node *node) {
    return node->op == OP_CONV || node->op == OP_CONV_TRANSPOSE;
}

/* The jump of a node: that of its input, times the input positions between two of its own. What
 * comes of the style alone has no positions: its jump is 0, and another input's counts. */
static struct field_jump jump_of(const struct field_map *map, int number) {
    const struct node *node = &map->graph->nodes[number];
    struct field_jump jump = {node->op == OP_INPUT, node->op == OP_INPUT};
    for (int i = 0; i < NODE_INPUTS && node->inputs[i] >= 0 && jump.h == 0; i++)
        jump = map->jumps[node->inputs[i]];
    struct extent stride = map->strides[number];
    switch (node->op) {
    case OP_CONV:
        return (struct field_jump){jump.h * stride.h, jump.w * stride.w};
    case OP_CONV_TRANSPOSE:
    case OP_PIXEL_SHUFFLE:
        return (struct field_jump){jump.h / stride.h, jump.w / stride.w};
    case OP_RESIZE: {
        struct shape in = map->graph->nodes[node->inputs[0]].out;
        return (struct field_jump){jump.h * in.h / node->out.h, jump.w * in.w / node->out.w};
    }
    default:
        return jump;
    }
}

void field_start(struct field_map *map, const struct graph *graph, const struct net *net) {
    size_t count = (size_t)graph->node_count;
    *map = (struct field_map){.graph = graph};
    map->strides = mem_array(count, sizeof *map->strides);
    map->jumps = mem_array(count, sizeof *map->jumps);
    map->steps = mem_array(count, sizeof *map->steps);
    for (size_t n = 0; n < count; n++) map->strides[n] = graph->nodes[n].stride;
    for (int i = 0; i < net->use_count; i++) {
        const struct net_use *use = &net->uses[i];
        if (use->stride.h && is_conv(&graph->nodes[use->node]))
            map->strides[use->node] = use->stride;
    }
    for (size_t n = 0; n < count; n++) map->jumps[n] = jump_of(map, (int)n);
}

void field_free(struct field_map *map) {
    mem_free(map->strides);
    mem_free(map->jumps);
    mem_free(map->steps);
    *map = (struct field_map){0};
}

static struct interval join(struct interval a, struct interval b) {
    if (interval_is_empty(a)) return b;
    return (struct interval){fmin(a.from, b.from), fmax(a.to, b.to)};
}

/* As PyTorch rounds it, in single precision. */
static double nearest(double at, double in, double out) {
    return floor((double)((float)at * ((float)in / (float)out)));
}

/* Of one output. */
static struct interval point_reads(double at, enum mode mode, double in, double out) {
    double source = (at + 0.5) * in / out - 0.5;
    double beyond = mode == MODE_BICUBIC && source > floor(source) ? 1 : 0;
    return (struct interval){floor(source) - beyond, ceil(source) + beyond};
}

/* Input positions that a resize reads along one axis (align_corners false): the source of output o
 * is at (o + 0.5) in / out - 0.5; nearest takes floor(o in / out). */
static struct interval resize_reads(struct interval at, enum mode mode, double in, double out) {
    if (mode == MODE_NEAREST)
        return (struct interval){nearest(at.from, in, out), nearest(at.to, in, out)};
    struct interval first = point_reads(at.from, mode, in, out);
    struct interval last = point_reads(at.to, mode, in, out);
    if (at.from == at.to) return first;
    /* A cubic on a position reads it alone, its neighbour beside it reads beyond. */
    struct interval second = point_reads(at.from + 1, mode, in, out);
    struct interval last_but_one = point_reads(at.to - 1, mode, in, out);
    return join(join(first, second), join(last_but_one, last));
}

struct interval field_reads(const struct node *node, struct interval at, struct axis a) {
    switch (node->op) {
    case OP_CONV:
        return (struct interval){at.from * a.stride - a.padding,
                                 at.to * a.stride - a.padding + a.kernel - 1};
    case OP_CONV_TRANSPOSE: /* input i acts on outputs i stride - padding .. + kernel - 1 */
        return (struct interval){ceil((at.from + a.padding - a.kernel + 1) / a.stride),
                                 floor((at.to + a.padding) / a.stride)};
    case OP_RESIZE:
        return resize_reads(at, node->mode, a.in, a.out);
    case OP_PIXEL_SHUFFLE:
        return (struct interval){floor(at.from / a.stride), floor(at.to / a.stride)};
    default:
        return at;
    }
}

bool field_sees_whole_map(enum op op) {
    return op == OP_NORM || op == OP_ATTENTION || op == OP_LINEAR_ATTENTION;
}

void field_axes(const struct field_map *map, int number, int input, struct axis *y,
                struct axis *x) {
    const struct node *node = &map->graph->nodes[number];
    struct shape in = map->graph->nodes[node->inputs[input]].out;
    struct extent stride = map->strides[number];
    *y = (struct axis){in.h, node->out.h, node->kernel.h, stride.h, node->padding.h};
    *x = (struct axis){in.w, node->out.w, node->kernel.w, stride.w, node->padding.w};
}

static void step_back(struct field_map *map, int number) {
    const struct node *node = &map->graph->nodes[number];
    const struct field_step *step = &map->steps[number];
    for (int i = 0; i < NODE_INPUTS && node->inputs[i] >= 0; i++) {
        struct field_step *to = &map->steps[node->inputs[i]];
        struct axis ay, ax;
        field_axes(map, number, i, &ay, &ax);
        struct interval y = field_reads(node, step->y, ay), x = field_reads(node, step->x, ax);
        if (interval_is_empty(y) || interval_is_empty(x)) continue; /* no tap meets */
        if (!to->reached) *to = (struct field_step){.reached = true, .y = {0, -1}, .x = {0, -1}};
        to->whole |= step->whole || field_sees_whole_map(node->op);
        to->y = join(to->y, y);
        to->x = join(to->x, x);
    }
}

struct field field_endless(struct field_map *map, int node) {
    struct field field = {.jump_height = map->jumps[node].h, .jump_width = map->jumps[node].w};
    for (int n = 0; n <= node; n++) map->steps[n].reached = false;
    map->steps[node] = (struct field_step){.reached = true};
    for (int n = node; n >= 0; n--) {
        const struct field_step *step = &map->steps[n];
        if (!step->reached) continue;
        if (map->graph->nodes[n].op == OP_INPUT) {
            field.height = fmax(0, step->y.to - step->y.from + 1);
            field.width = fmax(0, step->x.to - step->x.from + 1);
            field.whole = step->whole;
        }
        step_back(map, n);
    }
    return field;
}
