#include "engine/naming.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

const char *naming_name(enum naming naming) {
    static const char *const names[] = {"auto", "zi2zi", "pix2pix", "plain"};
    return names[naming];
}

/* What follows `prefix` and a dot in `name`, or NULL. */
static const char *after(const char *name, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(name, prefix, length) == 0 && name[length] == '.' ? name + length + 1 : NULL;
}

static bool place_in_list(const struct extra_list *list, const char *rest, struct place *out) {
    for (int i = 0; i < list->count; i++) {
        const char *as = list->ops[i].as, *leaf = as ? after(rest, as) : NULL;
        /* The longest prefix is meant: "att" and "att.more" may stand side by side. */
        if (!leaf || (out->extra && strlen(out->extra->as) >= strlen(as))) continue;
        out->part = PLACE_EXTRA;
        out->extra = &list->ops[i];
        out->leaf = leaf;
        return true;
    }
    return false;
}

static void place_in_block(const struct config_block *block, const char *rest, struct place *out) {
    static const struct {
        const char *prefix;
        enum place_part part;
    } parts[] = {{"down.conv", PLACE_DOWN_CONV},
                 {"down.norm", PLACE_DOWN_NORM},
                 {"up.conv", PLACE_UP_CONV},
                 {"up.norm", PLACE_UP_NORM}};
    out->part = PLACE_OTHER;
    out->leaf = rest;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *leaf = after(rest, parts[i].prefix);
        if (!leaf) continue;
        out->part = parts[i].part;
        out->leaf = leaf;
        return;
    }
    place_in_list(&block->input, rest, out);
    place_in_list(&block->encoded, rest, out);
    place_in_list(&block->decoded, rest, out);
    if (place_in_list(&block->upsampled, rest, out)) out->upsampled = true;
}

bool naming_place(const struct config_variant *variant, const char *plain, struct place *out) {
    *out = (struct place){.block = -1};
    const char *film = after(plain, "style.film");
    if (strcmp(plain, "style.embedding") == 0 || film) {
        out->part = film ? PLACE_FILM : PLACE_EMBEDDING;
        out->leaf = film ? film : plain;
        return true;
    }
    const char *rest = NULL;
    for (int i = 0; i < variant->block_count; i++) {
        const char *here = after(plain, variant->blocks[i].name);
        if (!here || (rest && here < rest)) continue; /* the longest block name is meant */
        rest = here;
        out->block = i;
    }
    if (!rest) return false;
    place_in_block(&variant->blocks[out->block], rest, out);
    return true;
}

const struct norm *naming_norm(const struct config_variant *variant, const struct place *place) {
    switch (place->part) {
    case PLACE_DOWN_NORM:
        return &variant->blocks[place->block].down.norm;
    case PLACE_UP_NORM:
        return &variant->blocks[place->block].up.norm;
    case PLACE_EXTRA:
        return place->extra->op == EXTRA_NORM || place->extra->op == EXTRA_RES_BLOCK
                   ? &place->extra->norm
                   : NULL;
    default:
        return NULL;
    }
}

static void add(struct names *names, const char *name) {
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0) return;
    if (names->count < NAMING_MAX) names->name[names->count++] = name;
}

/* "model" and one ".submodule" for every step inwards. */
static const char *zi2zi_prefix(int block, struct arena *arena) {
    struct text t = {0};
    text_put(&t, "model");
    for (int i = 0; i < block; i++) text_put(&t, ".submodule");
    const char *prefix = arena_strdup(arena, t.s);
    text_free(&t);
    return prefix;
}

/* Nested Sequentials: the block inside stands at 1 in the outermost block and at 3 in the others.
 */
static const char *pix2pix_prefix(int block, struct arena *arena) {
    struct text t = {0};
    text_put(&t, "model.model");
    for (int i = 0; i < block; i++) text_put(&t, i == 0 ? ".1.model" : ".3.model");
    const char *prefix = arena_strdup(arena, t.s);
    text_free(&t);
    return prefix;
}

/* Steps of an nn.Sequential or attributes under the block's module, in the order to try. */
static void add_steps(struct names *out, struct arena *arena, const char *prefix,
                      const char *const *steps, const char *leaf) {
    for (; *steps; steps++) add(out, arena_printf(arena, "%s.%s.%s", prefix, *steps, leaf));
}

/* Leaves that the sources call differently: ours, theirs. */
static const struct {
    const char *ours, *theirs;
} leaf_alternatives[] = {{"query.", "query_conv."}, {"key.", "key_conv."},
                         {"value.", "value_conv."}, {"conv1.", "conv."},
                         {"norm1.", "norm."},       {"conv.", "conv1."},
                         {"norm.", "norm1."}};

static void add_leaves(struct names *out, struct arena *arena, const char *prefix, const char *as,
                       const char *leaf) {
    add(out, arena_printf(arena, "%s.%s.%s", prefix, as, leaf));
    for (size_t i = 0; i < sizeof leaf_alternatives / sizeof *leaf_alternatives; i++) {
        size_t length = strlen(leaf_alternatives[i].ours);
        if (strncmp(leaf, leaf_alternatives[i].ours, length) == 0)
            add(out, arena_printf(arena, "%s.%s.%s%s", prefix, as, leaf_alternatives[i].theirs,
                                  leaf + length));
    }
}

/* What the sources call an extra of this kind, for configs whose `as` is another word. */
static const char *const *extra_aliases(const struct place *place) {
    static const char *const attention[] = {"self_attn", "att", "attn_block", NULL};
    static const char *const residual[] = {"res_skip", NULL};
    static const char *const transformer[] = {"transformer_block", NULL};
    static const char *const up_conv[] = {"up.1.fusion_conv", "up.1.post_conv.0", NULL};
    static const char *const up_norm[] = {"up.1.post_conv.1", NULL};
    static const char *const up_residual[] = {"up.1.post_conv.3", NULL};
    static const char *const none[] = {NULL};
    assert(place->extra);
    switch (place->extra->op) {
    case EXTRA_SELF_ATTENTION:
    case EXTRA_LINEAR_ATTENTION:
        return attention;
    case EXTRA_RES_BLOCK:
        return place->upsampled ? up_residual : residual;
    case EXTRA_TRANSFORMER:
        return transformer;
    case EXTRA_CONV:
        return place->upsampled ? up_conv : none;
    case EXTRA_NORM:
        return place->upsampled ? up_norm : none;
    default:
        return none;
    }
}

/* Extras stand beside the block's other modules; those of C's decoders inside its up.1. */
static void add_extra(struct names *out, struct arena *arena, const char *prefix,
                      const struct place *place) {
    assert(place->extra);
    add_leaves(out, arena, prefix, place->extra->as, place->leaf);
    if (place->upsampled) {
        const char *inside = arena_printf(arena, "%s.up.1", prefix);
        add_leaves(out, arena, inside, place->extra->as, place->leaf);
    }
    for (const char *const *alias = extra_aliases(place); *alias; alias++)
        add_leaves(out, arena, prefix, *alias, place->leaf);
}

static void zi2zi(const struct config_variant *variant, const struct place *place,
                  struct arena *arena, struct names *out) {
    static const char *const outermost_down[] = {"down.0", "down.1", NULL};
    static const char *const down[] = {"down.1", "down.0", NULL};
    static const char *const outermost_down_norm[] = {"down.1", "down.2", NULL};
    static const char *const down_norm[] = {"down.2", "down.1", NULL};
    static const char *const up_plain[] = {"up.1", NULL};
    static const char *const up_upsample[] = {"up.1.upsample.1", "up.1", NULL};
    static const char *const up_shuffle[] = {"up.1", "up.1.conv", NULL};
    static const char *const up_norm[] = {"up.2", "up.3", NULL};
    static const char *const up_norm_shuffle[] = {"up.3", "up.2", NULL};
    if (place->part == PLACE_EMBEDDING) {
        add(out, "embedder.weight");
        return;
    }
    int block = place->part == PLACE_FILM ? variant->block_count - 1 : place->block;
    const char *prefix = zi2zi_prefix(block, arena);
    enum decoder decoder = variant->blocks[block].up.decoder;
    switch (place->part) {
    case PLACE_FILM:
        add(out, arena_printf(arena, "%s.film.film.%s", prefix, place->leaf));
        break;
    case PLACE_DOWN_CONV:
        add_steps(out, arena, prefix, block ? down : outermost_down, place->leaf);
        break;
    case PLACE_DOWN_NORM:
        add_steps(out, arena, prefix, block ? down_norm : outermost_down_norm, place->leaf);
        break;
    case PLACE_UP_CONV:
        add_steps(out, arena, prefix,
                  decoder == DECODER_UPSAMPLE_CONV   ? up_upsample
                  : decoder == DECODER_PIXEL_SHUFFLE ? up_shuffle
                                                     : up_plain,
                  place->leaf);
        break;
    case PLACE_UP_NORM:
        add_steps(out, arena, prefix, decoder == DECODER_PIXEL_SHUFFLE ? up_norm_shuffle : up_norm,
                  place->leaf);
        break;
    case PLACE_EXTRA:
        add_extra(out, arena, prefix, place);
        break;
    default:
        add(out, arena_printf(arena, "%s.%s", prefix, place->leaf));
    }
}

static void pix2pix(const struct config_variant *variant, const struct place *place,
                    struct arena *arena, struct names *out) {
    if (place->part == PLACE_EMBEDDING || place->part == PLACE_FILM) return;
    const char *prefix = pix2pix_prefix(place->block, arena);
    bool outermost = place->block == 0, innermost = place->block == variant->block_count - 1;
    int step;
    switch (place->part) {
    case PLACE_DOWN_CONV:
        step = outermost ? 0 : 1;
        break;
    case PLACE_DOWN_NORM:
        step = outermost ? 1 : 2;
        break;
    case PLACE_UP_CONV:
        step = outermost || innermost ? 3 : 5;
        break;
    case PLACE_UP_NORM:
        step = outermost || innermost ? 4 : 6;
        break;
    case PLACE_EXTRA:
        add_leaves(out, arena, prefix, place->extra->as, place->leaf);
        return;
    default:
        add(out, arena_printf(arena, "%s.%s", prefix, place->leaf));
        return;
    }
    add(out, arena_printf(arena, "%s.%d.%s", prefix, step, place->leaf));
}

void naming_candidates(const struct config_variant *variant, enum naming naming, const char *plain,
                       struct arena *arena, struct names *out) {
    *out = (struct names){.count = 0};
    struct place place;
    if (naming == NAMING_PLAIN)
        add(out, plain);
    else if (!naming_place(variant, plain, &place))
        return;
    else if (naming == NAMING_ZI2ZI)
        zi2zi(variant, &place, arena, out);
    else
        pix2pix(variant, &place, arena, out);
}
