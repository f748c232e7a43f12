#include "net/equal.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "net/fixture.h"
#include "net/sizes.h"

static struct arena arena;

static bool equal_at(const struct fixture *a, const struct fixture *b, int size, char **because) {
    struct graph graph = {0};
    struct net net_a, net_b;
    fixture_build(&graph, a, size, &net_a);
    fixture_build(&graph, b, size, &net_b);
    bool equal = equal_nets(&a->variant, &net_a, &b->variant, &net_b);
    if (because)
        *because = equal ? equal_because(&graph, &a->variant, &net_a, &b->variant, &arena) : NULL;
    net_free(&net_a);
    net_free(&net_b);
    graph_free(&graph);
    return equal;
}

static void test_strides(void) {
    struct fixture a, b;
    char *because;
    struct extent at[2];
    fixture_unet(&a, 8, 1);
    fixture_unet(&b, 8, 1);
    fixture_fit(&a, FIT_BILINEAR);
    fixture_fit(&b, FIT_BILINEAR);
    fixture_up(fixture_inner(&b), 4, 1);
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because,
              "b8: the transposed convolution reads one position, so its stride never acts "
              "(1x1 -> 2x2)");
    CHECK(equal_at(&a, &b, 384, NULL));
    CHECK(!equal_at(&a, &b, 512, NULL));
    CHECK_INT(equal_differs_at(&a.variant, &b.variant, square(256), at), 1);
    CHECK_INT(at[0].h, 512);
    CHECK_INT(at[0].w, 512);

    fixture_down(fixture_inner(&b), 4, 1);
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because, "b8: the down convolution has one output position, so its stride never acts "
                       "(2x2 -> 1x1); b8: the transposed convolution reads one position, so its "
                       "stride never acts (1x1 -> 2x2)");
    CHECK_INT(equal_differs_at(&a.variant, &b.variant, square(256), at), 1);
    CHECK_INT(at[0].h, 384);

    CHECK_INT(equal_differs_at(&a.variant, &b.variant, (struct extent){256, 512}, at), 1);
    b = a;
    b.variant.blocks = b.blocks;
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because, "they describe the same network");
    b.variant.mean = 0;
    CHECK(!equal_at(&a, &b, 256, NULL));
}

static void test_other_reasons(void) {
    struct fixture a, b;
    char *because;
    fixture_zi2zi(&a, 8);
    fixture_zi2zi(&b, 8);
    b.variant.style = STYLE_EXPAND;
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because, "style: concat and expand are the same over a 1x1 code");
    fixture_fit(&b, FIT_CROP);
    b.blocks[2].skip_source = SKIP_SOURCE_INPUT;
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because,
              "all blocks: the decoded size is that of the skip, so fit never acts; b3: the "
              "next decoder's activation makes the kept skip the same, activated or not; "
              "style: concat and expand are the same over a 1x1 code");
    b.blocks[0].skip = SKIP_ADD;
    CHECK(equal_at(&a, &b, 256, NULL));
    b.blocks[1].skip = SKIP_ADD;
    CHECK(!equal_at(&a, &b, 256, NULL));
    struct extent at[2];
    fixture_zi2zi(&b, 8);
    fixture_up(fixture_inner(&b), 4, 1);
    b.blocks[7].fit = FIT_BILINEAR;
    CHECK_INT(equal_differs_at(&a.variant, &b.variant, square(256), at), 0); /* never: 1x1 style */
}

/* Modes that read one position, or exactly at positions; a nearest fit that is a crop. */
static void test_modes(void) {
    struct fixture a, b;
    char *because;
    struct extent at[2];
    fixture_unet(&a, 8, 1);
    fixture_fit(&a, FIT_BILINEAR);
    fixture_inner(&a)->up.decoder = DECODER_CONV;
    fixture_up(fixture_inner(&a), 3, 1);
    b = a;
    b.variant.blocks = b.blocks;
    fixture_inner(&b)->fit = FIT_NEAREST;
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because, "b8: either fit gives the same values (1x1 -> 2x2)");
    CHECK_INT(equal_differs_at(&a.variant, &b.variant, square(256), at), 1);
    CHECK_INT(at[0].h, 512);
    CHECK(equal_at(&a, &b, 384, NULL)); /* 1x1 -> 3x3 */
    fixture_inner(&b)->fit = FIT_PAD;
    CHECK(!equal_at(&a, &b, 256, NULL));

    fixture_inner(&a)->up.decoder = DECODER_UPSAMPLE_CONV;
    b = a;
    b.variant.blocks = b.blocks;
    fixture_inner(&b)->up.mode = MODE_BICUBIC;
    CHECK(equal_at(&a, &b, 256, &because));
    CHECK_STR(because, "b8: upsampling one position gives the same values in every mode");
    CHECK_INT(equal_differs_at(&a.variant, &b.variant, square(256), at), 1);
    CHECK_INT(at[0].h, 512);

    fixture_unet(&a, 2, 1); /* decoded 33x33 for an image of 32x32 */
    a.blocks[0].up.output_padding = square(1);
    a.blocks[0].fit = FIT_NEAREST;
    b = a;
    b.variant.blocks = b.blocks;
    b.blocks[0].fit = FIT_CROP;
    CHECK(equal_at(&a, &b, 32, &because));
    CHECK_STR(because, "b1: either fit gives the same values (33x33 -> 32x32)");
}

static void test_parting(void) {
    struct graph graph = {0};
    struct fixture a, b;
    struct net net_a, net_b;
    fixture_unet(&a, 8, 1);
    fixture_unet(&b, 8, 1);
    fixture_build(&graph, &a, 256, &net_a);
    fixture_down(fixture_inner(&b), 3, 1);
    fixture_up(fixture_inner(&b), 3, 1);
    fixture_build(&graph, &b, 256, &net_b);
    struct parting p = equal_parting(&net_a, &net_b);
    CHECK_INT(p.block, 7);
    CHECK_STR(p.stage, "down convolution");
    CHECK_INT(p.shared_down, 7);
    CHECK_INT(p.shared_up, 0);
    net_free(&net_b);

    fixture_unet(&b, 8, 1);
    b.blocks[3].up.decoder = DECODER_UPSAMPLE_CONV;
    fixture_up(&b.blocks[3], 3, 1);
    fixture_build(&graph, &b, 256, &net_b);
    p = equal_parting(&net_a, &net_b);
    CHECK_INT(p.block, 3);
    CHECK_STR(p.stage, "up convolution");
    CHECK_INT(p.shared_down, 8);
    CHECK_INT(p.shared_up, 4);
    net_free(&net_a);
    net_free(&net_b);
    graph_free(&graph);
}

static int draw(uint64_t *state, int count) {
    *state = hash_mix(*state + 1);
    return (int)(*state % (uint64_t)count);
}

static void vary(struct fixture *f, uint64_t *state) {
    for (int i = 0; i < f->variant.block_count; i++) {
        struct config_block *b = &f->blocks[i];
        b->fit = FIT_ERROR + (enum fit)draw(state, FIT_PAD + 1);
        if (draw(state, 2)) b->fit = FIT_BILINEAR;
        if (draw(state, 3) == 0) fixture_down(b, 3 + draw(state, 2), 1 + draw(state, 2));
        if (draw(state, 3) == 0) fixture_up(b, 3 + draw(state, 2), 1 + draw(state, 2));
        if (draw(state, 6) == 0) b->up.output_padding = square(1);
        if (draw(state, 4) == 0) b->up.decoder = DECODER_UPSAMPLE_CONV;
    }
}

/* The quick walk against the builder, and the quick search against trying every size. */
static void test_sizes(void) {
    uint64_t seed = 20, state = seed;
    printf("seed %llu\n", (unsigned long long)seed);
    int equal = 0;
    for (int round = 0; round < 60; round++) {
        struct fixture a, b;
        fixture_unet(&a, 4, 1);
        vary(&a, &state);
        b = a;
        b.variant.blocks = b.blocks;
        fixture_inner(&b)->up.stride = square(1 + draw(&state, 3));
        fixture_inner(&b)->down.stride = square(1 + draw(&state, 3));
        b.blocks[draw(&state, 4)].fit = FIT_BILINEAR;
        fixture_inner(&b)->up.mode = (enum mode)draw(&state, 3);
        int size = 8 + draw(&state, 24);
        struct graph graph = {0};
        for (int s = 1; s < 40; s++) {
            struct net net;
            CHECK_INT(fixture_build(&graph, &a, s, &net), sizes_along(&a.variant, true, s).fits);
            net_free(&net);
        }
        graph_free(&graph);
        if (!equal_at(&a, &b, size, NULL)) continue;
        equal++;
        struct extent found[2];
        int count = equal_differs_at(&a.variant, &b.variant, square(size), found), slow = 0;
        for (int direction = -1; direction <= 1; direction += 2)
            for (int s = size + direction; s >= 1 && s <= 4 * size; s += direction) {
                graph = (struct graph){0};
                struct net net_a, net_b;
                bool both = fixture_build(&graph, &a, s, &net_a);
                both = fixture_build(&graph, &b, s, &net_b) && both;
                bool differ = both && net_a.root != net_b.root;
                net_free(&net_a);
                net_free(&net_b);
                graph_free(&graph);
                if (!differ) continue;
                CHECK(slow < count && found[slow].h == s);
                slow++;
                break;
            }
        CHECK_INT(count, slow);
    }
    CHECK(equal > 5);
}

int main(void) {
    test_strides();
    test_other_reasons();
    test_modes();
    test_parting();
    test_sizes();
    arena_free(&arena);
    return check_end();
}
