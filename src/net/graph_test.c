/* Hash consing and the canonical forms. */
#include "net/graph.h"

#include "base/check.h"
#include "net/fixture.h"

static struct graph graph;

static int input(int c, int h, int w) {
    struct node node = graph_node(OP_INPUT, -1, -1);
    node.out = (struct shape){c, h, w};
    return graph_add(&graph, node);
}

static int slot(const char *name, int out, int in, int kernel) {
    struct slot s = {.name = name, .rank = 4, .dims = {out, in, kernel, kernel}, .scale = 1};
    return graph_slot(&graph, &s);
}

static int conv(enum op op, int x, int stride, int padding, int out_h, int out_w) {
    struct node node = graph_node(op, x, -1);
    node.weights[0] = slot("conv", 8, 8, 4);
    node.kernel = square(4);
    node.stride = square(stride);
    node.padding = square(padding);
    node.out = (struct shape){8, out_h, out_w};
    return graph_add(&graph, node);
}

static int act(int x, enum act kind, double slope) {
    struct node node = graph_node(OP_ACT, x, -1);
    node.act = kind;
    node.value = slope;
    node.out = graph.nodes[x].out;
    return graph_add(&graph, node);
}

static int concat(int x, int y) {
    struct node node = graph_node(OP_CONCAT, x, y);
    node.out = graph.nodes[x].out;
    node.out.c += graph.nodes[y].out.c;
    return graph_add(&graph, node);
}

static void test_strides(void) {
    int x = input(8, 2, 2), y = input(8, 4, 2), z = input(8, 1, 4);
    CHECK_INT(conv(OP_CONV, x, 1, 1, 1, 1), conv(OP_CONV, x, 2, 1, 1, 1));
    CHECK(conv(OP_CONV, y, 2, 1, 2, 1) != conv(OP_CONV, y, 1, 1, 3, 1));
    int one_axis = conv(OP_CONV, y, 2, 1, 2, 1);
    CHECK_INT(graph.nodes[one_axis].stride.h, 2);
    CHECK_INT(graph.nodes[one_axis].stride.w, 1);
    CHECK_INT(graph.nodes[conv(OP_CONV_TRANSPOSE, z, 2, 1, 2, 8)].stride.h, 1);
    CHECK_INT(graph.nodes[conv(OP_CONV_TRANSPOSE, z, 2, 1, 2, 8)].stride.w, 2);
    CHECK(conv(OP_CONV, x, 1, 1, 1, 1) != conv(OP_CONV_TRANSPOSE, x, 1, 1, 1, 1));
}

static void test_activations(void) {
    int x = input(8, 2, 2), y = input(4, 2, 2);
    int relu = act(x, ACT_RELU, 0);
    CHECK_INT(act(relu, ACT_RELU, 0), relu);
    CHECK_INT(act(act(x, ACT_LEAKY_RELU, 0.2), ACT_RELU, 0), relu);
    CHECK(act(act(x, ACT_LEAKY_RELU, -0.2), ACT_RELU, 0) != relu);
    CHECK(act(act(x, ACT_SILU, 0), ACT_RELU, 0) != relu);
    CHECK(act(x, ACT_LEAKY_RELU, 0.1) != act(x, ACT_LEAKY_RELU, 0.2));
    CHECK_INT(act(x, ACT_NONE, 0), x);
    CHECK_INT(act(x, ACT_LEAKY_RELU, 1), x);
    CHECK_INT(act(x, ACT_LEAKY_RELU, -0.0), relu);
    CHECK_INT(act(act(x, ACT_ELU, 0), ACT_RELU, 0), relu);
    CHECK_INT(act(relu, ACT_ELU, 0), relu);
    int positive = act(x, ACT_SIGMOID, 0);
    CHECK_INT(act(positive, ACT_LEAKY_RELU, 0.2), positive);
    CHECK(act(positive, ACT_LEAKY_RELU, -0.2) != positive);
    CHECK(act(relu, ACT_SILU, 0) != relu);
    int joined = concat(act(x, ACT_LEAKY_RELU, 0.2), y);
    CHECK_INT(act(joined, ACT_RELU, 0), concat(relu, act(y, ACT_RELU, 0)));
    CHECK(concat(x, y) != concat(y, x));
}

static void test_identities(void) {
    int x = input(8, 4, 4);
    for (int op = OP_RESIZE; op <= OP_PIXEL_SHUFFLE; op++) {
        struct node node = graph_node((enum op)op, x, -1);
        node.out = graph.nodes[x].out;
        node.stride = square(op == OP_PIXEL_SHUFFLE);
        CHECK_INT(graph_add(&graph, node), x);
    }
    struct node node = graph_node(OP_RESIZE, x, -1);
    node.out = (struct shape){8, 8, 8};
    int nearest = graph_add(&graph, node);
    node.mode = MODE_BILINEAR;
    CHECK(graph_add(&graph, node) != nearest);
}

static int resize(int x, enum mode mode, int h, int w) {
    struct node node = graph_node(OP_RESIZE, x, -1);
    node.mode = mode;
    node.out = (struct shape){graph.nodes[x].out.c, h, w};
    return graph_add(&graph, node);
}

/* The nodes may move while one is added, so that comes first. */
static enum op nearest_op(int x, int h, int w) {
    int node = resize(x, MODE_NEAREST, h, w);
    return graph.nodes[node].op;
}

static void test_modes(void) {
    int x = input(8, 1, 3), y = input(8, 6, 6), z = input(8, 2, 2);
    CHECK_INT(resize(x, MODE_BILINEAR, 4, 3), resize(x, MODE_NEAREST, 4, 3));
    CHECK_INT(resize(x, MODE_BICUBIC, 4, 3), resize(x, MODE_NEAREST, 4, 3));
    CHECK(resize(x, MODE_BILINEAR, 4, 6) != resize(x, MODE_NEAREST, 4, 6));
    CHECK_INT(resize(y, MODE_BICUBIC, 2, 2), resize(y, MODE_BILINEAR, 2, 2));
    CHECK(resize(y, MODE_BICUBIC, 3, 2) != resize(y, MODE_BILINEAR, 3, 2));
    CHECK(resize(y, MODE_BILINEAR, 2, 2) != resize(y, MODE_NEAREST, 2, 2));
    CHECK_INT(resize(z, MODE_BICUBIC, 1, 1), resize(z, MODE_BILINEAR, 1, 1));
    CHECK_INT(nearest_op(y, 5, 1), OP_WINDOW);
    CHECK_INT(nearest_op(y, 4, 5), OP_RESIZE);
    CHECK_INT(nearest_op(z, 3, 2), OP_RESIZE);
}

static void test_slots(void) {
    int a = slot("a", 2, 3, 4);
    CHECK_INT(slot("a", 2, 3, 4), a);
    CHECK(slot("a", 3, 2, 4) != a);
    CHECK(slot("b", 2, 3, 4) != a);
    struct slot bound = {.name = "x", .rank = 4, .dims = {2, 3, 4, 4}, .content = {7, 9}};
    int x = graph_slot(&graph, &bound);
    bound.name = "y"; /* equal content is one weight, whatever its name */
    CHECK_INT(graph_slot(&graph, &bound), x);
    CHECK_STR(graph.slots[x].name, "x");
    bound.content[1] = 8;
    CHECK(graph_slot(&graph, &bound) != x);
    CHECK_INT(slot_count(&bound), 96);
}

/* Many nodes: the tables grow, numbers stay. */
static void test_growth(void) {
    int first = input(1, 1, 1);
    for (int i = 1; i < 5000; i++) input(1, 1, i);
    for (int i = 1; i < 5000; i++) CHECK_INT(graph.nodes[input(1, 1, i)].out.w, i);
    CHECK_INT(input(1, 1, 1), first);
    char name[16];
    int slots = graph.slot_count;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof name, "w%d", i);
            CHECK_INT(slot(name, 1, 1, 1), slots + i);
        }
}

static void test_live(void) {
    struct graph own = {0};
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    CHECK(fixture_build(&own, &f, 256, &net));
    struct node stray = graph_node(OP_INPUT, -1, -1);
    stray.out = (struct shape){1, 1, 1};
    int dead = graph_add(&own, stray);
    bool *live = mem_array((size_t)own.node_count, sizeof *live);
    graph_live(&own, &net.root, 1, live);
    CHECK(live[net.root] && live[net.blocks[0].in] && !live[dead]);
    for (int n = 0; n < own.node_count; n++)
        for (int i = 0; i < NODE_INPUTS; i++) CHECK(own.nodes[n].inputs[i] < n);
    mem_free(live);
    net_free(&net);
    net_free(&net);
    graph_free(&own);
    graph_free(&own);
}

/* Variants that differ in what cannot act have one root. */
static void test_roots(void) {
    struct graph own = {0};
    struct fixture f;
    struct net base, other;
    fixture_unet(&f, 8, 1);
    CHECK(fixture_build(&own, &f, 256, &base));
    int nodes = own.node_count;
    fixture_inner(&f)->down.stride = fixture_inner(&f)->up.stride = square(1);
    fixture_fit(&f, FIT_BICUBIC);
    for (int i = 0; i < 8; i++) f.blocks[i].skip_source = SKIP_SOURCE_INPUT;
    CHECK(fixture_build(&own, &f, 256, &other));
    CHECK_INT(other.root, base.root);
    CHECK_INT(own.node_count, nodes + 7); /* concats of the unactivated skips, never read */
    net_free(&other);

    fixture_unet(&f, 8, 1);
    fixture_down(fixture_inner(&f), 3, 1);
    fixture_fit(&f, FIT_BILINEAR);
    CHECK(fixture_build(&own, &f, 256, &other));
    CHECK(other.root != base.root);
    CHECK_INT(other.blocks[6].encoded, base.blocks[6].encoded); /* the encoder is shared */
    net_free(&other);

    fixture_unet(&f, 8, 1);
    for (int i = 0; i < 8; i++)
        f.blocks[i].down.norm.type = f.blocks[i].up.norm.type = NORM_BATCH_STATS;
    f.blocks[7].down.norm.type = NORM_NONE;
    CHECK(fixture_build(&own, &f, 256, &other));
    int stats = other.root;
    net_free(&other);
    for (int i = 0; i < 8; i++)
        f.blocks[i].down.norm.type = f.blocks[i].up.norm.type = NORM_INSTANCE;
    f.blocks[7].down.norm.type = NORM_NONE;
    CHECK(fixture_build(&own, &f, 256, &other));
    CHECK_INT(other.root, stats);
    CHECK(stats != base.root);
    net_free(&other);
    net_free(&base);
    graph_free(&own);
}

int main(void) {
    test_strides();
    test_activations();
    test_identities();
    test_modes();
    test_slots();
    test_growth();
    test_live();
    test_roots();
    graph_free(&graph);
    return check_end();
}
