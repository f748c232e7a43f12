/* Small U-Nets on the engine against the reference: whose halves are shared, whose steps run as
 * one, what their steps count, and what the algorithms chosen lose. */
#include "engine/plan.h"
#include "engine/trial.h"
#include "engine/winograd.h"
#include "net/facts.h"
#include "net/fixture.h"

/* Weights that are a hash of their slot's name. */
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

/* Copies of results that are stored. */
static int stored_forms(const struct trial *t, const char *algorithm) {
    struct engine_options options = {.isa = ISA_BASE, .batch = 1, .algorithm = algorithm};
    struct err err = {0};
    struct engine *e = engine_create(t->graph, t->roots, t->root_count, &options, &err);
    int forms = 0;
    for (int s = 0; s < e->step_count; s++) forms += e->steps[s].form_count;
    engine_free(e);
    err_free(&err);
    return forms;
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

/* Two whose innermost blocks differ, so that the halves of decoders are shared. */
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
        CHECK_INT(shared_halves(&t), 3);       /* of the three decoders that read [x, d] */
        if (decoder == DECODER_CONV_TRANSPOSE) /* what skips read, and the next block as well */
            CHECK_INT(stored_forms(&t, "direct") - stored_forms(&t, "f2x2"), 3);
        trial_check(&t, 2e-5, pool, "u-net");
        CHECK_INT(t.spoilt, kernel_floats(&graph));
    }
    graph_free(&graph);
    arena_free(&arena);
}

/* The roots of U-Nets that differ in the innermost block. */
static void add_variants(struct trial *t, struct graph *graph, struct arena *arena, int blocks,
                         int channels) {
    for (int v = 0; v < t->root_count; v++) {
        struct fixture f;
        struct err err = {0};
        struct net net = {0};
        fixture_unet(&f, blocks, 1);
        small_channels(&f, channels);
        fixture_fit(&f, FIT_BILINEAR);
        if (v) fixture_down(fixture_inner(&f), 4 - v, 1);
        CHECK(
            net_build(graph, &f.variant, square(t->input.h), -2, bind_by_name, arena, &net, &err));
        CHECK(net.ok);
        t->roots[v] = net.root;
        net_free(&net);
        err_free(&err);
    }
}

/* 20 inputs along an axis give 21 outputs of one phase or another: five tiles of four and one
 * output that reads one input, for which F(4, 2) needs one product instead of five. */
static void check_edges(const struct trial *t, struct engine_options options) {
    struct err err = {0};
    options.batch = 1;
    struct engine *e = engine_create(t->graph, t->roots, t->root_count, &options, &err);
    int found = 0;
    for (int s = 0; s < engine_step_count(e); s++) {
        const struct conv *conv = e->steps[s].conv;
        if (!conv || !conv->transposed || conv->y.in != 20 || conv->x.in != 20) continue;
        int blocks =
            winograd_blocks(conv, conv->end_part) - winograd_blocks(conv, conv->first_part);
        double tiles = 4 * 25 * 25 + 2 * 5 * 6 + 2 * 5 * 5;
        CHECK_NEAR(e->steps[s].info.macs, tiles * blocks * BLOCK * conv->channels, 0.5);
        found++;
    }
    CHECK(found > 0);
    engine_free(e);
    err_free(&err);
}

/* Tiles that all phases share, whose last row and column are groups of their own; halves of the
 * sums are shared as well. */
static void shared_tiles(struct pool *pool) {
    struct graph graph = {0};
    struct arena arena = {0};
    struct trial t = {.graph = &graph, .root_count = 2, .input = {1, 40, 40}};
    add_variants(&t, &graph, &arena, 4, 20);
    trial_start(&t);
    static const char *const algorithms[] = {"f2x2 shared", "f3x2 shared", "f4x2 shared",
                                             "f5x2 shared"};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
            struct engine_options options = {.isa = isa, .algorithm = algorithms[i]};
            trial_run(&t, t.roots, t.root_count, options, IMAGES, t.got);
            CHECK(trial_is_close(&t, 2e-5));
            CHECK(trial_same_alone(&t, options, pool));
            if (strcmp(algorithms[i], "f4x2 shared") == 0) check_edges(&t, options);
        }
    trial_end(&t);
    graph_free(&graph);
    arena_free(&arena);
}

/* The rms of the error against the reference, which sums in double. */
static double error_of(const struct trial *t, struct engine_options options) {
    double sum = 0;
    size_t count = trial_floats(t, 0);
    trial_run(t, t->roots, 1, options, IMAGES, t->got);
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

/* Steps that run as one with the step before them. */
static int siblings_run(const struct trial *t, struct engine_options options) {
    struct err err = {0};
    options.batch = 1;
    struct engine *e = engine_create(t->graph, t->roots, t->root_count, &options, &err);
    int found = 0;
    for (int s = 0; s < engine_step_count(e); s++) found += e->steps[s].siblings - 1;
    engine_free(e);
    err_free(&err);
    return found;
}

/* Three that differ in the innermost block: deep decoders, of more weights than maps, run as one,
 * whatever the algorithm, and all bits are those of each alone. */
static void siblings(struct pool *pool) {
    struct graph graph = {0};
    struct arena arena = {0};
    struct trial t = {.graph = &graph, .root_count = 3, .input = {1, 32, 32}};
    add_variants(&t, &graph, &arena, 5, 40);
    trial_start(&t);
    static const char *const algorithms[] = {"direct",        "f2x2 streamed", "f3x2 streamed",
                                             "f4x2 streamed", "f4x2",          NULL};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct engine_options options = {.isa = isa_detect(), .algorithm = algorithms[i]};
        trial_run(&t, t.roots, t.root_count, options, IMAGES, t.got);
        CHECK(trial_is_close(&t, 2e-5));
        CHECK(trial_same_alone(&t, options, pool));
        /* At least two levels of decoders, of a step and two siblings each. */
        bool packed = algorithms[i] && strcmp(algorithms[i], "f4x2") == 0;
        int joined = siblings_run(&t, options);
        CHECK(packed ? joined == 0 : joined >= 4);
    }
    trial_end(&t);
    graph_free(&graph);
    arena_free(&arena);
}

int main(void) {
    trial_seed();
    struct pool *pool = pool_create(2);
    for (int d = DECODER_CONV_TRANSPOSE; d <= DECODER_CONV; d++) {
        unets(pool, (enum decoder)d, NORM_BATCH);
        unets(pool, (enum decoder)d, NORM_INSTANCE);
    }
    shared_tiles(pool);
    siblings(pool);
    accuracy(pool);
    pool_free(pool);
    return check_end();
}
