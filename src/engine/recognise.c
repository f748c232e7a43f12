#include "engine/recognise.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LENGTH 512

const struct tensor *recognise_find(const struct checkpoint *checkpoint, const char *name) {
    const struct tensor *tensor = checkpoint_find(checkpoint, name);
    char longer[NAME_MAX_LENGTH];
    if (tensor || snprintf(longer, sizeof longer, "module.%s", name) >= (int)sizeof longer)
        return tensor;
    return checkpoint_find(checkpoint, longer);
}

/* The tensor of a printf-style name, when its dimensions are positive ints; else NULL. */
static const struct tensor *find(const struct checkpoint *checkpoint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const struct tensor *find(const struct checkpoint *checkpoint, const char *format, ...) {
    char name[NAME_MAX_LENGTH];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (length >= (int)sizeof name) return NULL;
    const struct tensor *tensor = recognise_find(checkpoint, name);
    for (int i = 0; tensor && i < tensor->rank; i++)
        if (tensor->dims[i] < 1 || tensor->dims[i] > INT_MAX) return NULL;
    return tensor;
}

static const struct tensor *find_conv(const struct checkpoint *checkpoint, const char *prefix,
                                      const char *step) {
    const struct tensor *tensor = find(checkpoint, "%s.%s.weight", prefix, step);
    return tensor && tensor->rank == 4 ? tensor : NULL;
}

static bool has(const struct checkpoint *checkpoint, const char *prefix, const char *step,
                const char *leaf) {
    return find(checkpoint, "%s.%s.%s", prefix, step, leaf) != NULL;
}

static struct extent kernel_of(const struct tensor *conv) {
    return (struct extent){(int)conv->dims[2], (int)conv->dims[3]};
}

static enum seen_norm norm_at(const struct checkpoint *checkpoint, const char *prefix,
                              const char *step) {
    if (has(checkpoint, prefix, step, "running_mean")) return SEEN_NORM_RUNNING;
    const struct tensor *scale = find(checkpoint, "%s.%s.weight", prefix, step);
    return scale && scale->rank == 1 ? SEEN_NORM_AFFINE : SEEN_NORM_NONE;
}

static void read_down(const struct checkpoint *checkpoint, const char *prefix, const char *conv,
                      const char *norm, struct seen_level *level) {
    const struct tensor *weight = find_conv(checkpoint, prefix, conv);
    level->channels = (int)weight->dims[0];
    level->in = (int)weight->dims[1];
    level->down_kernel = kernel_of(weight);
    level->down_bias = has(checkpoint, prefix, conv, "bias");
    level->down_norm = norm_at(checkpoint, prefix, norm);
}

/* The decoder's (first) convolution at `step`; `in` and `out` are the dimensions of its weight
 * that are its channels, `out` over `shrink` those of the decoder. */
static void read_up(const struct checkpoint *checkpoint, const char *prefix, const char *step,
                    enum seen_up up, struct seen_level *level) {
    const struct tensor *weight = find_conv(checkpoint, prefix, step);
    bool transposed = up == SEEN_UP_CONV_TRANSPOSE;
    int shrink = up == SEEN_UP_PIXEL_SHUFFLE || up == SEEN_UP_PIXEL_SHUFFLE_POST ? 4 : 1;
    level->up = up;
    level->up_in = (int)weight->dims[transposed ? 0 : 1];
    level->up_out = (int)weight->dims[transposed ? 1 : 0] / shrink;
    level->up_kernel = kernel_of(weight);
    level->up_bias = has(checkpoint, prefix, step, "bias");
}

/* A plain up.1 is a convolution before a pixel shuffle where a norm stands at up.3, or where it has
 * a 3x3 kernel and gives four times the channels of x. */
static bool is_shuffle(const struct checkpoint *checkpoint, const char *prefix,
                       const struct tensor *weight, const struct seen_level *level) {
    return norm_at(checkpoint, prefix, "up.3") != SEEN_NORM_NONE ||
           (weight->dims[2] == 3 && weight->dims[0] == 4 * (int64_t)level->in);
}

static void read_zi2zi_up(const struct checkpoint *checkpoint, const char *prefix,
                          struct seen_level *level) {
    const struct tensor *plain = find_conv(checkpoint, prefix, "up.1");
    enum seen_norm late = norm_at(checkpoint, prefix, "up.3");
    level->up_norm = late != SEEN_NORM_NONE ? late : norm_at(checkpoint, prefix, "up.2");
    if (find_conv(checkpoint, prefix, "up.1.upsample.1"))
        read_up(checkpoint, prefix, "up.1.upsample.1", SEEN_UP_UPSAMPLE_FUSION, level);
    else if (find_conv(checkpoint, prefix, "up.1.conv"))
        read_up(checkpoint, prefix, "up.1.conv", SEEN_UP_PIXEL_SHUFFLE_POST, level);
    else if (plain)
        read_up(checkpoint, prefix, "up.1",
                is_shuffle(checkpoint, prefix, plain, level) ? SEEN_UP_PIXEL_SHUFFLE
                                                             : SEEN_UP_CONV_TRANSPOSE,
                level);
}

static void read_attention(const struct checkpoint *checkpoint, const char *prefix,
                           struct seen_level *level) {
    static const char *const words[][3] = {{"self_attn", "query", "value"},
                                           {"att", "query_conv", "value_conv"},
                                           {"attn_block", "query", "value"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const struct tensor *query =
            find(checkpoint, "%s.%s.%s.weight", prefix, words[i][0], words[i][1]);
        if (!query || query->rank < 2) continue;
        level->attention = words[i][0];
        level->attention_channels = (int)query->dims[1];
        level->attention_keys = (int)query->dims[0];
    }
}

static void read_extras(const struct checkpoint *checkpoint, const char *prefix,
                        struct seen_level *level) {
    read_attention(checkpoint, prefix, level);
    if (find(checkpoint, "%s.res_skip.conv.weight", prefix)) level->residual_layers = 1;
    if (find(checkpoint, "%s.res_skip.conv1.weight", prefix))
        level->residual_layers = find(checkpoint, "%s.res_skip.conv2.weight", prefix) ? 2 : 1;
    if (level->residual_layers) level->residual = "res_skip";
    level->transformer = find(checkpoint, "%s.transformer_block.ffn.0.weight", prefix) != NULL;
    level->film = find(checkpoint, "%s.film.film.weight", prefix) != NULL;
}

static void read_zi2zi(const struct checkpoint *checkpoint, struct seen *out) {
    char prefix[NAME_MAX_LENGTH] = "model";
    while (out->level_count < RECOGNISE_LEVELS_MAX) {
        bool outermost = out->level_count == 0;
        const char *conv = outermost ? "down.0" : "down.1";
        if (!find_conv(checkpoint, prefix, conv)) break;
        struct seen_level *level = &out->levels[out->level_count++];
        read_down(checkpoint, prefix, conv, outermost ? "down.1" : "down.2", level);
        read_zi2zi_up(checkpoint, prefix, level);
        read_extras(checkpoint, prefix, level);
        strcat(prefix, ".submodule"); /* 32 steps of 10 fit */
    }
    /* The outermost decoder has no norm and few channels: it is what the one inside it is. */
    struct seen_level *level = out->levels;
    if (out->level_count > 1 && level[0].up == SEEN_UP_CONV_TRANSPOSE &&
        level[1].up == SEEN_UP_PIXEL_SHUFFLE)
        read_up(checkpoint, "model", "up.1", SEEN_UP_PIXEL_SHUFFLE, level);
}

static void read_pix2pix(const struct checkpoint *checkpoint, struct seen *out) {
    char prefix[NAME_MAX_LENGTH] = "model.model";
    while (out->level_count < RECOGNISE_LEVELS_MAX) {
        bool outermost = out->level_count == 0;
        const char *conv = outermost ? "0" : "1";
        if (!find_conv(checkpoint, prefix, conv)) break;
        struct seen_level *level = &out->levels[out->level_count++];
        read_down(checkpoint, prefix, conv, outermost ? "1" : "2", level);
        const char *up = outermost || !find_conv(checkpoint, prefix, "5") ? "3" : "5";
        if (find_conv(checkpoint, prefix, up))
            read_up(checkpoint, prefix, up, SEEN_UP_CONV_TRANSPOSE, level);
        level->up_norm =
            outermost ? SEEN_NORM_NONE : norm_at(checkpoint, prefix, up[0] == '5' ? "6" : "4");
        strcat(prefix, outermost ? ".1.model" : ".3.model");
    }
}

static bool is_c(const struct seen *seen) {
    for (int i = 0; i < seen->level_count; i++) {
        const struct seen_level *level = &seen->levels[i];
        if (level->film || level->transformer || level->residual_layers == 2 ||
            level->up == SEEN_UP_UPSAMPLE_FUSION || level->up == SEEN_UP_PIXEL_SHUFFLE_POST ||
            (level->attention && strcmp(level->attention, "attn_block") == 0))
            return true;
    }
    return seen->levels[seen->level_count - 1].down_kernel.h == 3;
}

static enum family family_of(const struct seen *seen) {
    if (seen->level_count == 0) return FAMILY_UNKNOWN;
    if (seen->naming == NAMING_PIX2PIX) return FAMILY_PIX2PIX;
    bool norms = false;
    for (int i = 0; i < seen->level_count; i++) {
        if (seen->levels[i].up == SEEN_UP_PIXEL_SHUFFLE) return FAMILY_ZI2ZI_SHUFFLE;
        norms |= seen->levels[i].up_norm != SEEN_NORM_NONE;
    }
    if (is_c(seen)) return FAMILY_ZI2ZI_2025_04;
    return norms ? FAMILY_ZI2ZI_2020 : FAMILY_ZI2ZI_2025_03;
}

void recognise_read(const struct checkpoint *checkpoint, struct seen *out) {
    *out = (struct seen){.naming = NAMING_AUTO};
    read_zi2zi(checkpoint, out);
    if (out->level_count) {
        out->naming = NAMING_ZI2ZI;
    } else {
        read_pix2pix(checkpoint, out);
        if (out->level_count) out->naming = NAMING_PIX2PIX;
    }
    const struct tensor *embedding = find(checkpoint, "embedder.weight");
    if (embedding && embedding->rank == 2) {
        out->style_count = (int)embedding->dims[0];
        out->style_dim = (int)embedding->dims[1];
    }
    out->family = family_of(out);
}

const char *recognise_family_words(enum family family) {
    switch (family) {
    case FAMILY_ZI2ZI_2020:
        return "zi2zi of 2020 (transposed convolutions, batch norm)";
    case FAMILY_ZI2ZI_2025_03:
        return "zi2zi of March 2025 (transposed convolutions with bias, instance norm)";
    case FAMILY_ZI2ZI_2025_04:
        return "zi2zi of April 2025 (FiLM, innermost kernel 3, instance norm)";
    case FAMILY_ZI2ZI_SHUFFLE:
        return "zi2zi of December 2025 or March 2026 (pixel shuffle, norm at up.3)";
    case FAMILY_PIX2PIX:
        return "pix2pix (nested Sequentials, batch norm)";
    case FAMILY_UNKNOWN:
        break;
    }
    return "no generator that is known here";
}
