#include "engine/recognise_preset.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void recognised_free(struct recognised *recognised) {
    mem_free(recognised->conclusions.items);
    mem_free(recognised->unknowns.items);
    arena_free(&recognised->arena);
    *recognised = (struct recognised){0};
}

static void put_line(struct lines *lines, const char *line) {
    mem_grow(&lines->items, &lines->capacity, lines->count + 1, sizeof *lines->items);
    lines->items[lines->count++] = line;
}

#define CONCLUDE(r, ...) put_line(&(r)->conclusions, arena_printf(&(r)->arena, __VA_ARGS__))
#define UNKNOWN(r, ...)  put_line(&(r)->unknowns, arena_printf(&(r)->arena, __VA_ARGS__))

static void set(struct recognised *r, const char *path, const char *value) {
    assert(r->set_count < RECOGNISED_SETS_MAX);
    r->sets[r->set_count++] = (struct config_override){path, value};
}

static const struct seen_level *innermost(const struct seen *seen) {
    return &seen->levels[seen->level_count - 1];
}

/* The two generators of family D differ in where attention stands, and in nothing else. */
static const char *shuffle_preset(const struct seen *seen) {
    bool deep = innermost(seen)->attention != NULL;
    for (int i = 4; i < seen->level_count; i++) deep |= seen->levels[i].attention != NULL;
    return deep ? "zi2zi-2025-12" : "zi2zi-2026-03";
}

static const char *april_preset(const struct seen *seen) {
    switch (seen->levels[0].up) {
    case SEEN_UP_UPSAMPLE_FUSION:
        return "zi2zi-2025-04-upsample";
    case SEEN_UP_PIXEL_SHUFFLE_POST:
        return "zi2zi-2025-04-pixelshuffle";
    default:
        return "zi2zi-2025-04";
    }
}

static const char *preset_of(const struct seen *seen) {
    switch (seen->family) {
    case FAMILY_ZI2ZI_2020:
        return "zi2zi-2020";
    case FAMILY_ZI2ZI_2025_03:
        return "zi2zi-2025-03";
    case FAMILY_ZI2ZI_2025_04:
        return april_preset(seen);
    case FAMILY_ZI2ZI_SHUFFLE:
        return shuffle_preset(seen);
    case FAMILY_PIX2PIX:
        return seen->level_count == 7 ? "pix2pix-128" : "pix2pix-256";
    case FAMILY_UNKNOWN:
        break;
    }
    return NULL;
}

/* The numbers of the blocks for which `flags` holds, "2, 3", from 1, the outermost. */
static const char *block_list(struct recognised *r, const bool *flags) {
    struct text t = {0};
    for (int i = 0; i < r->seen.level_count; i++)
        if (flags[i]) text_add(&t, "%s%d", t.length ? ", " : "", i + 1);
    const char *list = t.length ? arena_strdup(&r->arena, t.s) : NULL;
    text_free(&t);
    return list;
}

static void read_widths(struct recognised *r) {
    const struct seen *seen = &r->seen;
    struct text t = {0};
    for (int i = 0; i < seen->level_count; i++) {
        r->channels[i] = seen->levels[i].channels;
        text_add(&t, "%s%d", i ? ", " : "", r->channels[i]);
    }
    r->options.blocks = seen->level_count;
    r->options.ngf = r->channels[0];
    r->options.channels = r->channels;
    r->options.channels_in = seen->levels[0].in;
    r->options.channels_out = seen->levels[0].up_out;
    CONCLUDE(r, "%d blocks: the down convolutions nest so deep", seen->level_count);
    CONCLUDE(r, "channels %s: what the down convolutions give", t.s);
    CONCLUDE(r, "reads %d and gives %d channels: the outermost convolutions", seen->levels[0].in,
             seen->levels[0].up_out);
    text_free(&t);
}

static void read_style(struct recognised *r) {
    const struct seen *seen = &r->seen;
    r->options.style_count = seen->style_count;
    r->options.style_dim = seen->style_dim;
    r->options.no_style = seen->style_count == 0;
    if (seen->style_count)
        CONCLUDE(r, "%d styles of %d numbers: embedder.weight", seen->style_count, seen->style_dim);
    else
        CONCLUDE(r, "no style: there is no embedder.weight with values");
}

static void read_extras(struct recognised *r) {
    const struct seen *seen = &r->seen;
    for (int i = 0; i < seen->level_count; i++) {
        r->attention[i] = seen->levels[i].attention != NULL;
        r->residual[i] = seen->levels[i].residual_layers > 0;
    }
    r->options.attention = r->attention;
    r->options.residual = r->residual;
    const char *attention = block_list(r, r->attention), *residual = block_list(r, r->residual);
    if (attention) CONCLUDE(r, "attention in the blocks %s: its query convolutions", attention);
    if (residual) CONCLUDE(r, "residual blocks in the blocks %s: res_skip", residual);
    for (int i = 0; i < seen->level_count; i++) {
        int c = seen->levels[i].attention_channels, keys = seen->levels[i].attention_keys;
        if (c / 8 != keys)
            UNKNOWN(r,
                    "the reduction of the attention in block %d: %d of %d channels are keys, and 8 "
                    "is assumed",
                    i + 1, keys, c);
    }
}

/* A concatenated skip doubles what the decoder around it reads; an added one does not. */
static void read_skip(struct recognised *r) {
    const struct seen_level *outer = &r->seen.levels[0];
    bool added = outer->up_in == outer->channels;
    bool preset_adds = r->seen.family == FAMILY_ZI2ZI_SHUFFLE;
    if (r->seen.level_count < 2) return;
    CONCLUDE(r, "skips are %s: the outermost decoder reads %d channels",
             added ? "added" : "concatenated", outer->up_in);
    if (added != preset_adds) set(r, "defaults.skip", added ? "add" : "concat");
}

static const char *norm_value(enum seen_norm norm) {
    switch (norm) {
    case SEEN_NORM_RUNNING:
        return "batch";
    case SEEN_NORM_AFFINE:
        return "{\"type\": \"instance\", \"affine\": true}";
    case SEEN_NORM_NONE:
        break;
    }
    return "instance";
}

static const char *norm_words(enum seen_norm norm) {
    switch (norm) {
    case SEEN_NORM_RUNNING:
        return "batch norm: running_mean";
    case SEEN_NORM_AFFINE:
        return "a norm with weight and bias, but no running_mean";
    case SEEN_NORM_NONE:
        break;
    }
    return "instance norm without affine: there are no tensors of norms";
}

/* Norms and biases, read where every generator has them: in the second block. */
static void read_norms(struct recognised *r) {
    if (r->seen.level_count < 3) return;
    const struct seen_level *level = &r->seen.levels[1];
    enum family family = r->seen.family;
    bool instance = family == FAMILY_ZI2ZI_2025_03 || family == FAMILY_ZI2ZI_2025_04;
    enum seen_norm standard = instance ? SEEN_NORM_NONE : SEEN_NORM_RUNNING;
    CONCLUDE(r, "%s", norm_words(level->up_norm));
    if (level->down_norm != standard) set(r, "defaults.down.norm", norm_value(level->down_norm));
    if (level->up_norm != standard) set(r, "defaults.up.norm", norm_value(level->up_norm));
    bool up_bias = instance && level->up != SEEN_UP_PIXEL_SHUFFLE_POST;
    if (level->down_bias != instance)
        set(r, "defaults.down.bias", level->down_bias ? "true" : "false");
    if (level->up_bias != up_bias) set(r, "defaults.up.bias", level->up_bias ? "true" : "false");
    if (level->up_norm == SEEN_NORM_NONE)
        UNKNOWN(r, "whether there are norms at all: instance norm leaves no tensors");
    if (level->up_norm == SEEN_NORM_AFFINE)
        UNKNOWN(r, "which norm: instance, group or layer norm with affine, or batch norm without "
                   "running statistics; instance is assumed");
}

/* In family C the innermost down convolution is 3x3, in the others 4x4. */
static void read_kernel(struct recognised *r) {
    static const char *const kernels[] = {"1", "2", "3", "4", "5", "6", "7"};
    int kernel = innermost(&r->seen)->down_kernel.h;
    int standard = r->seen.family == FAMILY_ZI2ZI_2025_04 ? 3 : 4;
    if (kernel != innermost(&r->seen)->down_kernel.w || kernel > 7) return;
    CONCLUDE(r, "innermost down kernel %d", kernel);
    if (kernel != standard) set(r, "blocks.innermost.down.kernel", kernels[kernel - 1]);
}

static void read_size(struct recognised *r) {
    int blocks = r->seen.level_count;
    if (blocks <= 12) r->options.size = (struct extent){1 << blocks, 1 << blocks};
    UNKNOWN(r, "the images' size; %d is assumed, at which stride 2 in %d blocks gives one position",
            blocks <= 12 ? 1 << blocks : 256, blocks);
}

static void tell_unknowns(struct recognised *r) {
    enum family family = r->seen.family;
    UNKNOWN(r, "strides, paddings and output_padding: those of the source are assumed");
    UNKNOWN(r, "activations and their slopes, the output's activation: those of the source");
    if (r->seen.style_count > 1)
        UNKNOWN(r,
                "which of the %d styles an image wants: 0 is assumed (--label, --label-from-name)",
                r->seen.style_count);
    UNKNOWN(r, "the images' mean and std: 0.5 and 0.5 are assumed, pixels from -1 to 1");
    if (family == FAMILY_PIX2PIX)
        UNKNOWN(r, "whether batch norm ran with running statistics (assumed) or with each image's, "
                   "as pix2pix's test.py without --eval: see the variant batch-stats");
    if (family == FAMILY_ZI2ZI_2025_04 && block_list(r, r->attention))
        UNKNOWN(r, "whether attention is linear (assumed, the source's default) or softmax");
    if (family == FAMILY_ZI2ZI_2025_03 || family == FAMILY_ZI2ZI_2025_04)
        UNKNOWN(r, "how decoded maps are fitted: bilinear is assumed, as in the source");
    if (family == FAMILY_ZI2ZI_2025_04)
        UNKNOWN(r,
                "the groups of group norms and the heads of the transformer: 8 and 4 are assumed");
    if (family == FAMILY_ZI2ZI_SHUFFLE && !block_list(r, r->attention))
        UNKNOWN(r, "whether it is of 2025-12 or 2026-03: only attention tells, and there is none");
}

bool recognise_preset(const struct checkpoint *checkpoint, struct recognised *out,
                      struct err *err) {
    *out = (struct recognised){0};
    recognise_read(checkpoint, &out->seen);
    out->preset = preset_of(&out->seen);
    if (!out->preset || out->seen.level_count < 2 || out->seen.levels[0].up_out < 1)
        return err_add(
            err, STATUS_BAD_INPUT,
            "%s: its names are not those of a zi2zi or pix2pix generator of two blocks "
            "or more; write a config (see init --list) and name its tensors in \"weights\"",
            SAFE(checkpoint->path));
    CONCLUDE(out, "%s", recognise_family_words(out->seen.family));
    read_widths(out);
    read_style(out);
    read_extras(out);
    read_skip(out);
    read_norms(out);
    read_kernel(out);
    read_size(out);
    tell_unknowns(out);
    return true;
}
