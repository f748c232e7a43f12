#include "net/equal.h"

#include <limits.h>

#include "base/text.h"
#include "net/sizes.h"

bool equal_nets(const struct config_variant *a, const struct net *net_a,
                const struct config_variant *b, const struct net *net_b) {
    return net_a->ok && net_b->ok && net_a->root == net_b->root && a->mean == b->mean &&
           a->std == b->std;
}

static bool same_extent(struct extent a, struct extent b) {
    return a.h == b.h && a.w == b.w;
}

/* Where they would differ. */

static bool differ_at(const struct config_variant *a, const struct config_variant *b,
                      struct extent size) {
    struct graph graph = {0};
    struct net net_a, net_b;
    struct err err = {0};
    net_build(&graph, a, size, -2, NULL, NULL, &net_a, &err); /* without bind it cannot fail */
    net_build(&graph, b, size, -2, NULL, NULL, &net_b, &err);
    bool differ = net_a.ok && net_b.ok && !equal_nets(a, &net_a, b, &net_b);
    net_free(&net_a);
    net_free(&net_b);
    graph_free(&graph);
    err_free(&err);
    return differ;
}

/* The last height from `h` to `end` at which the block reads what it does at `h`. */
static int last_alike(const struct config_variant *v, int block, struct extent at, int h, int end) {
    struct extent here = sizes_entry(v, block, sizes_scaled(at, h));
    while (h != end) { /* bisected: entries are monotone */
        int step = (end - h) / 2 ? (end - h) / 2 : end - h;
        struct extent there = sizes_entry(v, block, sizes_scaled(at, h + step));
        if (same_extent(here, there)) {
            h += step;
        } else {
            end = step > 0 ? h + step - 1 : h + step + 1;
        }
    }
    return h;
}

/* The search of one direction: true when found. */
static bool differs_towards(const struct config_variant *a, const struct config_variant *b,
                            struct extent at, int end, struct extent *found) {
    int direction = end < at.h ? -1 : 1, alike = sizes_alike(a, b);
    for (int h = at.h; h != end;) {
        h += direction;
        *found = sizes_scaled(at, h);
        struct sizes then_a = sizes_of(a, *found), then_b = sizes_of(b, *found);
        if (then_a.signature == then_b.signature) {
            h = last_alike(a, alike, at, h, end);
        } else if (then_a.fits && then_b.fits && differ_at(a, b, *found)) {
            return true;
        }
    }
    return false;
}

int equal_differs_at(const struct config_variant *a, const struct config_variant *b,
                     struct extent at, struct extent found[2]) {
    int64_t reach = EQUAL_REACH * (int64_t)at.h;
    int count = differs_towards(a, b, at, 1, &found[0]);
    count += differs_towards(a, b, at, reach > INT_MAX ? INT_MAX : (int)reach, &found[count]);
    return count;
}

/* What they share. */

struct parting equal_parting(const struct net *a, const struct net *b) {
    struct parting parting = {.block = -1};
    int count = a->block_count < b->block_count ? a->block_count : b->block_count;
    struct {
        int block, a, b;
        const char *name;
    } stage;
#define STAGE(index, field, words)                                                                 \
    do {                                                                                           \
        stage.a = a->blocks[index].field;                                                          \
        stage.b = b->blocks[index].field;                                                          \
        if (parting.block < 0 && stage.a != stage.b) {                                             \
            parting.block = index;                                                                 \
            parting.stage = words;                                                                 \
        }                                                                                          \
    } while (0)
    for (int i = 0; i < count; i++) {
        STAGE(i, down_conv, "down convolution");
        STAGE(i, encoded, "norm or extra operations after the down convolution");
        STAGE(i, styled, "style");
        if (a->blocks[i].encoded == b->blocks[i].encoded && a->blocks[i].encoded >= 0 &&
            parting.shared_down == i)
            parting.shared_down++;
    }
    for (int i = count - 1; i >= 0; i--) {
        STAGE(i, up_conv, "up convolution");
        STAGE(i, decoded, "norm or extra operations after the up convolution");
        STAGE(i, fitted, "fit or extra operations before the join");
        if (a->blocks[i].decoded == b->blocks[i].decoded && a->blocks[i].decoded >= 0)
            parting.shared_up++;
    }
#undef STAGE
    return parting;
}

/* Why they are equal: every difference of the configs is one of these, or `other`. */

enum reason {
    DOWN_STRIDE,
    UP_STRIDE,
    FIT,
    FIT_MODE,
    UPSAMPLE_MODE,
    SKIP_SOURCE,
    OUTERMOST_SKIP,
    NORM,
    SCALE_ONE,
    ACTIVATION,
    EXTRA_STRIDE,
    REASONS
};

static const char *const sentences[REASONS] = {
    [DOWN_STRIDE] = "the down convolution has one output position, so its stride never acts",
    [UP_STRIDE] = "the transposed convolution reads one position, so its stride never acts",
    [FIT] = "the decoded size is that of the skip, so fit never acts",
    [FIT_MODE] = "either fit gives the same values",
    [UPSAMPLE_MODE] = "upsampling one position gives the same values in every mode",
    [SKIP_SOURCE] = "the next decoder's activation makes the kept skip the same, activated or not",
    [OUTERMOST_SKIP] = "the outermost block joins no skip",
    [NORM] = "the norms take the same statistics of one image",
    [SCALE_ONE] = "a scale of 1 leaves nothing to upsample",
    [ACTIVATION] = "the activations give the same values there",
    [EXTRA_STRIDE] = "the extra operations differ only in what cannot act at this size",
};

struct reasons {
    int blocks[REASONS]; /* how many blocks have it */
    int first[REASONS];  /* the first of them */
    struct text *text;
};

static void note(struct reasons *r, enum reason reason, int block) {
    if (r->blocks[reason]++ == 0) r->first[reason] = block;
}

static bool same_norm(const struct norm *a, const struct norm *b) {
    if (a->type != b->type) return false;
    return a->type == NORM_NONE || (a->affine == b->affine && a->eps == b->eps &&
                                    (a->type != NORM_GROUP || a->groups == b->groups));
}

static bool same_act(enum act a, double slope_a, enum act b, double slope_b) {
    return a == b && (a != ACT_LEAKY_RELU || slope_a == slope_b);
}

static bool same_extra(const struct extra *a, const struct extra *b) {
    return a->op == b->op && a->channels == b->channels && same_extent(a->kernel, b->kernel) &&
           same_extent(a->stride, b->stride) && same_extent(a->padding, b->padding) &&
           same_extent(a->output_padding, b->output_padding) && a->bias == b->bias &&
           same_extent(a->scale, b->scale) && a->mode == b->mode && same_norm(&a->norm, &b->norm) &&
           same_act(a->activation, a->slope, b->activation, b->slope) && a->layers == b->layers &&
           a->reduction == b->reduction && a->heads == b->heads && a->ffn == b->ffn;
}

static bool same_extras(const struct extra_list *a, const struct extra_list *b) {
    if (a->count != b->count) return false;
    for (int i = 0; i < a->count; i++)
        if (!same_extra(&a->ops[i], &b->ops[i])) return false;
    return true;
}

static void compare_blocks(struct reasons *r, int i, const struct config_block *a,
                           const struct config_block *b, bool resampled) {
    if (!same_extent(a->down.stride, b->down.stride)) note(r, DOWN_STRIDE, i);
    bool transposed = a->up.decoder == DECODER_CONV_TRANSPOSE;
    if (transposed && !same_extent(a->up.stride, b->up.stride)) note(r, UP_STRIDE, i);
    if (a->up.decoder != b->up.decoder) {
        note(r, SCALE_ONE, i);
    } else if (!transposed && a->up.mode != b->up.mode) {
        note(r, same_extent(a->up.scale, (struct extent){1, 1}) ? SCALE_ONE : UPSAMPLE_MODE, i);
    }
    if (a->fit != b->fit) note(r, resampled ? FIT_MODE : FIT, i);
    if (i == 0 && (a->skip != b->skip || a->skip_source != b->skip_source)) {
        note(r, OUTERMOST_SKIP, i);
    } else if (a->skip_source != b->skip_source) {
        note(r, SKIP_SOURCE, i);
    }
    if (!same_norm(&a->down.norm, &b->down.norm) || !same_norm(&a->up.norm, &b->up.norm))
        note(r, NORM, i);
    if (!same_act(a->down.activation, a->down.slope, b->down.activation, b->down.slope) ||
        !same_act(a->up.activation, a->up.slope, b->up.activation, b->up.slope))
        note(r, ACTIVATION, i);
    if (!same_extras(&a->input, &b->input) || !same_extras(&a->encoded, &b->encoded) ||
        !same_extras(&a->upsampled, &b->upsampled) || !same_extras(&a->decoded, &b->decoded))
        note(r, EXTRA_STRIDE, i);
}

/* "innermost: the down convolution has one output position (2x2 -> 1x1), so ..." */
static void say(struct reasons *r, const struct graph *graph, const struct net *net,
                enum reason reason) {
    int count = r->blocks[reason];
    if (count == 0) return;
    struct text *t = r->text;
    if (t->length) text_put(t, "; ");
    const struct net_block *block = &net->blocks[r->first[reason]];
    if (count == 1) {
        text_add(t, "%s: ", block->name);
    } else if (count == net->block_count) {
        text_put(t, "all blocks: ");
    } else {
        text_add(t, "%d blocks from %s inwards: ", count, block->name);
    }
    text_put(t, sentences[reason]);
    if (count == 1 && reason == FIT_MODE)
        text_add(t, " (%dx%d -> %dx%d)", block->join_from.h, block->join_from.w, block->join_to.h,
                 block->join_to.w);
    if (count > 1 || (reason != DOWN_STRIDE && reason != UP_STRIDE)) return;
    const struct node *conv =
        &graph->nodes[reason == DOWN_STRIDE ? block->down_conv : block->up_conv];
    struct shape in = graph->nodes[conv->inputs[0]].out;
    text_add(t, " (%dx%d -> %dx%d)", in.h, in.w, conv->out.h, conv->out.w);
}

char *equal_because(const struct graph *graph, const struct config_variant *a,
                    const struct net *net_a, const struct config_variant *b, struct arena *arena) {
    struct text text = {0};
    struct reasons reasons = {.text = &text};
    for (int i = 0; i < a->block_count && i < b->block_count; i++)
        compare_blocks(&reasons, i, &a->blocks[i], &b->blocks[i],
                       net_a->blocks[i].join == JOIN_RESAMPLED);
    for (int reason = 0; reason < REASONS; reason++)
        say(&reasons, graph, net_a, (enum reason)reason);
    if (a->style != b->style)
        text_add(&text, "%sstyle: concat and expand are the same over a 1x1 code",
                 text.length ? "; " : "");
    char *words = arena_strdup(arena, text.length ? text.s : "they describe the same network");
    text_free(&text);
    return words;
}
