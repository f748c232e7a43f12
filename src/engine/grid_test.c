/* Every algorithm over a grid of geometries, against the reference. By default a sample of the grid
 * is taken, by a seed that is printed; with an argument or STRIDELAB_FULL=1 all of it. */
#include "engine/engine.h"

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "engine/algorithm.h"
#include "engine/ref.h"
#include "net/shape.h"

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

static void fill(float *x, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) x[i] = random_float() * scale;
}

/* One convolution and what may surround it. */
struct geometry {
    bool transposed;
    int kernel[2], stride[2], padding[2], output_padding[2];
    int in[2];
    int channels[2]; /* of the two parts that are concatenated; the second may be 0 */
    int outs;
    int shuffle, upsample; /* 1 or more */
    bool bias, batch_norm;
    enum act act;
};

static void print_geometry(const struct geometry *g) {
    printf("%s k%dx%d s%dx%d p%dx%d op%dx%d in %dx%d channels %d+%d outs %d shuffle %d up %d "
           "bias %d bn %d act %d\n",
           g->transposed ? "transposed" : "conv", g->kernel[0], g->kernel[1], g->stride[0],
           g->stride[1], g->padding[0], g->padding[1], g->output_padding[0], g->output_padding[1],
           g->in[0], g->in[1], g->channels[0], g->channels[1], g->outs, g->shuffle, g->upsample,
           g->bias, g->batch_norm, (int)g->act);
}

static int out_size(const struct geometry *g, int axis) {
    int in = g->in[axis] * g->upsample;
    return g->transposed ? shape_conv_transpose(in, g->kernel[axis], g->stride[axis],
                                                g->padding[axis], g->output_padding[axis])
                         : shape_conv(in, g->kernel[axis], g->stride[axis], g->padding[axis]);
}

struct network {
    struct graph graph;
    struct arena arena;
    struct shape input;
    int root;
};

static int add_slot(struct network *n, const char *name, int rank, const int *dims, float scale,
                    float shift) {
    struct slot slot = {.name = name, .rank = rank, .scale = 1};
    for (int i = 0; i < rank; i++) slot.dims[i] = dims[i];
    float *data = arena_alloc(&n->arena, slot_count(&slot) * sizeof *data);
    fill(data, slot_count(&slot), scale);
    for (size_t i = 0; i < slot_count(&slot); i++) data[i] += shift;
    slot.data = data;
    return graph_slot(&n->graph, &slot);
}

static int add_node(struct network *n, struct node node, int c, int h, int w) {
    node.out = (struct shape){c, h, w};
    return graph_add(&n->graph, node);
}

static int add_input(struct network *n, const struct geometry *g) {
    int c0 = g->channels[0], c1 = g->channels[1], h = g->in[0], w = g->in[1];
    n->input = (struct shape){c0 + c1, h, w};
    int input = add_node(n, graph_node(OP_INPUT, -1, -1), c0 + c1, h, w);
    if (!c1) return input;
    struct node slice = graph_node(OP_SLICE, input, -1);
    int x = add_node(n, slice, c0, h, w);
    slice.groups = c0;
    int d = add_node(n, slice, c1, h, w);
    return add_node(n, graph_node(OP_CONCAT, x, d), c0 + c1, h, w);
}

static int add_conv(struct network *n, const struct geometry *g, int x) {
    int in = g->channels[0] + g->channels[1], outs = g->outs * g->shuffle * g->shuffle;
    struct node node = graph_node(g->transposed ? OP_CONV_TRANSPOSE : OP_CONV, x, -1);
    node.kernel = (struct extent){g->kernel[0], g->kernel[1]};
    node.stride = (struct extent){g->stride[0], g->stride[1]};
    node.padding = (struct extent){g->padding[0], g->padding[1]};
    int dims[4] = {g->transposed ? in : outs, g->transposed ? outs : in, g->kernel[0],
                   g->kernel[1]};
    float scale = 1 / sqrtf((float)(in * g->kernel[0] * g->kernel[1]) / 3);
    node.weights[0] = add_slot(n, "weight", 4, dims, scale, 0);
    if (g->bias) node.weights[1] = add_slot(n, "bias", 1, &outs, 1, 0);
    return add_node(n, node, outs, out_size(g, 0), out_size(g, 1));
}

static int add_batch_norm(struct network *n, int x, int c) {
    struct node node = graph_node(OP_BATCH_NORM, x, -1);
    struct shape s = n->graph.nodes[x].out;
    node.weights[0] = add_slot(n, "gamma", 1, &c, 0.5f, 1);
    node.weights[1] = add_slot(n, "beta", 1, &c, 0.5f, 0);
    node.weights[2] = add_slot(n, "mean", 1, &c, 0.5f, 0);
    node.weights[3] = add_slot(n, "var", 1, &c, 0.5f, 1);
    node.value = 1e-5;
    return add_node(n, node, s.c, s.h, s.w);
}

static void build(struct network *n, const struct geometry *g) {
    int x = add_input(n, g);
    if (g->upsample > 1)
        x = add_node(n, graph_node(OP_RESIZE, x, -1), n->input.c, g->in[0] * g->upsample,
                     g->in[1] * g->upsample);
    x = add_conv(n, g, x);
    if (g->shuffle > 1) {
        struct node node = graph_node(OP_PIXEL_SHUFFLE, x, -1);
        node.stride = (struct extent){g->shuffle, g->shuffle};
        x = add_node(n, node, g->outs, out_size(g, 0) * g->shuffle, out_size(g, 1) * g->shuffle);
    }
    if (g->batch_norm) x = add_batch_norm(n, x, g->outs);
    if (g->act != ACT_NONE) {
        struct shape s = n->graph.nodes[x].out;
        struct node node = graph_node(OP_ACT, x, -1);
        node.act = g->act;
        if (g->act == ACT_LEAKY_RELU) node.value = 0.2;
        x = add_node(n, node, s.c, s.h, s.w);
    }
    n->root = x;
}

static void network_free(struct network *n) {
    graph_free(&n->graph);
    arena_free(&n->arena);
}

#define IMAGES 3

static size_t shape_floats(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

struct data {
    float *images[IMAGES], *expected[IMAGES], *got[IMAGES];
    size_t outs;
};

static void run_engine(const struct network *n, struct data *d, enum isa isa, const char *algorithm,
                       int count, struct pool *pool) {
    struct engine_options options = {
        .isa = isa, .batch = IMAGES, .algorithm = algorithm, .pool = pool};
    struct err err = {0};
    struct engine *e = engine_create(&n->graph, &n->root, 1, &options, &err);
    CHECK(e != NULL);
    const float *images[IMAGES];
    for (int i = 0; i < IMAGES; i++) images[i] = d->images[i];
    engine_run(e, images, NULL, count, d->got, NULL);
    engine_free(e);
    err_free(&err);
}

static double worst_error(const struct data *d, int count) {
    double worst = 0;
    for (int i = 0; i < count; i++)
        for (size_t k = 0; k < d->outs; k++) {
            double error = fabs((double)d->got[i][k] - (double)d->expected[i][k]);
            if (!(error <= worst)) worst = error;
        }
    return worst;
}

static double tolerance_of(const struct algorithm *a) {
    return a->accuracy == ACCURACY_DIRECT ? 8e-6 : 4e-5; /* results are of the order of one */
}

static struct pool *pool;

static bool check_algorithm(const struct network *n, struct data *d, enum isa isa,
                            const struct algorithm *a) {
    run_engine(n, d, isa, a->name, IMAGES, NULL);
    double error = worst_error(d, IMAGES);
    if (!(error <= tolerance_of(a))) {
        printf("%s %s: error %g\n", isa_name(isa), a->name, error);
        return false;
    }
    float *whole = mem_array(d->outs, sizeof *whole);
    memcpy(whole, d->got[1], d->outs * sizeof *whole);
    memset(d->got[1], 0, d->outs * sizeof *whole);
    run_engine(n, d, isa, a->name, 2, pool); /* other threads, another fill of the batch */
    bool same = memcmp(whole, d->got[1], d->outs * sizeof *whole) == 0;
    if (!same) printf("%s %s: threads or fill change bits\n", isa_name(isa), a->name);
    mem_free(whole);
    return same;
}

static void check_geometry(const struct geometry *g) {
    if (out_size(g, 0) < 1 || out_size(g, 1) < 1) return;
    struct network n = {0};
    build(&n, g);
    struct data d = {.outs = shape_floats(n.graph.nodes[n.root].out)};
    for (int i = 0; i < IMAGES; i++) {
        d.images[i] = mem_array(shape_floats(n.input), sizeof(float));
        d.expected[i] = mem_array(d.outs, sizeof(float));
        d.got[i] = mem_array(d.outs, sizeof(float));
        fill(d.images[i], shape_floats(n.input), 1);
        ref_run(&n.graph, &n.root, 1, d.images[i], -1, &d.expected[i], NULL, NULL);
    }
    bool ok = true;
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++)
        for (int a = 0; a < algorithm_count(); a++)
            ok &= check_algorithm(&n, &d, isa, algorithm_at(a));
    if (!ok) print_geometry(g);
    CHECK(ok);
    for (int i = 0; i < IMAGES; i++) {
        mem_free(d.images[i]);
        mem_free(d.expected[i]);
        mem_free(d.got[i]);
    }
    network_free(&n);
}

static struct geometry random_geometry(void) {
    struct geometry g = {.transposed = pick(0, 1), .shuffle = 1, .upsample = 1};
    bool square = pick(0, 3) > 0;
    for (int a = 0; a < 2; a++) {
        g.kernel[a] = a && square ? g.kernel[0] : pick(1, 5);
        g.stride[a] = a && square ? g.stride[0] : pick(1, 3);
        g.padding[a] = a && square ? g.padding[0] : pick(0, 3);
        if (g.transposed) g.output_padding[a] = pick(0, g.stride[a] - 1);
        g.in[a] = pick(1, 9);
        g.channels[a] = pick(a ? 0 : 1, 40);
    }
    g.outs = pick(1, 40);
    if (!g.transposed && pick(0, 3) == 0) g.shuffle = pick(2, 3);
    if (!g.transposed && pick(0, 3) == 0) g.upsample = pick(2, 3);
    g.bias = pick(0, 1);
    g.batch_norm = pick(0, 1);
    g.act = (enum act)pick(ACT_NONE, ACT_SIGMOID);
    return g;
}

/* The grid that matters most: the geometry of one axis, in both, with the other attributes drawn.
 */
static void whole_grid(void) {
    for (int transposed = 0; transposed < 2; transposed++)
        for (int kernel = 1; kernel <= 5; kernel++)
            for (int stride = 1; stride <= 3; stride++)
                for (int padding = 0; padding <= 3; padding++)
                    for (int in = 1; in <= 9; in++)
                        for (int extra = 0; extra < (transposed ? stride : 1); extra++) {
                            struct geometry g = random_geometry();
                            g.transposed = transposed;
                            if (transposed) g.shuffle = g.upsample = 1;
                            for (int a = 0; a < 2; a++) {
                                g.kernel[a] = kernel;
                                g.stride[a] = stride;
                                g.padding[a] = padding;
                                g.output_padding[a] = extra;
                            }
                            g.in[0] = in;
                            check_geometry(&g);
                        }
}

int main(int argc, char **argv) {
    const char *full = getenv("STRIDELAB_FULL");
    const char *given = getenv("STRIDELAB_SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STRIDELAB_SEED=%llu\n", (unsigned long long)random_state);
    (void)argv;
    pool = pool_create(2);
    if (argc > 1 || (full && strcmp(full, "1") == 0)) {
        whole_grid();
    } else {
        for (int i = 0; i < 60; i++) {
            struct geometry g = random_geometry();
            check_geometry(&g);
        }
    }
    pool_free(pool);
    return check_end();
}
