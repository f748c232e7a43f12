/* The engine as a whole: random small graphs of every operation and small U-Nets against the
 * reference; the same bits alone and in company, for any threads and any fill of the batch. */
#include "engine/engine.h"

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/hash.h"
#include "engine/ref.h"
#include "net/facts.h"
#include "net/fixture.h"

static uint64_t random_state;

static uint64_t random_next(void) {
    return hash_mix(random_state += 0x9E3779B97F4A7C15u);
}

static int pick(int low, int high) { /* both included */
    return low + (int)(random_next() % (uint64_t)(high - low + 1));
}

static float random_float(void) { /* in [-1, 1) */
    return (float)(int32_t)(random_next() >> 32) * 0x1p-31f;
}

static size_t floats_of(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

/* Comparison with the reference. */

#define IMAGES 3
#define ROOTS  3

struct trial {
    const struct graph *graph;
    int roots[ROOTS], root_count;
    struct shape input;
    int labels[IMAGES];
    float *images[IMAGES];
    float *expected[ROOTS * IMAGES], *got[ROOTS * IMAGES];
    size_t spoilt; /* floats of weights that were overwritten as they were packed */
};

static size_t root_floats(const struct trial *t, int root) {
    return floats_of(t->graph->nodes[t->roots[root]].out);
}

static void trial_start(struct trial *t) {
    for (int i = 0; i < IMAGES; i++) {
        t->labels[i] = i;
        t->images[i] = mem_array(floats_of(t->input), sizeof(float));
        for (size_t k = 0; k < floats_of(t->input); k++) t->images[i][k] = random_float();
        float *outputs[ROOTS];
        for (int r = 0; r < t->root_count; r++) {
            t->expected[r * IMAGES + i] = outputs[r] = mem_array(root_floats(t, r), sizeof(float));
            t->got[r * IMAGES + i] = mem_array(root_floats(t, r), sizeof(float));
        }
        ref_run(t->graph, t->roots, t->root_count, t->images[i], i, outputs, NULL, NULL);
    }
}

static void trial_end(struct trial *t) {
    for (int i = 0; i < IMAGES; i++) {
        mem_free(t->images[i]);
        for (int r = 0; r < t->root_count; r++) {
            mem_free(t->expected[r * IMAGES + i]);
            mem_free(t->got[r * IMAGES + i]);
        }
    }
}

/* Runs the first `count` images; outputs[root * count + image]. */
static void run(const struct trial *t, const int *roots, int root_count,
                struct engine_options options, int count, float *const *outputs) {
    struct err err = {0};
    options.batch = IMAGES;
    struct engine *e = engine_create(t->graph, roots, root_count, &options, &err);
    REQUIRE(e != NULL);
    const float *images[IMAGES];
    for (int i = 0; i < IMAGES; i++) images[i] = t->images[i];
    engine_run(e, images, t->labels, count, outputs, NULL);
    engine_free(e);
    err_free(&err);
}

static double largest(const float *x, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs((double)x[i]));
    return most;
}

static bool close_to_reference(const struct trial *t, double tolerance) {
    for (int r = 0; r < t->root_count; r++)
        for (int i = 0; i < IMAGES; i++) {
            const float *want = t->expected[r * IMAGES + i], *got = t->got[r * IMAGES + i];
            double scale = 1 + largest(want, root_floats(t, r));
            for (size_t k = 0; k < root_floats(t, r); k++) {
                double error = fabs((double)want[k] - (double)got[k]) / scale;
                if (error <= tolerance) continue;
                printf("root %d image %d place %zu: %g instead of %g\n", r, i, k, (double)got[k],
                       (double)want[k]);
                return false;
            }
        }
    return true;
}

/* Every root alone, on another number of threads, with a partly filled batch: the same bits. */
static bool same_alone(const struct trial *t, struct engine_options options, struct pool *pool) {
    bool same = true;
    options.pool = pool;
    for (int r = 0; r < t->root_count; r++) {
        float *outputs[IMAGES];
        size_t bytes = root_floats(t, r) * sizeof(float);
        int count = IMAGES - 1;
        for (int i = 0; i < count; i++) outputs[i] = mem_alloc(bytes);
        run(t, &t->roots[r], 1, options, count, outputs);
        for (int i = 0; i < count; i++) {
            same &= memcmp(outputs[i], t->got[r * IMAGES + i], bytes) == 0;
            mem_free(outputs[i]);
        }
    }
    return same;
}

/* Overwrites weights as soon as they are said to be spent. */
static struct pages spoil(void *context, const float *data, size_t count) {
    for (size_t i = 0; i < count; i++) ((float *)data)[i] = NAN;
    *(size_t *)context += count;
    return (struct pages){0};
}

/* Its weights are spent afterwards. */
static void check_trial(struct trial *t, double tolerance, struct pool *pool, const char *what) {
    trial_start(t);
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        struct engine_options options = {.isa = isa};
        run(t, t->roots, t->root_count, options, IMAGES, t->got);
        bool close = close_to_reference(t, tolerance), same = same_alone(t, options, pool);
        if (!close || !same) printf("%s, %s\n", what, isa_name(isa));
        CHECK(close);
        CHECK(same);
    }
    struct engine_options reference = {.isa = ISA_REF, .pool = pool};
    run(t, t->roots, t->root_count, reference, IMAGES, t->got);
    CHECK(close_to_reference(t, 0));
    t->spoilt = 0;
    struct engine_options spoiling = {
        .isa = isa_detect(), .pool = pool, .spent = spoil, .spent_context = &t->spoilt};
    run(t, t->roots, t->root_count, spoiling, IMAGES, t->got);
    CHECK(close_to_reference(t, tolerance));
    trial_end(t);
}

/* Random graphs. */

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
    check_trial(&t, 2e-5, pool, "random graph");
    graph_free(&m.graph);
    arena_free(&m.arena);
}

/* U-Nets whose innermost blocks differ, so that the halves of decoders are shared. */

static bool bind_by_name(void *context, struct slot *slot, struct err *err) {
    (void)err;
    uint64_t name = hash64(slot->name, strlen(slot->name), 1);
    float fan = slot->rank > 1 ? (float)slot_count(slot) / (float)slot->dims[0] : 4;
    float *data = arena_alloc(context, slot_count(slot) * sizeof *data);
    for (size_t i = 0; i < slot_count(slot); i++) {
        float x = (float)(int32_t)(hash_mix(name + i) >> 32) * 0x1p-31f;
        data[i] = slot->role == ROLE_VARIANCE || slot->role == ROLE_SCALE ? 1 + x / 2
                                                                          : 2 * x / sqrtf(fan);
    }
    slot->data = data;
    slot->content[0] = name;
    slot->content[1] = slot_count(slot);
    return true;
}

static void small_channels(struct fixture *f, int channels) {
    for (int i = 0; i < f->variant.block_count; i++)
        f->blocks[i].channels = channels << (i < 2 ? i : 2);
}

/* Steps that make part of a node's sums, for others to go on from. */
static int shared_halves(const struct trial *t) {
    struct engine_options options = {.isa = ISA_BASE, .batch = 1};
    struct err err = {0};
    struct engine *e = engine_create(t->graph, t->roots, t->root_count, &options, &err);
    int halves = 0;
    for (int s = 0; s < engine_step_count(e); s++)
        for (int later = s + 1; later < engine_step_count(e); later++) {
            const struct engine_step *a = engine_step(e, s), *b = engine_step(e, later);
            if (a->node == b->node && a->macs > 0 && b->macs > 0) halves++;
        }
    engine_free(e);
    err_free(&err);
    return halves;
}

/* Of all convolutions together. */
static size_t kernel_floats(const struct graph *graph) {
    size_t floats = 0;
    for (int s = 0; s < graph->slot_count; s++)
        if (graph->slots[s].rank == 4) floats += slot_count(&graph->slots[s]);
    return floats;
}

/* The steps of a net alone add up to what trace counts, with any algorithm. */
static void check_effective(const struct graph *graph, const struct net *net) {
    for (int isa = ISA_REF; isa <= (int)isa_detect(); isa++) {
        struct engine_options options = {.isa = (enum isa)isa, .batch = 1};
        struct err err = {0};
        struct engine *e = engine_create(graph, &net->root, 1, &options, &err);
        double effective = 0, want = (double)facts_macs(graph, net).effective;
        for (int s = 0; s < engine_step_count(e); s++) effective += engine_step(e, s)->effective;
        CHECK_NEAR(effective, want, 1e-9 * want);
        engine_free(e);
        err_free(&err);
    }
}

static void unets(struct pool *pool, enum decoder decoder, enum norm_type norm) {
    struct graph graph = {0};
    struct arena arena = {0};
    struct trial t = {.graph = &graph, .root_count = 2, .input = {1, 40, 40}};
    for (int v = 0; v < 2; v++) {
        struct fixture f;
        struct err err = {0};
        struct net net = {0};
        fixture_unet(&f, 4, 1);
        small_channels(&f, 12);
        fixture_fit(&f, FIT_BILINEAR);
        for (int i = 0; i < 4; i++) {
            struct config_up *up = &f.blocks[i].up;
            up->decoder = decoder;
            if (decoder != DECODER_CONV_TRANSPOSE) {
                up->kernel = (struct extent){3, 3};
                up->stride = (struct extent){1, 1};
            }
            if (up->norm.type == NORM_BATCH) up->norm.type = norm;
        }
        if (v) fixture_down(fixture_inner(&f), 3, 1);
        CHECK(net_build(&graph, &f.variant, square(40), -2, bind_by_name, &arena, &net, &err));
        CHECK(net.ok);
        t.roots[v] = net.root;
        if (net.ok) check_effective(&graph, &net);
        net_free(&net);
        err_free(&err);
    }
    CHECK(t.roots[0] != t.roots[1]);
    if (t.roots[0] >= 0 && t.roots[1] >= 0) {
        CHECK_INT(shared_halves(&t), 3); /* of the three decoders that read [x, d] */
        check_trial(&t, 2e-5, pool, "u-net");
        CHECK_INT(t.spoilt, kernel_floats(&graph));
    }
    graph_free(&graph);
    arena_free(&arena);
}

/* The rms of the error against the reference, which sums in double. */
static double error_of(const struct trial *t, struct engine_options options) {
    double sum = 0;
    size_t count = root_floats(t, 0);
    run(t, t->roots, 1, options, IMAGES, t->got);
    for (int i = 0; i < IMAGES; i++)
        for (size_t k = 0; k < count; k++) {
            double error = (double)t->got[i][k] - (double)t->expected[i][k];
            sum += error * error;
        }
    return sqrt(sum / (double)count / IMAGES);
}

/* What the algorithms chosen may lose against direct sums, in a net deep enough for them. */
static void accuracy(struct pool *pool) {
    struct graph graph = {0};
    struct arena arena = {0};
    struct fixture f;
    struct err err = {0};
    struct net net = {0};
    fixture_unet(&f, 5, 1);
    small_channels(&f, 48);
    CHECK(net_build(&graph, &f.variant, square(96), -2, bind_by_name, &arena, &net, &err) &&
          net.ok);
    struct trial t = {.graph = &graph, .root_count = 1, .roots = {net.root}, .input = {1, 96, 96}};
    trial_start(&t);
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        struct engine_options options = {.isa = isa, .pool = pool, .algorithm = "direct"};
        double direct = error_of(&t, options);
        options.algorithm = NULL;
        double usual = error_of(&t, options);
        options.exact = true;
        double exact = error_of(&t, options);
        printf("%s: rms error %.2g, --exact %.2g, direct %.2g\n", isa_name(isa), usual, exact,
               direct);
        CHECK(direct > 0 && usual < 3 * direct && exact < 1.4 * direct);
    }
    trial_end(&t);
    net_free(&net);
    graph_free(&graph);
    arena_free(&arena);
    err_free(&err);
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

int main(void) {
    const char *given = getenv("STRIDELAB_SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STRIDELAB_SEED=%llu\n", (unsigned long long)random_state);
    struct pool *pool = pool_create(2);
    for (int i = 0; i < 60; i++) random_graph(pool);
    for (int d = DECODER_CONV_TRANSPOSE; d <= DECODER_CONV; d++) {
        unets(pool, (enum decoder)d, NORM_BATCH);
        unets(pool, (enum decoder)d, NORM_INSTANCE);
    }
    accuracy(pool);
    limits();
    pool_free(pool);
    return check_end();
}
