/* Receptive fields, and weights that never meet data, against what perturbing shows.
 *
 * With positive weights and pixels nothing cancels and no relu dies, so that a pixel that is read
 * shows at the output: rows and columns of the image are made huge one at a time. */
#include "net/field.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "engine/ref.h"
#include "net/facts.h"
#include "net/fixture.h"

#define FIELDS  150
#define WEIGHTS 60

static uint64_t state;

static int draw(int low, int high) { /* both included */
    state = hash_mix(state + 1);
    return low + (int)(state % (uint64_t)(high - low + 1));
}

static bool chance(int one_in) {
    return draw(1, one_in) == 1;
}

/* Random small variants. */

static struct extent pair(int low, int high) {
    struct extent e = square(draw(low, high));
    if (chance(4)) e.w = draw(low, high);
    return e;
}

static int least(struct extent e) {
    return e.h < e.w ? e.h : e.w;
}

static void limit(struct extent *e, struct extent most) {
    if (e->h > most.h) e->h = most.h;
    if (e->w > most.w) e->w = most.w;
}

/* Strides larger than the kernel leave gaps in what is read. */
static void random_down(struct config_down *down) {
    down->kernel = pair(1, 5);
    down->stride = pair(1, 3);
    if (!chance(4)) limit(&down->stride, down->kernel);
    down->padding = square(draw(0, (least(down->kernel) - 1) / 2));
}

static void random_up(struct config_up *up) {
    up->decoder = chance(2) ? DECODER_CONV_TRANSPOSE
                            : (enum decoder)draw(DECODER_UPSAMPLE_CONV, DECODER_CONV);
    up->kernel = pair(1, 5);
    up->padding = square(draw(0, (least(up->kernel) - 1) / 2));
    if (up->decoder == DECODER_CONV_TRANSPOSE) {
        up->stride = pair(1, 3);
        if (!chance(4)) limit(&up->stride, up->kernel);
        if (least(up->stride) > 1 && chance(3)) up->output_padding = square(1);
    } else {
        up->stride = square(1);
        up->scale = pair(1, 3);
        up->mode = chance(2) ? MODE_NEAREST : MODE_BILINEAR;
    }
}

/* Cubics have negative weights, which only linear nets carry through without loss. */
static void random_block(struct config_block *b, bool linear) {
    b->channels = draw(1, 3);
    random_down(&b->down);
    random_up(&b->up);
    b->down.activation = b->up.activation = linear ? ACT_NONE : ACT_RELU;
    b->down.bias = b->up.bias = true;
    b->down.norm.type = chance(2) ? NORM_BATCH : NORM_NONE;
    b->up.norm.type = chance(2) ? NORM_BATCH : NORM_NONE;
    b->skip = (enum skip)(chance(3) ? SKIP_ADD : chance(2) ? SKIP_NONE : SKIP_CONCAT);
    b->fit = (enum fit)draw(FIT_ERROR, linear ? FIT_BICUBIC : FIT_BILINEAR);
    if (linear && b->up.decoder == DECODER_UPSAMPLE_CONV && chance(2)) b->up.mode = MODE_BICUBIC;
    if (chance(8)) b->fit = chance(2) ? FIT_CROP : FIT_PAD;
}

static void random_variant(struct fixture *f, struct extent *size, int most) {
    int blocks = draw(1, 4);
    fixture_unet(f, blocks, 1);
    bool linear = chance(2);
    for (int i = 0; i < blocks; i++) random_block(&f->blocks[i], linear);
    f->variant.output_activation = ACT_NONE;
    *size = (struct extent){draw(4, most), draw(4, most)};
}

/* Weights: positive, by name. */

struct owned {
    float *data[128];
    int count;
};

static bool bind(void *context, struct slot *slot, struct err *err) {
    (void)err;
    struct owned *owned = context;
    size_t count = slot_count(slot);
    float *data = owned->data[owned->count++] = mem_array(count, sizeof *data);
    bool conv = slot->role == ROLE_CONV || slot->role == ROLE_CONV_TRANSPOSE;
    for (size_t i = 0; i < count; i++)
        data[i] = slot->role == ROLE_MEAN ? 0 : (float)draw(500, 1000) / (conv ? 8000 : 1000);
    slot->data = data;
    slot->content[0] = hash64(slot->name, strlen(slot->name), 1);
    slot->content[1] = 1;
    return true;
}

static void owned_free(struct owned *owned) {
    for (int i = 0; i < owned->count; i++) mem_free(owned->data[i]);
}

/* Fields. */

struct range {
    int from, to;
};

static float *run(const struct graph *graph, int node, const float *image) {
    struct shape out = graph->nodes[node].out;
    float *output = mem_array((size_t)out.c * (size_t)out.h * (size_t)out.w, sizeof *output);
    ref_run(graph, &node, 1, image, 0, &output, NULL, NULL);
    return output;
}

static float central(const struct graph *graph, int node, const float *image) {
    struct shape out = graph->nodes[node].out;
    float *output = run(graph, node, image);
    float value = output[(size_t)((out.h - 1) / 2) * (size_t)out.w + (size_t)((out.w - 1) / 2)];
    mem_free(output);
    return value;
}

/* The rows (or columns) of the image that the central position of `node` depends on. */
static struct range seen(const struct graph *graph, int node, struct extent size, bool rows) {
    size_t pixels = (size_t)size.h * (size_t)size.w;
    float *image = mem_array(pixels, sizeof *image);
    struct range range = {-1, -2};
    for (size_t i = 0; i < pixels; i++) image[i] = 1;
    float before = central(graph, node, image);
    for (int line = 0; line < (rows ? size.h : size.w); line++) {
        for (size_t i = 0; i < pixels; i++) {
            int at = (int)(rows ? i / (size_t)size.w : i % (size_t)size.w);
            image[i] = at == line ? 1e16F : 1;
        }
        if (central(graph, node, image) == before) continue;
        if (range.from < 0) range.from = line;
        range.to = line;
    }
    mem_free(image);
    return range;
}

static bool check_field(const struct graph *graph, int node, struct extent size,
                        struct field field) {
    struct range y = seen(graph, node, size, true), x = seen(graph, node, size, false);
    CHECK_NEAR(field.height, y.to - y.from + 1, 0);
    CHECK_NEAR(field.width, x.to - x.from + 1, 0);
    CHECK(!field.whole);
    return field.height == y.to - y.from + 1 && field.width == x.to - x.from + 1;
}

static void print_variant(const struct fixture *f, struct extent size) {
    printf("at %dx%d\n", size.h, size.w);
    for (int i = 0; i < f->variant.block_count; i++) {
        const struct config_down *d = &f->blocks[i].down;
        const struct config_up *u = &f->blocks[i].up;
        printf("  down k%dx%d s%dx%d p%d; %s k%dx%d s%dx%d p%d op%d x%dx%d %s; fit %s, skip %s\n",
               d->kernel.h, d->kernel.w, d->stride.h, d->stride.w, d->padding.h,
               config_decoder_name(u->decoder), u->kernel.h, u->kernel.w, u->stride.h, u->stride.w,
               u->padding.h, u->output_padding.h, u->scale.h, u->scale.w, config_mode_name(u->mode),
               config_fit_name(f->blocks[i].fit), config_skip_name(f->blocks[i].skip));
    }
}

static bool has_gaps(const struct fixture *f) {
    for (int i = 0; i < f->variant.block_count; i++) {
        const struct config_down *d = &f->blocks[i].down;
        if (d->stride.h > d->kernel.h || d->stride.w > d->kernel.w) return true;
    }
    return false;
}

/* The output's field, the code's, and that of the code with every map endless where the image is
 * large enough not to clip it and there are no gaps. */
static bool check_fields(const struct fixture *f, struct extent size, int *endless) {
    struct graph graph = {0};
    struct net net;
    struct err err = {0};
    struct owned owned = {0};
    CHECK(net_build(&graph, &f->variant, size, -2, bind, &owned, &net, &err));
    bool counts = net.ok;
    if (counts) {
        struct facts facts;
        struct field_map map;
        facts_of(&graph, &net, &facts);
        field_start(&map, &graph, &net);
        bool right = check_field(&graph, net.root, size, facts.field);
        int last = net.block_count - 1, code = net.blocks[last].encoded;
        struct field clipped = field_central(&map, code), free = facts.blocks[last].field;
        right = check_field(&graph, code, size, clipped) && right;
        struct range y = seen(&graph, code, size, true), x = seen(&graph, code, size, false);
        bool is_clipped = y.from <= 0 || y.to >= size.h - 1 || x.from <= 0 || x.to >= size.w - 1;
        if (!is_clipped && !has_gaps(f)) {
            CHECK_NEAR(free.height, clipped.height, 0);
            CHECK_NEAR(free.width, clipped.width, 0);
            ++*endless;
        }
        if (!right) print_variant(f, size);
        field_free(&map);
        facts_free(&facts);
    }
    net_free(&net);
    graph_free(&graph);
    owned_free(&owned);
    return counts;
}

static void test_fields(void) {
    int tested = 0, endless = 0;
    while (tested < FIELDS) {
        struct fixture f;
        struct extent size;
        random_variant(&f, &size, 40);
        tested += check_fields(&f, size, &endless);
    }
    printf("%d fields, %d of codes that the image does not clip\n", tested, endless);
    CHECK(endless > FIELDS / 10);
}

static bool sees_every_row(const struct graph *graph, int node, struct extent size) {
    size_t pixels = (size_t)size.h * (size_t)size.w;
    float *image = mem_array(pixels, sizeof *image);
    bool all = true;
    for (size_t i = 0; i < pixels; i++) image[i] = 1;
    float before = central(graph, node, image);
    for (int row = 0; row < size.h && all; row++) {
        for (size_t i = 0; i < pixels; i++) image[i] = (int)(i / (size_t)size.w) == row ? 3 : 1;
        all = central(graph, node, image) != before;
    }
    mem_free(image);
    return all;
}

/* Two blocks that see less than the image by their convolutions; with the norm `type` in the inner
 * decoder, or `extra` in its encoder. */
static void check_whole(enum norm_type type, const struct extra *extra) {
    struct fixture f;
    struct graph graph = {0};
    struct net net;
    struct err err = {0};
    struct owned owned = {0};
    struct extent size = {24, 20};
    fixture_unet(&f, 2, 1);
    for (int i = 0; i < 2; i++) {
        f.blocks[i].channels = 3; /* of two, a norm over channels leaves only signs */
        f.blocks[i].down.norm.type = f.blocks[i].up.norm.type = NORM_NONE;
    }
    f.variant.output_activation = ACT_NONE;
    f.blocks[1].down.activation = ACT_NONE;
    f.blocks[1].up.norm.type = type;
    if (extra) f.blocks[1].encoded = (struct extra_list){extra, 1};
    CHECK(net_build(&graph, &f.variant, size, -2, bind, &owned, &net, &err) && net.ok);
    struct facts facts;
    facts_of(&graph, &net, &facts);
    bool whole = type != NORM_NONE || extra;
    CHECK(facts.field.whole == whole && facts.field.height < size.h);
    CHECK(facts.blocks[1].field.whole == (extra != NULL));
    CHECK(sees_every_row(&graph, net.root, size) == whole);
    facts_free(&facts);
    net_free(&net);
    graph_free(&graph);
    owned_free(&owned);
}

/* Norms with statistics of the image, and attention, see all of the map they act on. */
static void test_whole(void) {
    static const struct extra extras[] = {
        {.op = EXTRA_SELF_ATTENTION, .as = "att", .reduction = 1},
        {.op = EXTRA_LINEAR_ATTENTION, .as = "att", .reduction = 1},
        {.op = EXTRA_TRANSFORMER, .as = "att", .heads = 1, .ffn = 4}};
    check_whole(NORM_NONE, NULL);
    for (enum norm_type type = NORM_BATCH_STATS; type <= NORM_LAYER; type++)
        check_whole(type, NULL);
    for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) check_whole(NORM_NONE, &extras[i]);
}

/* Weights. */

/* Marks the weights of a convolution whose change shows in its own output. */
static void mark_live(const struct graph *whole, const struct node *conv, bool *live) {
    struct graph graph = {0};
    struct node input = graph_node(OP_INPUT, -1, -1), node = *conv;
    input.out = whole->nodes[conv->inputs[0]].out;
    node.inputs[0] = graph_add(&graph, input);
    struct slot slot = whole->slots[conv->weights[0]];
    size_t count = slot_count(&slot);
    size_t pixels = (size_t)input.out.c * (size_t)input.out.h * (size_t)input.out.w;
    size_t outs = (size_t)node.out.c * (size_t)node.out.h * (size_t)node.out.w;
    float *weights = mem_array(count, sizeof *weights), *image = mem_array(pixels, sizeof *image);
    const float *slot_data = slot.data;
    memcpy(weights, slot_data, count * sizeof *weights);
    for (size_t i = 0; i < pixels; i++) image[i] = 1;
    slot.data = weights;
    node.weights[0] = graph_slot(&graph, &slot);
    node.weights[1] = -1;
    int number = graph_add(&graph, node);
    float *before = run(&graph, number, image);
    for (size_t i = 0; i < count; i++) {
        weights[i] = slot_data[i] + 1;
        float *after = run(&graph, number, image);
        live[i] = memcmp(before, after, outs * sizeof *after) != 0;
        mem_free(after);
        weights[i] = slot_data[i];
    }
    mem_free(before);
    mem_free(weights);
    mem_free(image);
    graph_free(&graph);
}

static const struct node *conv_of(const struct graph *graph, const struct net *net, int slot) {
    for (int i = 0; i < net->use_count; i++) {
        const struct node *node = &graph->nodes[net->uses[i].node];
        if ((node->op == OP_CONV || node->op == OP_CONV_TRANSPOSE) && node->weights[0] == slot)
            return node;
    }
    return NULL;
}

static uint64_t count_if(const bool *flags, const bool *but_not, size_t count, bool value) {
    uint64_t n = 0;
    for (size_t i = 0; i < count; i++) n += flags[i] == value && !(but_not && but_not[i]);
    return n;
}

/* Dead weights at one size, and those that wake at another. */
static bool check_weights(const struct fixture *f, struct extent size, struct extent larger) {
    struct graph graph = {0};
    struct net then, now;
    struct err err = {0};
    struct owned owned = {0};
    CHECK(net_build(&graph, &f->variant, size, -2, bind, &owned, &then, &err));
    CHECK(net_build(&graph, &f->variant, larger, -2, bind, &owned, &now, &err));
    bool counts = then.ok && now.ok;
    if (counts) {
        uint64_t weights = 0, dead = 0, waking = 0;
        for (int i = 0; i < then.slot_count; i++) {
            const struct node *a = conv_of(&graph, &then, then.slots[i]);
            const struct node *b = conv_of(&graph, &now, then.slots[i]);
            if (!a) continue;
            REQUIRE(b);
            size_t count = slot_count(&graph.slots[then.slots[i]]);
            bool *live = mem_array(count, sizeof *live), *later = mem_array(count, sizeof *later);
            mark_live(&graph, a, live);
            mark_live(&graph, b, later);
            weights += count;
            dead += count_if(live, NULL, count, false);
            waking += count_if(later, live, count, true);
            mem_free(live);
            mem_free(later);
        }
        struct facts facts;
        facts_of(&graph, &then, &facts);
        CHECK_INT(facts.conv_weights, weights);
        CHECK_INT(facts.dead_weights, dead);
        CHECK_INT(facts_waking(&graph, &now, &then), waking);
        if (facts.dead_weights != dead) print_variant(f, size);
        facts_free(&facts);
    }
    net_free(&then);
    net_free(&now);
    graph_free(&graph);
    owned_free(&owned);
    return counts;
}

static void test_weights(void) {
    int tested = 0;
    while (tested < WEIGHTS) {
        struct fixture f;
        struct extent size;
        random_variant(&f, &size, 12);
        for (int i = 0; i < f.variant.block_count; i++) {
            struct config_block *b = &f.blocks[i];
            b->down.padding = pair(0, 2);
            b->up.padding = pair(0, 2);
            b->down.stride = pair(1, 3);
            if (b->up.decoder == DECODER_CONV_TRANSPOSE && !b->up.output_padding.h)
                b->up.stride = pair(1, 3);
        }
        struct extent larger = {size.h + draw(0, 6), size.w + draw(0, 6)};
        tested += check_weights(&f, size, larger);
    }
}

int main(int argc, char **argv) {
    state = argc > 1 ? strtoull(argv[1], NULL, 10) : 5;
    printf("seed %llu\n", (unsigned long long)state);
    test_fields();
    test_whole();
    test_weights();
    return check_end();
}
