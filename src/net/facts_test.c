/* Parameters, MACs, dead weights and receptive fields against numbers worked out by hand and with
 * other tools for zi2zi and pix2pix. */
#include "net/facts.h"

#include "base/check.h"
#include "net/fixture.h"

static struct graph graph;

static void measure(const struct fixture *f, int size, struct facts *facts) {
    struct net net;
    CHECK(fixture_build(&graph, f, size, &net));
    facts_of(&graph, &net, facts);
    net_free(&net);
}

static void test_zi2zi(void) {
    struct fixture f;
    struct facts facts;
    fixture_zi2zi(&f, 8);
    measure(&f, 256, &facts);
    CHECK_INT(facts.parameters, 55461505);
    CHECK_NEAR((double)facts.macs.input / 1e9, 5.949, 0.0005);
    CHECK_NEAR((double)facts.macs.output / 1e9, 17.843, 0.0005);
    CHECK_NEAR((double)facts.macs.effective / 1e9, 5.600, 0.0005);
    CHECK_NEAR((double)facts.conv_weights / 1e6, 55.45, 0.005);
    CHECK_NEAR((double)facts.dead_weights / 1e6, 7.08, 0.005);
    CHECK_NEAR((double)facts.dead_weights / (double)facts.conv_weights, 0.128, 0.0005);
    CHECK_INT(facts.blocks[7].down.live, 4);
    CHECK_INT(facts.blocks[7].down.of, 16);
    CHECK_INT(facts.blocks[7].up.live, 4);
    CHECK_INT(facts.blocks[6].down.live, 16);
    CHECK_NEAR(facts.field.jump_height, 1, 0);
    uint64_t parameters = 40 * 128, macs = 0;
    for (int i = 0; i < 8; i++) {
        parameters += facts.blocks[i].parameters;
        macs += facts.blocks[i].macs.effective;
    }
    CHECK_INT(parameters, facts.parameters);
    CHECK_INT(macs, facts.macs.effective);
    facts_free(&facts);
    facts_free(&facts);
}

static void test_pix2pix(void) {
    struct fixture f;
    struct facts facts;
    fixture_unet(&f, 8, 3);
    measure(&f, 256, &facts);
    CHECK_NEAR((double)facts.macs.input / 1e9, 6.05, 0.005);
    CHECK_NEAR((double)facts.macs.output / 1e9, 18.14, 0.005);
    CHECK_NEAR((double)facts.macs.effective / 1e9, 5.70, 0.005);
    CHECK_NEAR((double)facts.conv_weights / 1e6, 54.40, 0.005);
    CHECK_NEAR((double)facts.dead_weights / 1e6, 6.29, 0.005);
    CHECK_NEAR((double)facts.dead_weights / (double)facts.conv_weights, 0.116, 0.0005);
    facts_free(&facts);
}

/* Every tap of every position tried, against the closed form. */
static void test_effective(void) {
    for (int transposed = 0; transposed < 2; transposed++)
        for (int size = 1; size <= 6; size++)
            for (int kernel = 1; kernel <= 5; kernel++)
                for (int stride = 1; stride <= 3; stride++) {
                    struct fixture f;
                    fixture_unet(&f, 1, 1);
                    fixture_fit(&f, FIT_BILINEAR);
                    struct config_block *b = &f.blocks[0];
                    b->channels = 1;
                    fixture_down(b, transposed ? 1 : kernel, transposed ? 1 : stride);
                    fixture_up(b, transposed ? kernel : 1, transposed ? stride : 1);
                    b->down.padding = square(!transposed);
                    b->up.padding = square(transposed);
                    struct net net;
                    if (!fixture_build(&graph, &f, size, &net)) {
                        net_free(&net);
                        continue;
                    }
                    struct facts facts;
                    facts_of(&graph, &net, &facts);
                    int number = transposed ? net.blocks[0].up_conv : net.blocks[0].down_conv;
                    int out = graph.nodes[number].out.h, taps = 0, live = 0;
                    for (int k = 0; k < kernel; k++) {
                        int before = taps;
                        for (int p = 0; p < (transposed ? size : out); p++) {
                            int at = p * stride - 1 + k;
                            taps += at >= 0 && at < (transposed ? out : size);
                        }
                        live += taps > before;
                    }
                    int other = transposed ? size * size : out * out; /* the 1x1 convolution */
                    CHECK_INT(facts.macs.effective, taps * taps + other);
                    struct taps got = transposed ? facts.blocks[0].up : facts.blocks[0].down;
                    CHECK_INT(got.live, live * live);
                    CHECK_INT(facts.conv_weights - facts.dead_weights, live * live + 1);
                    facts_free(&facts);
                    net_free(&net);
                }
}

static void test_waking(void) {
    struct fixture f;
    struct net at256, at512;
    fixture_unet(&f, 8, 1);
    CHECK(fixture_build(&graph, &f, 256, &at256));
    CHECK(fixture_build(&graph, &f, 512, &at512));
    struct facts facts;
    facts_of(&graph, &at256, &facts);
    CHECK_INT(facts_waking(&graph, &at512, &at256), facts.dead_weights);
    CHECK_INT(facts_waking(&graph, &at256, &at512), 0);
    facts_free(&facts);
    net_free(&at256);
    net_free(&at512);
}

static void test_fields(void) {
    struct fixture f;
    struct facts facts;
    fixture_unet(&f, 8, 1);
    measure(&f, 256, &facts);
    CHECK_NEAR(facts.blocks[0].field.height, 4, 0);
    CHECK_NEAR(facts.blocks[1].field.width, 10, 0);
    CHECK_NEAR(facts.blocks[7].field.height, 766, 0);
    CHECK_NEAR(facts.blocks[7].field.jump_height, 256, 0);
    CHECK_NEAR(facts.field.height, 256, 0);
    CHECK_NEAR(facts.field.jump_height, 1, 0);
    CHECK(!facts.field.whole);
    facts_free(&facts);

    fixture_down(fixture_inner(&f), 4, 1);
    measure(&f, 256, &facts);
    CHECK_NEAR(facts.blocks[7].field.height, 766, 0);
    CHECK_NEAR(facts.blocks[7].field.jump_height, 128, 0);
    facts_free(&facts);

    fixture_fit(&f, FIT_BILINEAR);
    fixture_down(fixture_inner(&f), 3, 1);
    measure(&f, 256, &facts);
    CHECK_NEAR(facts.blocks[7].field.width, 638, 0);
    CHECK_NEAR(facts.blocks[7].field.jump_width, 128, 0);
    facts_free(&facts);

    /* One block: output o reads codes floor((o - 1) / 2) .. floor((o + 1) / 2), i.e. two, each of
     * which reads 4 pixels at distance 2. */
    fixture_unet(&f, 1, 1);
    measure(&f, 64, &facts);
    CHECK_NEAR(facts.field.height, 6, 0);
    facts_free(&facts);
    f.blocks[0].down.norm.type = NORM_INSTANCE;
    measure(&f, 64, &facts);
    CHECK(facts.field.whole && facts.blocks[0].field.whole);
    facts_free(&facts);
}

/* Two blocks of one channel at 8x8, no norms: input 64, down 16, leaky 16, down 4, relu 4, up 16,
 * relu of the skip 16, relu 16, up 64, tanh 64; the peak is at the last but one. */
static void test_memory(void) {
    struct fixture f;
    struct facts facts;
    fixture_unet(&f, 2, 1);
    for (int i = 0; i < 2; i++) {
        f.blocks[i].channels = 1;
        f.blocks[i].down.norm.type = f.blocks[i].up.norm.type = NORM_NONE;
    }
    measure(&f, 8, &facts);
    CHECK_INT(facts.activation_bytes, 4 * (64 + 16 + 16 + 4 + 4 + 16 + 16 + 16 + 64 + 64));
    CHECK_INT(facts.peak_bytes, 4 * (64 + 64));
    facts_free(&facts);
}

int main(void) {
    test_zi2zi();
    test_pix2pix();
    test_effective();
    test_waking();
    test_fields();
    test_memory();
    graph_free(&graph);
    return check_end();
}
