#include "report/diagnose.h"

#include <string.h>

#include "base/text.h"
#include "net/facts.h"
#include "net/sizes.h"
#include "report/words.h"

struct search {
    const struct config_variant *variant;
    struct config_variant changed; /* the variant as a repair would have it */
    struct config_block *blocks;   /* its blocks */
    struct extent size;
    int failed; /* the block that fails first */
    struct arena *arena;
    struct diagnosis *out;
};

static void restore(struct search *s) {
    s->changed = *s->variant;
    s->changed.blocks = s->blocks;
    memcpy(s->blocks, s->variant->blocks, (size_t)s->variant->block_count * sizeof *s->blocks);
}

static bool sizes_fit(const struct search *s, struct extent size) {
    return sizes_of(&s->changed, size).fits;
}

/* What it costs, once it is known to fit. */
static void put_cost(const struct search *s, const struct graph *graph, const struct net *net,
                     struct text *t) {
    struct macs macs = facts_macs(graph, net);
    int resamples = 0;
    for (int i = 0; i < net->block_count; i++) resamples += net->blocks[i].join == JOIN_RESAMPLED;
    words_si(t, (double)macs.effective);
    text_put(t, " effective MACs, code ");
    struct shape code = graph->nodes[net->blocks[net->block_count - 1].encoded].out;
    words_size(t, code.h, code.w);
    text_add(t, ", %d resampled", resamples);
    for (int i = 0; i < s->changed.block_count; i++) {
        const struct config_block *a = &s->variant->blocks[i], *b = &s->blocks[i];
        if (a->down.kernel.h == b->down.kernel.h && a->down.kernel.w == b->down.kernel.w &&
            a->up.kernel.h == b->up.kernel.h && a->up.kernel.w == b->up.kernel.w)
            continue;
        text_put(t, ", weights of another shape");
        break;
    }
}

/* Tries the variant as changed at `size`: when it fits, the repair is taken in. Takes `change`. */
static bool try(struct search *s, struct extent size, struct text *change) {
    bool ok = false;
    if (s->out->count < REPAIRS_MAX && sizes_fit(s, size)) {
        struct graph graph = {0};
        struct net net;
        struct err err = {0};
        net_build(&graph, &s->changed, size, -2, NULL, NULL, &net, &err);
        ok = net.ok;
        if (ok) {
            struct text cost = {0};
            put_cost(s, &graph, &net, &cost);
            s->out->repairs[s->out->count++] =
                (struct repair){arena_strdup(s->arena, change->s), arena_strdup(s->arena, cost.s)};
            text_free(&cost);
        }
        net_free(&net);
        graph_free(&graph);
        err_free(&err);
    }
    text_free(change);
    return ok;
}

static void put_path(struct text *t, const struct config_block *block, const char *key) {
    text_add(t, "%sblocks.%s.%s=", t->length ? " and " : "", block->name, key);
}

static void put_value(struct text *t, struct extent value) {
    if (value.h == value.w) {
        text_add(t, "%d", value.h);
    } else {
        text_add(t, "[%d,%d]", value.h, value.w);
    }
}

/* output_padding that makes up for what a decoder lacks, at every join that needs it. */
static void try_output_padding(struct search *s, const struct net *net) {
    struct text change = {0};
    restore(s);
    for (int i = net->block_count - 1; i >= 0; i--) {
        const struct net_block *block = &net->blocks[i];
        struct config_up *up = &s->blocks[i].up;
        if (block->join != JOIN_MISMATCH || up->decoder != DECODER_CONV_TRANSPOSE) continue;
        up->output_padding.h += block->join_to.h - block->join_from.h;
        up->output_padding.w += block->join_to.w - block->join_from.w;
        if (up->output_padding.h < 0 || up->output_padding.w < 0) {
            text_free(&change);
            return;
        }
        put_path(&change, &s->blocks[i], "up.output_padding");
        put_value(&change, up->output_padding);
    }
    if (change.length) try(s, s->size, &change);
}

/* A fit at every join that disagrees. */
static void try_fit(struct search *s, const struct net *net, enum fit fit) {
    struct text change = {0};
    restore(s);
    for (int i = net->block_count - 1; i >= 0; i--) {
        if (net->blocks[i].join != JOIN_MISMATCH) continue;
        s->blocks[i].fit = fit;
        put_path(&change, &s->blocks[i], "fit");
        text_put(&change, config_fit_name(fit));
    }
    if (change.length) try(s, s->size, &change);
}

static void try_style(struct search *s) {
    if (s->variant->style != STYLE_CONCAT) return;
    struct text change = {0};
    restore(s);
    s->changed.style = STYLE_EXPAND;
    text_put(&change, "style.mode=expand");
    try(s, s->size, &change);
}

/* One number at the failing block, then two of them. */

enum number { UP_STRIDE, DOWN_STRIDE, UP_PADDING, DOWN_PADDING, UP_KERNEL, DOWN_KERNEL, NUMBERS };
static const char *const number_keys[NUMBERS] = {
    [UP_STRIDE] = "up.stride",       [DOWN_STRIDE] = "down.stride", [UP_PADDING] = "up.padding",
    [DOWN_PADDING] = "down.padding", [UP_KERNEL] = "up.kernel",     [DOWN_KERNEL] = "down.kernel",
};
#define VALUE_MAX 5

static struct extent *number_of(struct config_block *block, enum number number) {
    switch (number) {
    case UP_STRIDE:
        return &block->up.stride;
    case DOWN_STRIDE:
        return &block->down.stride;
    case UP_PADDING:
        return &block->up.padding;
    case DOWN_PADDING:
        return &block->down.padding;
    case UP_KERNEL:
        return &block->up.kernel;
    default:
        return &block->down.kernel;
    }
}

/* False when it is that already, or no value of that key. */
static bool set_number(struct search *s, enum number number, int value) {
    struct config_block *block = &s->blocks[s->failed];
    struct extent *extent = number_of(block, number);
    if (extent->h == value && extent->w == value) return false;
    if (number == UP_STRIDE && block->up.decoder != DECODER_CONV_TRANSPOSE) return false;
    if (value == 0 && number != UP_PADDING && number != DOWN_PADDING) return false;
    *extent = (struct extent){value, value};
    return true;
}

static bool try_set(struct search *s, enum number a, int value_a, enum number b, int value_b) {
    restore(s);
    if (!set_number(s, a, value_a)) return false;
    if (b != a && !set_number(s, b, value_b)) return false;
    if (!sizes_fit(s, s->size)) return false;
    struct text change = {0};
    put_path(&change, &s->blocks[s->failed], number_keys[a]);
    text_add(&change, "%d", value_a);
    if (b != a) {
        put_path(&change, &s->blocks[s->failed], number_keys[b]);
        text_add(&change, "%d", value_b);
    }
    return try(s, s->size, &change);
}

/* At most one repair for each number; both strides 1; one for each pair when no single number does.
 */
static void try_numbers(struct search *s) {
    bool found = false;
    for (enum number a = 0; a < NUMBERS; a++) {
        bool done = false;
        for (int v = 0; v <= VALUE_MAX && !done; v++) done = try_set(s, a, v, a, v);
        found = found || done;
    }
    found = try_set(s, UP_STRIDE, 1, DOWN_STRIDE, 1) || found;
    for (enum number a = 0; a < NUMBERS && !found; a++)
        for (enum number b = a + 1; b < NUMBERS; b++) {
            bool done = false;
            for (int v = 0; v <= VALUE_MAX && !done; v++)
                for (int w = 0; w <= VALUE_MAX && !done; w++) done = try_set(s, a, v, b, w);
        }
}

static void try_fewer_blocks(struct search *s) {
    restore(s);
    struct text change = {0};
    for (int count = s->variant->block_count - 1; count > s->failed - 1 && count > 0; count--) {
        s->changed.block_count = count;
        text_add(&change, "without the blocks inside %s", s->blocks[count - 1].name);
        if (try(s, s->size, &change)) return;
    }
}

/* The nearest sizes that fit, smaller and larger. */
static void try_sizes(struct search *s) {
    restore(s);
    for (int direction = -1; direction <= 1; direction += 2) {
        bool done = false;
        for (int64_t h = s->size.h + direction; h >= 1 && h <= 4 * (int64_t)s->size.h && !done;
             h += direction) {
            struct extent size = sizes_scaled(s->size, (int)h);
            if (!sizes_fit(s, size)) continue;
            struct text change = {0};
            text_put(&change, "--size ");
            words_size(&change, size.h, size.w);
            done = try(s, size, &change);
        }
    }
}

void diagnose(const struct config_variant *variant, const struct net *net, struct extent size,
              struct arena *arena, struct diagnosis *out) {
    *out = (struct diagnosis){0};
    if (size.h < 1 || size.w < 1) return;
    struct search s = {.variant = variant, .size = size, .arena = arena, .out = out};
    s.failed = net->failed_block >= 0 ? net->failed_block : 0;
    s.blocks = mem_array((size_t)variant->block_count, sizeof *s.blocks);
    try_sizes(&s);
    try_output_padding(&s, net);
    try_fit(&s, net, FIT_BILINEAR);
    try_fit(&s, net, FIT_CROP);
    try_style(&s);
    if (net->failed_block >= 0) try_numbers(&s);
    try_fewer_blocks(&s);
    mem_free(s.blocks);
}
