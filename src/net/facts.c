#include "net/facts.h"

#include <string.h>

static uint64_t add(uint64_t a, uint64_t b) {
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t times(uint64_t a, uint64_t b) {
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t elements(struct shape s) {
    return times(times((uint64_t)s.c, (uint64_t)s.h), (uint64_t)s.w);
}

static bool is_conv(const struct node *node) {
    return node->op == OP_CONV || node->op == OP_CONV_TRANSPOSE;
}

/* One axis of a convolution. The strided side has `positions`, each of which meets the dense side
 * at position stride - padding + tap; a transposed convolution is the same seen from the other
 * side. */
struct axis {
    int positions, dense, kernel, stride, padding;
};

static struct axis axis_of(const struct graph *graph, const struct node *node, bool height) {
    struct shape in = graph->nodes[node->inputs[0]].out, out = node->out;
    bool transposed = node->op == OP_CONV_TRANSPOSE;
    struct shape strided = transposed ? in : out, dense = transposed ? out : in;
    if (height)
        return (struct axis){strided.h, dense.h, node->kernel.h, node->stride.h, node->padding.h};
    return (struct axis){strided.w, dense.w, node->kernel.w, node->stride.w, node->padding.w};
}

/* At how many positions the tap meets data: positions p with 0 <= p stride - padding + tap < dense.
 */
static int tap_positions(struct axis a, int tap) {
    int64_t offset = (int64_t)tap - a.padding, first = 0, last = a.dense - 1 - offset;
    if (offset < 0) first = (-offset + a.stride - 1) / a.stride;
    if (last < 0) return 0;
    last /= a.stride;
    if (last > a.positions - 1) last = a.positions - 1;
    return last < first ? 0 : (int)(last - first + 1);
}

static int live_taps(struct axis a) {
    int live = 0;
    for (int tap = 0; tap < a.kernel; tap++) live += tap_positions(a, tap) > 0;
    return live;
}

static uint64_t tap_products(struct axis a) {
    uint64_t products = 0;
    for (int tap = 0; tap < a.kernel; tap++) products += (uint64_t)tap_positions(a, tap);
    return products;
}

static struct taps taps_of(const struct graph *graph, int number) {
    if (number < 0) return (struct taps){0, 0};
    const struct node *node = &graph->nodes[number];
    return (struct taps){live_taps(axis_of(graph, node, true)) *
                             live_taps(axis_of(graph, node, false)),
                         node->kernel.h * node->kernel.w};
}

static struct macs conv_macs(const struct graph *graph, const struct node *node) {
    struct shape in = graph->nodes[node->inputs[0]].out, out = node->out;
    uint64_t pairs = times((uint64_t)in.c, (uint64_t)out.c); /* of channels */
    uint64_t weights = times(pairs, (uint64_t)node->kernel.h * (uint64_t)node->kernel.w);
    uint64_t at_output = times(weights, (uint64_t)out.h * (uint64_t)out.w);
    uint64_t at_input = times(weights, (uint64_t)in.h * (uint64_t)in.w);
    return (struct macs){node->op == OP_CONV ? at_output : at_input, at_output,
                         times(pairs, times(tap_products(axis_of(graph, node, true)),
                                            tap_products(axis_of(graph, node, false))))};
}

/* Softmax attention multiplies q by k and the result by v; linear attention k by v, q by that, and
 * q by the sum of k. */
static uint64_t attention_macs(const struct graph *graph, const struct node *node) {
    uint64_t d = (uint64_t)graph->nodes[node->inputs[0]].out.c, c = (uint64_t)node->out.c;
    uint64_t positions = (uint64_t)node->out.h * (uint64_t)node->out.w;
    if (node->op == OP_ATTENTION) return times(d + c, times(positions, positions));
    return times(positions, add(times(2 * d, c), d));
}

struct macs facts_node_macs(const struct graph *graph, const struct node *node) {
    if (is_conv(node)) return conv_macs(graph, node);
    if (node->op != OP_ATTENTION && node->op != OP_LINEAR_ATTENTION) return (struct macs){0};
    uint64_t macs = attention_macs(graph, node);
    return (struct macs){macs, macs, macs};
}

static void add_macs(struct macs *sum, struct macs more) {
    sum->input = add(sum->input, more.input);
    sum->output = add(sum->output, more.output);
    sum->effective = add(sum->effective, more.effective);
}

/* Of use number i; a use that reduced to an earlier one's node costs nothing more. */
static struct macs use_macs(const struct graph *graph, const struct net *net, int i) {
    struct macs macs = facts_node_macs(graph, &graph->nodes[net->uses[i].node]);
    for (int k = i - 1; k >= 0 && macs.output; k--)
        if (net->uses[k].node == net->uses[i].node) macs = (struct macs){0};
    return macs;
}

struct macs facts_macs(const struct graph *graph, const struct net *net) {
    struct macs sum = {0};
    for (int i = 0; i < net->use_count; i++) add_macs(&sum, use_macs(graph, net, i));
    return sum;
}

static void count_macs(const struct graph *graph, const struct net *net, struct facts *facts) {
    for (int i = 0; i < net->use_count; i++) {
        struct macs macs = use_macs(graph, net, i);
        add_macs(&facts->macs, macs);
        if (net->uses[i].block >= 0) add_macs(&facts->blocks[net->uses[i].block].macs, macs);
    }
}

static void count_parameters(const struct graph *graph, const struct net *net,
                             struct facts *facts) {
    for (int i = 0; i < net->slot_count; i++) {
        const struct slot *slot = &graph->slots[net->slots[i]];
        if (slot->role == ROLE_MEAN || slot->role == ROLE_VARIANCE) continue;
        facts->parameters = add(facts->parameters, slot_count(slot));
        if (net->slot_blocks[i] < 0) continue;
        uint64_t *sum = &facts->blocks[net->slot_blocks[i]].parameters;
        *sum = add(*sum, slot_count(slot));
    }
}

/* The convolution of `net` that first uses the slot, or NULL. */
static const struct node *conv_with(const struct graph *graph, const struct net *net, int slot) {
    for (int i = 0; i < net->use_count; i++) {
        const struct node *node = &graph->nodes[net->uses[i].node];
        if (is_conv(node) && node->weights[0] == slot) return node;
    }
    return NULL;
}

static void count_dead(const struct graph *graph, const struct net *net, struct facts *facts) {
    for (int i = 0; i < net->slot_count; i++) {
        const struct slot *slot = &graph->slots[net->slots[i]];
        const struct node *node = conv_with(graph, net, net->slots[i]);
        if (!node) continue;
        struct taps taps = taps_of(graph, (int)(node - graph->nodes));
        uint64_t count = slot_count(slot);
        facts->conv_weights = add(facts->conv_weights, count);
        facts->dead_weights =
            add(facts->dead_weights, count / (uint64_t)taps.of * (uint64_t)(taps.of - taps.live));
    }
}

static int taps_in_both(struct axis a, struct axis b) {
    int both = 0;
    for (int tap = 0; tap < a.kernel; tap++)
        both += tap_positions(a, tap) > 0 && tap_positions(b, tap) > 0;
    return both;
}

uint64_t facts_waking(const struct graph *graph, const struct net *now, const struct net *then) {
    uint64_t waking = 0;
    for (int i = 0; i < now->slot_count; i++) {
        const struct node *a = conv_with(graph, now, now->slots[i]);
        const struct node *b = conv_with(graph, then, now->slots[i]);
        if (!a || !b) continue;
        struct axis ah = axis_of(graph, a, true), aw = axis_of(graph, a, false);
        struct axis bh = axis_of(graph, b, true), bw = axis_of(graph, b, false);
        int taps = live_taps(ah) * live_taps(aw) - taps_in_both(ah, bh) * taps_in_both(aw, bw);
        uint64_t pairs = slot_count(&graph->slots[now->slots[i]]) /
                         ((uint64_t)a->kernel.h * (uint64_t)a->kernel.w);
        waking = add(waking, times(pairs, (uint64_t)taps));
    }
    return waking;
}

/* Marks what the net computes: all that the root needs, or all that was built. */
static void mark_used(const struct graph *graph, const struct net *net, bool *used) {
    if (net->ok) {
        graph_live(graph, &net->root, 1, used);
        return;
    }
    memset(used, 0, (size_t)graph->node_count * sizeof *used);
    for (int i = 0; i < net->use_count; i++) used[net->uses[i].node] = true;
}

static void count_memory(const struct graph *graph, const struct net *net, struct facts *facts) {
    size_t count = (size_t)graph->node_count;
    bool *used = mem_array(count, sizeof *used);
    int *last = mem_array(count, sizeof *last); /* the last node that reads it */
    uint64_t *freed = mem_array(count, sizeof *freed);
    mark_used(graph, net, used);
    for (int n = graph->node_count - 1; n >= 0; n--) {
        if (!used[n]) continue;
        const struct node *node = &graph->nodes[n];
        if (last[n] < n) last[n] = n;
        int until = node->op == OP_CONCAT ? last[n] : n;
        for (int i = 0; i < NODE_INPUTS; i++)
            if (node->inputs[i] >= 0 && last[node->inputs[i]] < until)
                last[node->inputs[i]] = until;
    }
    uint64_t alive = 0;
    for (int n = 0; n < graph->node_count; n++) {
        if (!used[n] || graph->nodes[n].op == OP_CONCAT) continue;
        uint64_t bytes = times(elements(graph->nodes[n].out), sizeof(float));
        facts->activation_bytes = add(facts->activation_bytes, bytes);
        alive = add(alive, bytes);
        if (alive > facts->peak_bytes) facts->peak_bytes = alive;
        freed[last[n]] = add(freed[last[n]], bytes);
        alive -= freed[n];
    }
    mem_free(used);
    mem_free(last);
    mem_free(freed);
}

void facts_of(const struct graph *graph, const struct net *net, struct facts *out) {
    *out = (struct facts){0};
    out->blocks = mem_array((size_t)net->block_count, sizeof *out->blocks);
    count_parameters(graph, net, out);
    count_macs(graph, net, out);
    count_dead(graph, net, out);
    count_memory(graph, net, out);
    struct field_map map;
    field_start(&map, graph, net);
    for (int i = 0; i < net->block_count; i++) {
        const struct net_block *block = &net->blocks[i];
        out->blocks[i].down = taps_of(graph, block->down_conv);
        out->blocks[i].up = taps_of(graph, block->up_conv);
        if (block->encoded >= 0) out->blocks[i].field = field_endless(&map, block->encoded);
    }
    if (net->ok) out->field = field_central(&map, net->root);
    field_free(&map);
}

void facts_free(struct facts *facts) {
    mem_free(facts->blocks);
    *facts = (struct facts){0};
}
