/* The engine as a whole: random small graphs of every operation against the reference; the same
 * bits alone and in company, for any threads and any fill of the batch. */
#include "engine/trial.h"

struct maker {
    struct graph graph;
    struct arena arena;
    int nodes[64], count;
    int slots;
};

static int slot_of(struct maker *m, int rank, const int *dims, float scale, float shift) {
    struct slot slot = {
        .name = arena_printf(&m->arena, "w%d", m->slots++), .rank = rank, .scale = 1};
    for (int i = 0; i < rank; i++) slot.dims[i] = dims[i];
    float *data = arena_alloc(&m->arena, slot_count(&slot) * sizeof *data);
    for (size_t i = 0; i < slot_count(&slot); i++) data[i] = random_float() * scale + shift;
    slot.data = data;
    return graph_slot(&m->graph, &slot);
}

static struct shape shape_of(const struct maker *m, int node) {
    return m->graph.nodes[node].out;
}

static int add(struct maker *m, struct node node, int c, int h, int w) {
    node.out = (struct shape){c, h, w};
    int n = graph_add(&m->graph, node);
    if (m->count < 64) m->nodes[m->count++] = n;
    return n;
}

static int any(const struct maker *m) {
    return m->nodes[pick(0, m->count - 1)];
}

static int conv1x1(struct maker *m, int x, int outs) {
    struct shape s = shape_of(m, x);
    struct node node = graph_node(OP_CONV, x, -1);
    node.kernel = node.stride = (struct extent){1, 1};
    node.weights[0] = slot_of(m, 4, (int[]){outs, s.c, 1, 1}, sqrtf(3.0f / (float)s.c), 0);
    node.weights[1] = slot_of(m, 1, &outs, 0.5f, 0);
    return add(m, node, outs, s.h, s.w);
}

/* `x` brought to `shape`. */
static int brought(struct maker *m, int x, struct shape shape) {
    struct shape s = shape_of(m, x);
    struct node node = graph_node(pick(0, 3) ? OP_RESIZE : OP_WINDOW, x, -1);
    if (node.op == OP_RESIZE) node.mode = (enum mode)pick(MODE_NEAREST, MODE_BICUBIC);
    x = add(m, node, s.c, shape.h, shape.w);
    return s.c == shape.c ? x : conv1x1(m, x, shape.c);
}

static void add_norm(struct maker *m, int x, struct shape s) {
    static const enum op ops[] = {OP_BATCH_NORM, OP_NORM, OP_CHANNEL_NORM};
    struct node node = graph_node(ops[pick(0, 2)], x, -1);
    node.value = 0.1; /* so that errors are not blown up where values happen to be equal */
    if (node.op == OP_NORM)
        node.groups = s.c % 2 == 0 && pick(0, 1) ? s.c / 2 : pick(0, 1) ? 1 : s.c;
    if (node.op != OP_NORM || pick(0, 1)) {
        node.weights[0] = slot_of(m, 1, &s.c, 0.5f, 1);
        node.weights[1] = slot_of(m, 1, &s.c, 0.5f, 0);
    }
    if (node.op == OP_BATCH_NORM) {
        node.weights[2] = slot_of(m, 1, &s.c, 0.5f, 0);
        node.weights[3] = slot_of(m, 1, &s.c, 0.5f, 1);
    }
    add(m, node, s.c, s.h, s.w);
}

static void add_attention(struct maker *m, int x, struct shape s) {
    bool linear = pick(0, 1);
    int heads = linear ? 1 : pick(1, 3), depth = heads * pick(1, 20),
        channels = heads * pick(1, 20);
    struct node node = graph_node(linear ? OP_LINEAR_ATTENTION : OP_ATTENTION, conv1x1(m, x, depth),
                                  conv1x1(m, x, depth));
    node.inputs[2] = conv1x1(m, x, channels);
    node.groups = linear ? 0 : heads;
    add(m, node, channels, s.h, s.w);
}

static void add_pair(struct maker *m, int x, struct shape s) {
    int what = pick(0, 4);
    struct shape other = s;
    if (what == 1) other.c = pick(1, 30);
    if (what == 2 && pick(0, 1)) other.c = 1;
    int y = brought(m, any(m), other);
    if (what == 0) add(m, graph_node(OP_ADD, x, y), s.c, s.h, s.w);
    if (what == 1) add(m, graph_node(OP_CONCAT, x, y), s.c + other.c, s.h, s.w);
    if (what == 2) add(m, graph_node(OP_MUL, x, y), s.c, s.h, s.w);
    if (what == 3) {
        struct node node = graph_node(OP_GAMMA, x, y);
        node.weights[0] = slot_of(m, 1, (int[]){1}, 1, 0);
        add(m, node, s.c, s.h, s.w);
    }
    if (what == 4) {
        int film = conv1x1(m, brought(m, y, (struct shape){s.c, 1, 1}), 2 * s.c);
        add(m, graph_node(OP_FILM, x, film), s.c, s.h, s.w);
    }
}

static void add_style(struct maker *m, struct shape s) {
    struct node node = graph_node(OP_STYLE, -1, -1);
    int dim = pick(1, 20);
    node.label = pick(-1, 2);
    node.weights[0] = slot_of(m, 2, (int[]){3, dim}, 1, 0);
    int style = add(m, node, dim, 1, 1);
    add(m, graph_node(OP_EXPAND, style, -1), dim, s.h, s.w);
}

static void add_any(struct maker *m) {
    int x = any(m);
    struct shape s = shape_of(m, x);
    struct node node;
    switch (pick(0, 8)) {
    case 0:
        node = graph_node(OP_ACT, x, -1);
        node.act = (enum act)pick(ACT_RELU, ACT_SIGMOID);
        if (node.act == ACT_LEAKY_RELU) node.value = 0.2;
        add(m, node, s.c, s.h, s.w);
        break;
    case 1:
        if (s.h * s.w > 1 && s.c > 1) add_norm(m, x, s);
        break;
    case 2:
        add_attention(m, x, s);
        break;
    case 3:
    case 4:
        add_pair(m, x, s);
        break;
    case 5:
        node = graph_node(OP_SLICE, x, -1);
        node.groups = pick(0, s.c - 1);
        add(m, node, pick(1, s.c - node.groups), s.h, s.w);
        break;
    case 6:
        node = graph_node(OP_PIXEL_SHUFFLE, x, -1);
        node.stride = (struct extent){2, 1};
        if (s.c % 2 == 0 && s.h < 12) add(m, node, s.c / 2, 2 * s.h, s.w);
        break;
    case 7:
        add_style(m, s);
        break;
    case 8:
        brought(m, x, (struct shape){pick(1, 40), pick(1, 12), pick(1, 12)});
        break;
    }
}

static void random_graph(struct pool *pool) {
    struct maker m = {0};
    struct trial t = {.graph = &m.graph, .input = {pick(1, 20), pick(1, 9), pick(1, 9)}};
    add(&m, graph_node(OP_INPUT, -1, -1), t.input.c, t.input.h, t.input.w);
    for (int i = pick(2, 12); i > 0 && m.count < 40; i--) add_any(&m);
    t.root_count = pick(1, ROOTS);
    t.roots[0] = m.nodes[m.count - 1];
    for (int r = 1; r < t.root_count; r++) t.roots[r] = any(&m);
    trial_check(&t, 2e-5, pool, "random graph");
    graph_free(&m.graph);
    arena_free(&m.arena);
}

static void limits(void) {
    struct maker m = {0};
    int x = add(&m, graph_node(OP_INPUT, -1, -1), 1, 8, 8), root = conv1x1(&m, x, 16);
    struct engine_options options = {.isa = isa_detect(), .batch = 1, .memory_limit = 1000};
    struct err err = {0};
    CHECK(engine_create(&m.graph, &root, 1, &options, &err) == NULL);
    CHECK_INT(err.status, STATUS_LIMIT);
    err_free(&err);
    options.memory_limit = 0;
    struct engine *e = engine_create(&m.graph, &root, 1, &options, &err);
    CHECK(e && engine_step_count(e) >= 2 && engine_weight_bytes(e) && engine_activation_bytes(e));
    for (int s = 0; e && s < engine_step_count(e); s++) CHECK(engine_step(e, s)->algorithm != NULL);
    size_t bytes = engine_memory(&m.graph, &root, 1, &options);
    CHECK(e && bytes >= engine_weight_bytes(e) + engine_activation_bytes(e) && bytes < 1u << 20);
    engine_free(e);
    engine_free(NULL);
    options.algorithm = "f9x9";
    CHECK(engine_create(&m.graph, &root, 1, &options, &err) == NULL);
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK(strstr(err.text, "f9x9") && strstr(err.text, "spread") && strstr(err.text, "f2x2"));
    err_free(&err);
    graph_free(&m.graph);
    arena_free(&m.arena);
}

/* Convolutions that share their weights and read each other: never run as one. */
static void repeated(struct pool *pool) {
    struct maker m = {0};
    struct trial t = {.graph = &m.graph, .root_count = 2, .input = {64, 2, 2}};
    struct node node = graph_node(OP_CONV, add(&m, graph_node(OP_INPUT, -1, -1), 64, 2, 2), -1);
    node.kernel = (struct extent){3, 3};
    node.stride = (struct extent){1, 1};
    node.padding = (struct extent){1, 1};
    node.weights[0] = slot_of(&m, 4, (int[]){64, 64, 3, 3}, sqrtf(3.0f / (64 * 9)), 0);
    for (int i = 0; i < 4; i++) t.roots[i / 2] = node.inputs[0] = add(&m, node, 64, 2, 2);
    trial_check(&t, 2e-5, pool, "repeated");
    graph_free(&m.graph);
    arena_free(&m.arena);
}

int main(void) {
    trial_seed();
    struct pool *pool = pool_create(2);
    for (int i = 0; i < 60; i++) random_graph(pool);
    repeated(pool);
    limits();
    pool_free(pool);
    return check_end();
}
