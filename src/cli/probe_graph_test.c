/* A graph with one result replaced gives what the reference gives when the result is overwritten on
 * the way. */
#include "cli/probe_graph.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "engine/bind.h"
#include "engine/engine.h"
#include "engine/ref.h"
#include "net/fixture.h"

enum { SIZE = 32, BLOCKS = 4 };

struct weights {
    struct arena arena;
};

/* Random weights; variances are positive. */
static bool bind(void *context, struct slot *slot, struct err *err) {
    (void)err;
    struct weights *weights = context;
    size_t count = slot_count(slot);
    float *data = arena_alloc(&weights->arena, count * sizeof *data);
    for (size_t i = 0; i < count; i++) {
        float r = bind_random(7, slot->name, i);
        data[i] = slot->role == ROLE_VARIANCE ? 1 + r / 2
                  : slot->role == ROLE_SCALE  ? 1 + r
                                              : r / 4;
    }
    slot->data = data;
    slot->content[0] = hash64(slot->name, strlen(slot->name), 1);
    slot->content[1] = hash64(data, count * sizeof *data, 2);
    return true;
}

struct scene {
    struct weights weights;
    struct graph graph;
    struct net net;
    struct shape in, out;
    size_t in_count, out_count;
    float *pair; /* two images */
};

static size_t count_of(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

static void scene_make(struct scene *s, const struct fixture *f) {
    struct err err = {0};
    *s = (struct scene){0};
    CHECK(net_build(&s->graph, &f->variant, square(SIZE), -2, bind, &s->weights, &s->net, &err));
    CHECK(s->net.ok);
    s->in = s->net.input;
    s->out = s->net.output;
    s->in_count = count_of(s->in);
    s->out_count = count_of(s->out);
    s->pair = mem_array(2 * s->in_count, sizeof *s->pair);
    for (size_t i = 0; i < 2 * s->in_count; i++) s->pair[i] = bind_random(3, "image", i);
}

static void scene_free(struct scene *s) {
    mem_free(s->pair);
    net_free(&s->net);
    graph_free(&s->graph);
    arena_free(&s->weights.arena);
}

/* Overwrites a node's result, or keeps it. */
struct tap {
    int node;
    size_t count;
    const float *values; /* NULL: keep it in `kept` */
    float *kept;
};

static void tap(void *context, int node, float *tensor) {
    struct tap *t = context;
    if (node != t->node) return;
    if (t->values)
        memcpy(tensor, t->values, t->count * sizeof *tensor);
    else
        memcpy(t->kept, tensor, t->count * sizeof *tensor);
}

/* The result of `node` for image number `image`. */
static float *result_of(const struct scene *s, int node, int image) {
    struct tap t = {.node = node, .count = count_of(s->graph.nodes[node].out)};
    t.kept = mem_array(t.count, sizeof *t.kept);
    float *output = mem_array(s->out_count, sizeof *output);
    ref_run(&s->graph, &s->net.root, 1, s->pair + (size_t)image * s->in_count, -1, &output, tap,
            &t);
    mem_free(output);
    return t.kept;
}

/* The output for the first image when `node` gives `values`. */
static float *output_with(const struct scene *s, int node, const float *values) {
    struct tap t = {.node = node, .count = count_of(s->graph.nodes[node].out), .values = values};
    float *output = mem_array(s->out_count, sizeof *output);
    ref_run(&s->graph, &s->net.root, 1, s->pair, -1, &output, tap, &t);
    return output;
}

static float *run(const struct scene *s, int root, const float *image, enum isa isa) {
    struct err err = {0};
    struct engine_options options = {.isa = isa, .batch = 1};
    struct engine *engine = engine_create(&s->graph, &root, 1, &options, &err);
    float *output = mem_aligned(s->out_count * sizeof *output);
    int label = -1;
    CHECK(engine != NULL);
    if (engine) engine_run(engine, &image, &label, 1, &output, NULL);
    engine_free(engine);
    return output;
}

static double difference(const float *a, const float *b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
    return largest;
}

/* The graph's answer against the overwritten one, by the reference and by the fast engine. */
static void check_root(const struct scene *s, int root, const float *want) {
    float *reference = run(s, root, s->pair, ISA_REF), *fast = run(s, root, s->pair, isa_detect());
    CHECK_NEAR(difference(reference, want, s->out_count), 0, 1e-6);
    CHECK_NEAR(difference(fast, want, s->out_count), 0, 2e-5);
    mem_free(reference);
    mem_free(fast);
}

static void small_unet(struct fixture *f) {
    fixture_unet(f, BLOCKS, 1);
    for (int b = 0; b < BLOCKS; b++) f->blocks[b].channels = 4 << b;
}

static void test_replace(int block) {
    struct fixture f;
    struct scene s;
    small_unet(&f);
    scene_make(&s, &f);
    struct graph *g = &s.graph;
    int input = probe_input(g, s.in), result = s.net.blocks[block].fitted;
    struct shape shape = g->nodes[result].out;
    size_t count = count_of(shape), area = count / (size_t)shape.c;
    struct replacement first = {input, probe_input_half(g, input, 0)};
    struct replacement next = {input, probe_input_half(g, input, 1)};
    float *own = result_of(&s, result, 0), *other = result_of(&s, result, 1);
    float *zeros = mem_array(count, sizeof *zeros), *means = mem_array(count, sizeof *means);
    for (size_t c = 0; c < (size_t)shape.c; c++) {
        double sum = 0;
        for (size_t p = 0; p < area; p++) sum += (double)own[c * area + p];
        for (size_t p = 0; p < area; p++) means[c * area + p] = (float)(sum / (double)area);
    }
    const float *values[] = {zeros, means, other};
    int instead[] = {probe_zeros(g, shape), probe_means(g, probe_replace(g, result, &first, 1)),
                     probe_replace(g, result, &next, 1)};
    float *unchanged = output_with(&s, result, own);
    for (int w = 0; w < 3; w++) {
        struct replacement both[] = {first, {result, instead[w]}};
        float *want = output_with(&s, result, values[w]);
        CHECK(difference(want, unchanged, s.out_count) > 1e-3);
        check_root(&s, probe_replace(g, s.net.root, both, 2), want);
        mem_free(want);
    }

    /* Half of two images is that image, bit for bit; nothing replaced is the same node. */
    float *plain = run(&s, s.net.root, s.pair, isa_detect());
    float *half = run(&s, probe_replace(g, s.net.root, &first, 1), s.pair, isa_detect());
    CHECK(memcmp(plain, half, s.out_count * sizeof *plain) == 0);
    CHECK_INT(probe_replace(g, s.net.root, NULL, 0), s.net.root);
    mem_free(plain);
    mem_free(half);
    mem_free(unchanged);
    mem_free(own);
    mem_free(other);
    mem_free(zeros);
    mem_free(means);
    scene_free(&s);
}

/* relu(leaky_relu(z)) is relu(z) in the graph: what replaces leaky_relu(z) must be read there. */
static void test_past(enum act act) {
    struct fixture f;
    struct scene s;
    struct extra extra = {.op = EXTRA_ACTIVATION, .activation = act, .slope = 0.2};
    small_unet(&f);
    fixture_inner(&f)->decoded = (struct extra_list){&extra, 1};
    scene_make(&s, &f);
    struct graph *g = &s.graph;
    int result = s.net.blocks[BLOCKS - 1].fitted, z = g->nodes[result].inputs[0];
    CHECK_INT(g->nodes[result].act, act);
    size_t count = count_of(g->nodes[z].out);
    float *zeros = mem_array(count, sizeof *zeros);
    float *want = output_with(&s, z, zeros);
    struct replacement zero = {result, probe_zeros(g, g->nodes[result].out)};
    check_root(&s, probe_replace(g, s.net.root, &zero, 1), want);
    mem_free(zeros);
    mem_free(want);
    scene_free(&s);
}

/* Two variants that differ in the innermost block alone are one graph without its result. */
static void test_alone(void) {
    struct fixture f;
    struct scene s;
    struct net other = {0};
    struct err err = {0};
    small_unet(&f);
    scene_make(&s, &f);
    fixture_down(fixture_inner(&f), 4, 1);
    fixture_inner(&f)->fit = FIT_BILINEAR;
    CHECK(net_build(&s.graph, &f.variant, square(SIZE), -2, bind, &s.weights, &other, &err));
    CHECK(other.ok && other.root != s.net.root);
    int a = s.net.blocks[BLOCKS - 1].fitted, b = other.blocks[BLOCKS - 1].fitted;
    int zeros = probe_zeros(&s.graph, s.graph.nodes[a].out);
    struct replacement in_a = {a, zeros}, in_b = {b, zeros};
    CHECK_INT(probe_replace(&s.graph, s.net.root, &in_a, 1),
              probe_replace(&s.graph, other.root, &in_b, 1));
    net_free(&other);
    scene_free(&s);
}

int main(void) {
    for (int block = 1; block < BLOCKS; block++) test_replace(block);
    test_past(ACT_LEAKY_RELU);
    test_past(ACT_ELU);
    test_alone();
    return check_end();
}
