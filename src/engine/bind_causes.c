/* The likely cause of a checkpoint that does not fit, in words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/bind_problems.h"
#include "engine/naming.h"
#include "engine/recognise.h"

struct causes {
    const struct bind_problems *problems;
    const struct checkpoint *checkpoint;
    const struct config_variant *variant;
    const struct seen *seen;
    struct err *err;
};

static void say(const struct causes *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(const struct causes *c, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_add(c->err, STATUS_BAD_INPUT, "  likely cause: %s", text);
}

/* The first problem with the shape of a tensor at that part, or NULL. */
static const struct bind_problem *misshaped(const struct causes *c, enum place_part part) {
    for (size_t i = 0; i < c->problems->count; i++) {
        const struct bind_problem *p = &c->problems->items[i];
        struct place place;
        if (p->kind == PROBLEM_SHAPE && naming_place(c->variant, p->slot->name, &place) &&
            place.part == part)
            return p;
    }
    return NULL;
}

static void say_style(const struct causes *c) {
    const struct bind_problem *p = misshaped(c, PLACE_EMBEDDING);
    if (p && p->tensor->rank == 2 && p->tensor->dims[0] != p->slot->dims[0])
        say(c, "the embedding has %lld rows, style.count is %d", (long long)p->tensor->dims[0],
            p->slot->dims[0]);
    if (p && p->tensor->rank == 2 && p->tensor->dims[1] != p->slot->dims[1])
        say(c, "the embedding is %lld wide, style.dim is %d", (long long)p->tensor->dims[1],
            p->slot->dims[1]);
    if (c->seen->style_count && c->variant->style == STYLE_NONE)
        say(c, "the file has an embedding of %d rows of %d, style.mode is none",
            c->seen->style_count, c->seen->style_dim);
    if (!c->seen->style_count && c->seen->level_count && c->variant->style != STYLE_NONE)
        say(c, "the file has no embedding (embedder.weight), style.mode is %s",
            config_style_name(c->variant->style));
}

/* Of every place where only the kernel differs. */
static void say_kernels(const struct causes *c) {
    for (size_t i = 0; i < c->problems->count; i++) {
        const struct bind_problem *p = &c->problems->items[i];
        if (p->kind != PROBLEM_SHAPE || p->slot->rank != 4 || p->tensor->rank != 4) continue;
        const int64_t *file = p->tensor->dims;
        const int *config = p->slot->dims;
        struct place place;
        if (file[0] != config[0] || file[1] != config[1] ||
            !naming_place(c->variant, p->slot->name, &place) || place.block < 0)
            continue;
        const char *part = place.part == PLACE_DOWN_CONV ? "down" : "up";
        if (place.part != PLACE_DOWN_CONV && place.part != PLACE_UP_CONV) part = "extra";
        const char *block = c->variant->blocks[place.block].name;
        if (file[2] == file[3] && config[2] == config[3])
            say(c, "kernel %lld in the file, %d in the config at %s.%s", (long long)file[2],
                config[2], SAFE(block), part);
        else
            say(c, "kernel [%lld, %lld] in the file, [%d, %d] in the config at %s.%s",
                (long long)file[2], (long long)file[3], config[2], config[3], SAFE(block), part);
    }
}

static void say_widths(const struct causes *c) {
    const struct config_block *outer = &c->variant->blocks[0];
    const struct seen_level *level = &c->seen->levels[0];
    if (!c->seen->level_count) return;
    if (level->in != c->variant->channels_in)
        say(c, "the file reads %d channels, input.channels is %d", level->in,
            c->variant->channels_in);
    if (level->up_out && level->up_out != c->variant->channels_out)
        say(c, "the file gives %d channels, output.channels is %d", level->up_out,
            c->variant->channels_out);
    for (int i = 0; i < c->seen->level_count && i < c->variant->block_count; i++) {
        if (c->seen->levels[i].channels == c->variant->blocks[i].channels) continue;
        say(c, "%d channels in the file, %d in the config at %s%s", c->seen->levels[i].channels,
            c->variant->blocks[i].channels, SAFE(c->variant->blocks[i].name),
            level->channels != outer->channels ? " (another ngf)" : "");
        return; /* the first tells; those further in follow from it */
    }
}

static void say_blocks(const struct causes *c) {
    if (c->seen->level_count && c->seen->level_count != c->variant->block_count)
        say(c, "the file has %d blocks, the config %d", c->seen->level_count,
            c->variant->block_count);
}

static bool decoder_is(enum seen_up up, enum decoder decoder) {
    switch (up) {
    case SEEN_UP_CONV_TRANSPOSE:
        return decoder == DECODER_CONV_TRANSPOSE;
    case SEEN_UP_PIXEL_SHUFFLE:
    case SEEN_UP_PIXEL_SHUFFLE_POST:
        return decoder == DECODER_PIXEL_SHUFFLE;
    case SEEN_UP_UPSAMPLE_FUSION:
        return decoder == DECODER_UPSAMPLE_CONV;
    default:
        return true;
    }
}

static const char *up_words(enum seen_up up) {
    switch (up) {
    case SEEN_UP_CONV_TRANSPOSE:
        return "a transposed convolution at up.1";
    case SEEN_UP_PIXEL_SHUFFLE:
        return "a pixel shuffle, the norm at up.3";
    case SEEN_UP_PIXEL_SHUFFLE_POST:
        return "a pixel shuffle with up.1.conv and up.1.post_conv";
    case SEEN_UP_UPSAMPLE_FUSION:
        return "an upsampling with up.1.upsample.1 and up.1.fusion_conv";
    default:
        return "none";
    }
}

/* How many levels of the file stand for the blocks of the config: of two different depths, the
 * innermost is not what the block there is. */
static int comparable_levels(const struct causes *c) {
    int file = c->seen->level_count, config = c->variant->block_count;
    if (file == config) return file;
    return (file < config ? file : config) - 1;
}

static void say_decoder(const struct causes *c) {
    for (int i = 0; i < comparable_levels(c); i++) {
        const struct config_block *block = &c->variant->blocks[i];
        if (decoder_is(c->seen->levels[i].up, block->up.decoder)) continue;
        say(c, "the decoder in the file is %s; %s.up.decoder is %s",
            up_words(c->seen->levels[i].up), SAFE(block->name),
            config_decoder_name(block->up.decoder));
        return;
    }
}

static bool norm_is(enum seen_norm seen, const struct norm *norm) {
    switch (norm->type) {
    case NORM_NONE:
        return seen == SEEN_NORM_NONE;
    case NORM_BATCH:
        return seen == SEEN_NORM_RUNNING;
    case NORM_BATCH_STATS:
        return !norm->affine || seen != SEEN_NORM_NONE;
    default:
        return norm->affine ? seen == SEEN_NORM_AFFINE : seen == SEEN_NORM_NONE;
    }
}

static const char *norm_words(enum seen_norm seen) {
    switch (seen) {
    case SEEN_NORM_RUNNING:
        return "the file has batch norm's tensors";
    case SEEN_NORM_AFFINE:
        return "the file has a norm's weight and bias, without running statistics";
    case SEEN_NORM_NONE:
        break;
    }
    return "the file has no norm's tensors (as instance norm without affine)";
}

static void say_norm(const struct causes *c) {
    for (int i = 0; i < comparable_levels(c); i++) {
        const struct config_block *block = &c->variant->blocks[i];
        const struct seen_level *level = &c->seen->levels[i];
        bool down = norm_is(level->down_norm, &block->down.norm);
        if (down && norm_is(level->up_norm, &block->up.norm)) continue;
        const struct norm *norm = down ? &block->up.norm : &block->down.norm;
        say(c, "%s at %s.%s; norm there is %s%s",
            norm_words(down ? level->up_norm : level->down_norm), SAFE(block->name),
            down ? "up" : "down", config_norm_name(norm->type),
            norm->type != NORM_NONE && !norm->affine ? " without affine" : "");
        return;
    }
}

static void say_bias(const struct causes *c) {
    for (int i = 0; i < comparable_levels(c); i++) {
        const struct config_block *block = &c->variant->blocks[i];
        const struct seen_level *level = &c->seen->levels[i];
        bool down = level->down_bias == block->down.bias;
        if (down && (level->up == SEEN_UP_NONE || level->up_bias == block->up.bias)) continue;
        bool file = down ? level->up_bias : level->down_bias;
        say(c, "the file has %s bias at %s.%s, the config %s", file ? "a" : "no", SAFE(block->name),
            down ? "up" : "down", file ? "none" : "one");
        return;
    }
}

static bool has_op(const struct config_block *block, enum extra_op op) {
    const struct extra_list *lists[] = {&block->input, &block->encoded, &block->upsampled,
                                        &block->decoded};
    for (int l = 0; l < 4; l++)
        for (int i = 0; i < lists[l]->count; i++)
            if (lists[l]->ops[i].op == op) return true;
    return false;
}

static void say_extra(const struct causes *c, const char *what, bool file, bool config,
                      const struct config_block *block) {
    if (file == config) return;
    say(c, "%s %s at %s, %s", file ? "the file has" : "the config has", what, SAFE(block->name),
        file ? "the config has not" : "the file has not");
}

static void say_extras(const struct causes *c) {
    for (int i = 0; i < comparable_levels(c); i++) {
        const struct config_block *block = &c->variant->blocks[i];
        const struct seen_level *level = &c->seen->levels[i];
        say_extra(c, "an attention", level->attention != NULL,
                  has_op(block, EXTRA_SELF_ATTENTION) || has_op(block, EXTRA_LINEAR_ATTENTION),
                  block);
        say_extra(c, "a transformer", level->transformer, has_op(block, EXTRA_TRANSFORMER), block);
        if (level->residual)
            say_extra(c, "a residual block", true, has_op(block, EXTRA_RES_BLOCK), block);
    }
}

void bind_problems_causes(const struct bind_problems *problems, const struct checkpoint *checkpoint,
                          const struct config_variant *variant, struct err *err) {
    struct seen seen;
    recognise_read(checkpoint, &seen);
    struct causes c = {problems, checkpoint, variant, &seen, err};
    if (seen.level_count)
        say(&c, "keys look like %s", recognise_family_words(seen.family));
    else if (problems->counts[PROBLEM_UNEXPECTED] == checkpoint->tensor_count)
        say(&c, "not one name is known: another network, or state \"names\" or \"key\" in weights");
    say_blocks(&c);
    say_widths(&c);
    say_decoder(&c);
    say_kernels(&c);
    say_norm(&c);
    say_bias(&c);
    say_style(&c);
    say_extras(&c);
}
