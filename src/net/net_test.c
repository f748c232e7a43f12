/* Shapes, joins and refusals of net_build; the expected numbers are PyTorch's. */
#include "base/check.h"
#include "net/fixture.h"

static struct graph graph;

static const struct shape *out_of(int node) {
    static const struct shape none;
    return node < 0 ? &none : &graph.nodes[node].out;
}

/* Height of the code, or 0. */
static int code(const struct net *net) {
    return out_of(net->blocks[net->block_count - 1].encoded)->h;
}

static void check_join(const struct net *net, int block, int from, int to) {
    const struct net_block *b = &net->blocks[block - 1];
    CHECK_INT(b->join, from == to ? JOIN_OK : JOIN_MISMATCH);
    CHECK_INT(b->join_from.h, from);
    CHECK_INT(b->join_from.w, from);
    CHECK_INT(b->join_to.h, to);
}

static int mismatches(const struct net *net) {
    int count = 0;
    for (int i = 0; i < net->block_count; i++) count += net->blocks[i].join == JOIN_MISMATCH;
    return count;
}

/* The innermost block's (down, up) as kernel and stride; code size; its join, or -1 for none. */
static void check_inner(int size, int dk, int ds, int uk, int us, int want_code, int from, int to) {
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    struct config_block *inner = fixture_inner(&f);
    fixture_down(inner, dk, ds);
    fixture_up(inner, uk, us);
    if (uk == 3) inner->up.padding = square(1);
    bool ok = fixture_build(&graph, &f, size, &net);
    CHECK_INT(ok, from == to);
    CHECK_INT(code(&net), want_code);
    check_join(&net, 8, from, to);
    CHECK_INT(net.root >= 0, ok);
    CHECK_INT(net.failed_block, ok ? -1 : 7);
    net_free(&net);
}

static void test_golden_inner(void) {
    check_inner(256, 4, 2, 4, 2, 1, 2, 2);
    check_inner(256, 4, 1, 4, 1, 1, 2, 2);
    check_inner(256, 4, 1, 4, 2, 1, 2, 2);
    check_inner(256, 3, 1, 3, 1, 2, 2, 2);
    check_inner(256, 3, 1, 4, 2, 2, 4, 2);
    check_inner(384, 4, 2, 4, 2, 1, 2, 3);
    check_inner(384, 4, 2, 4, 1, 1, 2, 3);
    check_inner(384, 4, 1, 4, 1, 2, 3, 3);
    check_inner(384, 3, 1, 4, 2, 3, 6, 3);
    check_inner(512, 4, 2, 4, 2, 2, 4, 4);
    check_inner(512, 4, 2, 4, 1, 2, 3, 4);
    check_inner(512, 4, 1, 4, 1, 3, 4, 4);
    check_inner(512, 4, 1, 4, 2, 3, 6, 4);
    check_inner(512, 3, 1, 4, 2, 4, 8, 4);
    check_inner(128, 3, 1, 3, 1, 1, 1, 1);
}

static void test_golden_sizes(void) {
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    CHECK(!fixture_build(&graph, &f, 128, &net));
    CHECK_INT(net.failed_block, 7);
    CHECK_STR(net.error,
              "kernel larger than the padded input: the down convolution has a kernel of "
              "4 along the height, its input is 1 + 2*1 = 3");
    CHECK_INT(net.blocks[7].encoded, -1);
    net_free(&net);

    CHECK(!fixture_build(&graph, &f, 100, &net));
    CHECK_INT(net.failed_block, 6);
    CHECK_INT(net.blocks[6].encoded, -1);
    net_free(&net);

    CHECK(!fixture_build(&graph, &f, 360, &net));
    CHECK_INT(net.failed_block, 6);
    CHECK_INT(mismatches(&net), 3);
    check_join(&net, 8, 2, 2);
    check_join(&net, 7, 4, 5);
    check_join(&net, 6, 10, 11);
    check_join(&net, 4, 44, 45);
    CHECK_STR(net.error, "decoded is 4x4, its skip is 5x5 (height: (2 - 1)*2 - 2*1 + 4 + 0 = 4); "
                         "fit is error");
    net_free(&net);
}

/* output_padding 1 at all levels, the innermost down k3 s1: every level is resampled. */
static void test_output_padding(void) {
    static const int from[] = {257, 129, 65, 33, 17, 9, 5, 5},
                     to[] = {256, 128, 64, 32, 16, 8, 4, 2};
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    fixture_fit(&f, FIT_BILINEAR);
    for (int i = 0; i < 8; i++) f.blocks[i].up.output_padding = square(1);
    fixture_down(fixture_inner(&f), 3, 1);
    CHECK(fixture_build(&graph, &f, 256, &net));
    for (int i = 0; i < 8; i++) {
        CHECK_INT(net.blocks[i].join, JOIN_RESAMPLED);
        CHECK_INT(net.blocks[i].join_from.h, from[i]);
        CHECK_INT(net.blocks[i].join_to.h, to[i]);
    }
    net_free(&net);

    fixture_up(fixture_inner(&f), 4, 1);
    CHECK(!fixture_build(&graph, &f, 256, &net));
    CHECK_STR(net.error, "the up transposed convolution has output_padding 1 along the height, "
                         "which must be below its stride 1");
    net_free(&net);
}

/* One middle block's down at stride 1: 256..16 -> 15 -> 7 -> 3 -> 2, four levels resampled. */
static void test_middle_stride(void) {
    static const int encoded[] = {128, 64, 32, 16, 15, 7, 3, 2};
    static const int from[] = {256, 128, 64, 32, 30, 14, 6, 3},
                     to[] = {256, 128, 64, 32, 16, 15, 7, 3};
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    fixture_fit(&f, FIT_BILINEAR);
    fixture_down(&f.blocks[4], 4, 1);
    fixture_down(&f.blocks[7], 4, 1);
    fixture_up(&f.blocks[7], 4, 1);
    CHECK(fixture_build(&graph, &f, 256, &net));
    for (int i = 0; i < 8; i++) {
        CHECK_INT(out_of(net.blocks[i].encoded)->h, encoded[i]);
        CHECK_INT(net.blocks[i].join_from.h, from[i]);
        CHECK_INT(net.blocks[i].join_to.h, to[i]);
    }
    net_free(&net);
}

static void test_style(void) {
    struct fixture f;
    struct net net;
    fixture_zi2zi(&f, 8);
    CHECK(fixture_build(&graph, &f, 256, &net));
    CHECK_INT(out_of(net.blocks[7].encoded)->c, 512);
    CHECK_INT(out_of(net.blocks[7].styled)->c, 640);
    int concat = net.root;
    net_free(&net);

    f.variant.style = STYLE_EXPAND; /* at 1x1 the same */
    CHECK(fixture_build(&graph, &f, 256, &net));
    CHECK_INT(net.root, concat);
    net_free(&net);

    CHECK(fixture_build(&graph, &f, 512, &net));
    CHECK_INT(graph.nodes[graph.nodes[net.blocks[7].styled].inputs[0]].op, OP_EXPAND);
    net_free(&net);

    f.variant.style = STYLE_CONCAT;
    CHECK(!fixture_build(&graph, &f, 512, &net));
    CHECK_INT(net.failed_block, 7);
    CHECK_STR(net.error,
              "style.mode concat needs a 1x1 code, but encoded is [512, 2, 2]: use expand "
              "or film");
    net_free(&net);

    f.variant.style = STYLE_FILM;
    CHECK(fixture_build(&graph, &f, 512, &net));
    CHECK_INT(graph.nodes[net.blocks[7].styled].op, OP_FILM);
    CHECK_INT(out_of(graph.nodes[net.blocks[7].styled].inputs[1])->c, 1024);
    net_free(&net);
}

static bool has_slot(const struct net *net, const char *name, int rank, const int *dims) {
    for (int i = 0; i < net->slot_count; i++) {
        const struct slot *s = &graph.slots[net->slots[i]];
        if (strcmp(s->name, name) != 0) continue;
        return s->rank == rank && memcmp(s->dims, dims, (size_t)rank * sizeof *dims) == 0;
    }
    return false;
}
#define HAS_SLOT(net, name, ...)                                                                   \
    CHECK(has_slot(net, name, (int)(sizeof((int[]){__VA_ARGS__}) / sizeof(int)),                   \
                   (int[]){__VA_ARGS__}))

static void test_names(void) {
    struct fixture f;
    struct net net;
    fixture_zi2zi(&f, 8);
    f.variant.style = STYLE_FILM;
    f.blocks[2].skip = SKIP_ATTENTION;
    f.blocks[3].up.decoder = DECODER_PIXEL_SHUFFLE;
    fixture_up(&f.blocks[3], 3, 1);
    struct norm group = {.type = NORM_GROUP, .affine = true, .groups = 8, .eps = 1e-5};
    struct extra res1 = {.op = EXTRA_RES_BLOCK,
                         .as = "res",
                         .bias = true,
                         .norm = group,
                         .activation = ACT_SILU,
                         .layers = 1};
    struct extra res2 = res1;
    res2.layers = 2;
    res2.bias = false;
    struct extra attention = {.op = EXTRA_SELF_ATTENTION, .as = "att", .reduction = 8};
    struct extra transformer = {.op = EXTRA_TRANSFORMER, .as = "tr", .heads = 4, .ffn = 4};
    f.blocks[1].decoded = (struct extra_list){&res1, 1};
    f.blocks[2].decoded = (struct extra_list){&res2, 1};
    f.blocks[4].encoded = (struct extra_list){&attention, 1};
    f.blocks[7].encoded = (struct extra_list){&transformer, 1};
    CHECK(fixture_build(&graph, &f, 256, &net));
    HAS_SLOT(&net, "b1.down.conv.weight", 64, 1, 4, 4);
    HAS_SLOT(&net, "b2.down.norm.running_var", 128);
    HAS_SLOT(&net, "b1.up.conv.weight", 128, 1, 4, 4);
    HAS_SLOT(&net, "b1.up.conv.bias", 1);
    HAS_SLOT(&net, "b4.up.conv.weight", 1024, 1024, 3, 3);
    HAS_SLOT(&net, "style.embedding", 40, 128);
    HAS_SLOT(&net, "style.film.weight", 1024, 128);
    HAS_SLOT(&net, "style.film.bias", 1024);
    HAS_SLOT(&net, "b3.gate.x.weight", 64, 128, 1, 1);
    HAS_SLOT(&net, "b3.gate.g.bias", 64);
    HAS_SLOT(&net, "b3.gate.psi.weight", 1, 64, 1, 1);
    HAS_SLOT(&net, "b2.res.conv.weight", 64, 64, 3, 3);
    HAS_SLOT(&net, "b2.res.conv.bias", 64);
    HAS_SLOT(&net, "b2.res.norm.weight", 64);
    HAS_SLOT(&net, "b3.res.conv2.weight", 128, 128, 3, 3);
    HAS_SLOT(&net, "b3.res.norm1.bias", 128);
    CHECK(!has_slot(&net, "b3.res.conv1.bias", 1, (int[]){128}));
    HAS_SLOT(&net, "b5.att.query.weight", 64, 512, 1, 1);
    HAS_SLOT(&net, "b5.att.value.bias", 512);
    HAS_SLOT(&net, "b5.att.gamma", 1);
    HAS_SLOT(&net, "b8.tr.attn.in_proj_weight", 1536, 512);
    HAS_SLOT(&net, "b8.tr.attn.in_proj_bias", 1536);
    HAS_SLOT(&net, "b8.tr.attn.out_proj.weight", 512, 512);
    HAS_SLOT(&net, "b8.tr.ffn.0.weight", 2048, 512);
    HAS_SLOT(&net, "b8.tr.ffn.2.bias", 512);
    HAS_SLOT(&net, "b8.tr.norm2.weight", 512);
    for (int i = 0; i < net.slot_count; i++)
        for (int k = 0; k < i; k++) CHECK(net.slots[i] != net.slots[k]);
    net_free(&net);
}

static void test_refusals(void) {
    struct fixture f;
    struct net net;
    struct norm instance = {.type = NORM_INSTANCE, .eps = 1e-5};
    fixture_unet(&f, 8, 1);
    fixture_inner(&f)->down.norm = instance;
    CHECK(!fixture_build(&graph, &f, 256, &net));
    CHECK_STR(net.error,
              "the instance norm down.norm has a single value to take statistics of: its "
              "map is [512, 1, 1]");
    net_free(&net);
    fixture_inner(&f)->down.norm = (struct norm){.type = NORM_GROUP, .groups = 8, .eps = 1e-5};
    CHECK(fixture_build(&graph, &f, 256, &net));
    net_free(&net);

    fixture_unet(&f, 8, 1);
    struct extra heads = {.op = EXTRA_TRANSFORMER, .as = "tr", .heads = 3, .ffn = 4};
    f.blocks[7].encoded = (struct extra_list){&heads, 1};
    CHECK(!fixture_build(&graph, &f, 256, &net));
    CHECK_STR(net.error, "the transformer tr has 512 channels, which 3 heads do not divide");
    net_free(&net);

    fixture_unet(&f, 8, 1);
    struct extra few = {.op = EXTRA_LINEAR_ATTENTION, .as = "att", .reduction = 600};
    f.blocks[7].encoded = (struct extra_list){&few, 1};
    CHECK(!fixture_build(&graph, &f, 256, &net));
    net_free(&net);

    fixture_unet(&f, 8, 1);
    struct extra conv = {
        .op = EXTRA_CONV, .as = "c", .channels = 7, .kernel = {1, 1}, .stride = {1, 1}};
    f.blocks[3].decoded = (struct extra_list){&conv, 1};
    f.blocks[3].skip = SKIP_ADD;
    CHECK(!fixture_build(&graph, &f, 256, &net));
    CHECK_STR(net.error, "the skip adds [256, 32, 32] and [7, 32, 32]");
    net_free(&net);

    fixture_unet(&f, 1, 1);
    CHECK(!fixture_build(&graph, &f, 100000, &net));
    CHECK_INT(net.failed_block, -2);
    net_free(&net);

    fixture_unet(&f, 2, 1);
    f.blocks[1].up.padding = square(3);
    fixture_up(&f.blocks[1], 4, 2);
    CHECK(!fixture_build(&graph, &f, 4, &net));
    CHECK_STR(net.error, "the up transposed convolution leaves nothing along the height: "
                         "(1 - 1)*2 - 2*3 + 4 + 0 = -2");
    net_free(&net);
}

static void test_fits(void) {
    struct fixture f;
    struct net net;
    fixture_unet(&f, 8, 1);
    for (int fit = FIT_NEAREST; fit <= FIT_PAD; fit++) {
        fixture_fit(&f, (enum fit)fit);
        CHECK_INT(fixture_build(&graph, &f, 360, &net), fit != FIT_CROP); /* all must grow */
        if (net.ok) {
            CHECK_INT(graph.nodes[net.blocks[6].fitted].op, fit == FIT_PAD ? OP_WINDOW : OP_RESIZE);
            CHECK_INT(net.blocks[6].join, JOIN_RESAMPLED);
            CHECK_INT(net.output.h, 360);
        }
        net_free(&net);
    }
    fixture_unet(&f, 8, 1);
    fixture_fit(&f, FIT_CROP);
    for (int i = 0; i < 8; i++) f.blocks[i].up.output_padding = square(1);
    CHECK(fixture_build(&graph, &f, 256, &net));
    net_free(&net);
}

int main(void) {
    test_golden_inner();
    test_golden_sizes();
    test_output_padding();
    test_middle_stride();
    test_style();
    test_names();
    test_refusals();
    test_fits();
    graph_free(&graph);
    return check_end();
}
