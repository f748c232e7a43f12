#include "net/graph.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "net/canonical.h"

static uint64_t mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_pair(uint64_t hash, int a, int b) {
    return mix(hash, (uint64_t)(uint32_t)a << 32 | (uint32_t)b);
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Tables: numbers of entries by hash. */

static void table_put(struct graph_table *table, uint64_t hash, int number) {
    size_t place = hash & (table->size - 1);
    while (table->places[place]) place = (place + 1) & (table->size - 1);
    table->places[place] = number + 1;
}

/* True when `count` entries and one more still fit without a rehash. */
static bool table_has_room(const struct graph_table *table, int count) {
    return 2 * ((size_t)count + 1) <= table->size;
}

static void table_renew(struct graph_table *table) {
    table->size = table->size ? 2 * table->size : 256;
    mem_free(table->places);
    table->places = mem_array(table->size, sizeof *table->places);
}

/* Nodes. */

static uint64_t node_hash(const struct node *n) {
    uint64_t hash = mix_pair(1, (int)n->op, n->inputs[0]);
    hash = mix_pair(hash, n->inputs[1], n->inputs[2]);
    for (int i = 0; i < NODE_WEIGHTS; i += 2)
        hash = mix_pair(hash, n->weights[i], n->weights[i + 1]);
    hash = mix_pair(hash, n->out.c, n->out.h);
    hash = mix_pair(hash, n->out.w, n->groups);
    hash = mix_pair(hash, n->kernel.h, n->kernel.w);
    hash = mix_pair(hash, n->stride.h, n->stride.w);
    hash = mix_pair(hash, n->padding.h, n->padding.w);
    hash = mix_pair(hash, (int)n->act, (int)n->mode);
    hash = mix_pair(hash, n->label, 0);
    return mix(hash, bits_of(n->value));
}

static bool same_extent(struct extent a, struct extent b) {
    return a.h == b.h && a.w == b.w;
}

static bool same_node(const struct node *a, const struct node *b) {
    return a->op == b->op && memcmp(a->inputs, b->inputs, sizeof a->inputs) == 0 &&
           memcmp(a->weights, b->weights, sizeof a->weights) == 0 && a->out.c == b->out.c &&
           a->out.h == b->out.h && a->out.w == b->out.w && same_extent(a->kernel, b->kernel) &&
           same_extent(a->stride, b->stride) && same_extent(a->padding, b->padding) &&
           a->act == b->act && a->mode == b->mode && a->groups == b->groups &&
           a->label == b->label && bits_of(a->value) == bits_of(b->value);
}

static int find_node(const struct graph *graph, uint64_t hash, const struct node *node) {
    const struct graph_table *table = &graph->node_table;
    for (size_t place = hash & (table->size - 1); table->places[place];
         place = (place + 1) & (table->size - 1)) {
        int number = table->places[place] - 1;
        if (same_node(&graph->nodes[number], node)) return number;
    }
    return -1;
}

int graph_add(struct graph *graph, struct node node) {
    for (int i = 0; i < NODE_INPUTS; i++) assert(node.inputs[i] < graph->node_count);
    assert(node.out.c > 0 && node.out.h > 0 && node.out.w > 0);
    int equal = graph->plain ? -1 : canonical_node(graph, &node);
    if (equal >= 0) return equal;
    if (!table_has_room(&graph->node_table, graph->node_count)) {
        table_renew(&graph->node_table);
        for (int i = 0; i < graph->node_count; i++)
            table_put(&graph->node_table, node_hash(&graph->nodes[i]), i);
    }
    uint64_t hash = node_hash(&node);
    equal = find_node(graph, hash, &node);
    if (equal >= 0) return equal;
    int number = graph->node_count++;
    mem_grow(&graph->nodes, &graph->node_capacity, (size_t)graph->node_count, sizeof *graph->nodes);
    graph->nodes[number] = node;
    table_put(&graph->node_table, hash, number);
    return number;
}

struct node graph_node(enum op op, int input0, int input1) {
    struct node node = {.op = op, .inputs = {input0, input1, -1}, .weights = {-1, -1, -1, -1}};
    return node;
}

/* Slots. */

size_t slot_count(const struct slot *slot) {
    size_t count = 1;
    for (int i = 0; i < slot->rank; i++) count *= (size_t)slot->dims[i];
    return count;
}

static bool is_bound(const struct slot *slot) {
    return slot->content[0] || slot->content[1];
}

static uint64_t slot_hash(const struct slot *slot) {
    uint64_t hash = mix_pair(2, slot->rank, 0);
    for (int i = 0; i < slot->rank; i++) hash = mix_pair(hash, slot->dims[i], i);
    if (is_bound(slot)) return mix(mix(hash, slot->content[0]), slot->content[1]);
    return hash64(slot->name, strlen(slot->name), hash);
}

static bool same_slot(const struct slot *a, const struct slot *b) {
    if (a->rank != b->rank || memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) != 0 ||
        is_bound(a) != is_bound(b))
        return false;
    if (is_bound(a)) return a->content[0] == b->content[0] && a->content[1] == b->content[1];
    return a->role == b->role && strcmp(a->name, b->name) == 0;
}

int graph_slot(struct graph *graph, const struct slot *slot) {
    assert(slot->rank >= 1 && slot->rank <= 4);
    struct graph_table *table = &graph->slot_table;
    if (!table_has_room(table, graph->slot_count)) {
        table_renew(table);
        for (int i = 0; i < graph->slot_count; i++)
            table_put(table, slot_hash(&graph->slots[i]), i);
    }
    uint64_t hash = slot_hash(slot);
    for (size_t place = hash & (table->size - 1); table->places[place];
         place = (place + 1) & (table->size - 1)) {
        int number = table->places[place] - 1;
        if (same_slot(&graph->slots[number], slot)) return number;
    }
    int number = graph->slot_count++;
    mem_grow(&graph->slots, &graph->slot_capacity, (size_t)graph->slot_count, sizeof *graph->slots);
    graph->slots[number] = *slot;
    graph->slots[number].name = arena_strdup(&graph->arena, slot->name);
    table_put(table, hash, number);
    return number;
}

void graph_live(const struct graph *graph, const int *roots, int root_count, bool *live) {
    memset(live, 0, (size_t)graph->node_count * sizeof *live);
    for (int i = 0; i < root_count; i++)
        if (roots[i] >= 0) live[roots[i]] = true;
    for (int n = graph->node_count - 1; n >= 0; n--) {
        if (!live[n]) continue;
        for (int i = 0; i < NODE_INPUTS; i++)
            if (graph->nodes[n].inputs[i] >= 0) live[graph->nodes[n].inputs[i]] = true;
    }
}

void graph_free(struct graph *graph) {
    mem_free(graph->nodes);
    mem_free(graph->slots);
    mem_free(graph->node_table.places);
    mem_free(graph->slot_table.places);
    arena_free(&graph->arena);
    *graph = (struct graph){0};
}

const char *graph_op_name(enum op op) {
    static const char *const names[] = {
        [OP_INPUT] = "input",
        [OP_STYLE] = "style",
        [OP_CONV] = "conv",
        [OP_CONV_TRANSPOSE] = "conv_transpose",
        [OP_RESIZE] = "resize",
        [OP_WINDOW] = "window",
        [OP_PIXEL_SHUFFLE] = "pixel_shuffle",
        [OP_ACT] = "activation",
        [OP_BATCH_NORM] = "batch_norm",
        [OP_NORM] = "norm",
        [OP_CHANNEL_NORM] = "channel_norm",
        [OP_CONCAT] = "concat",
        [OP_ADD] = "add",
        [OP_MUL] = "multiply",
        [OP_EXPAND] = "expand",
        [OP_FILM] = "film",
        [OP_SLICE] = "slice",
        [OP_ATTENTION] = "attention",
        [OP_LINEAR_ATTENTION] = "linear_attention",
        [OP_GAMMA] = "gamma",
    };
    return names[op];
}
