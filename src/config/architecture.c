#include "config/architecture.h"

#include "base/hash.h"
#include "base/text.h"

/* The architecture of a variant as text. */

static void put_extent(struct text *t, const char *key, struct extent e) {
    text_add(t, " %s=%dx%d", key, e.h, e.w);
}

static void put_act(struct text *t, enum act act, double slope) {
    text_add(t, " act=%s", config_act_name(act));
    if (act == ACT_LEAKY_RELU) text_add(t, ":%.17g", slope);
}

static void put_norm(struct text *t, const struct norm *norm) {
    text_add(t, " norm=%s", config_norm_name(norm->type));
    if (norm->type == NORM_NONE) return;
    if (norm->type == NORM_GROUP) text_add(t, ":%d", norm->groups);
    text_add(t, ":%d:%.17g", norm->affine, norm->eps);
}

static void put_down(struct text *t, const struct config_down *down) {
    text_put(t, "down");
    put_act(t, down->activation, down->slope);
    put_extent(t, "kernel", down->kernel);
    put_extent(t, "stride", down->stride);
    put_extent(t, "padding", down->padding);
    text_add(t, " bias=%d", down->bias);
    put_norm(t, &down->norm);
    text_put(t, "\n");
}

static void put_up(struct text *t, const struct config_up *up) {
    text_put(t, "up");
    put_act(t, up->activation, up->slope);
    text_add(t, " decoder=%s", config_decoder_name(up->decoder));
    put_extent(t, "kernel", up->kernel);
    put_extent(t, "stride", up->stride);
    put_extent(t, "padding", up->padding);
    if (up->decoder == DECODER_CONV_TRANSPOSE) put_extent(t, "more", up->output_padding);
    if (up->decoder == DECODER_UPSAMPLE_CONV) text_add(t, " mode=%s", config_mode_name(up->mode));
    if (up->decoder == DECODER_UPSAMPLE_CONV || up->decoder == DECODER_PIXEL_SHUFFLE)
        put_extent(t, "scale", up->scale);
    text_add(t, " bias=%d", up->bias);
    put_norm(t, &up->norm);
    text_put(t, "\n");
}

static void put_extra(struct text *t, const struct extra *e) {
    text_add(t, " op=%d", (int)e->op);
    switch (e->op) {
    case EXTRA_CONV:
    case EXTRA_CONV_TRANSPOSE:
        text_add(t, " channels=%d bias=%d", e->channels, e->bias);
        put_extent(t, "kernel", e->kernel);
        put_extent(t, "stride", e->stride);
        put_extent(t, "padding", e->padding);
        put_extent(t, "more", e->output_padding);
        break;
    case EXTRA_UPSAMPLE:
        put_extent(t, "scale", e->scale);
        text_add(t, " mode=%s", config_mode_name(e->mode));
        break;
    case EXTRA_NORM:
        put_norm(t, &e->norm);
        break;
    case EXTRA_ACTIVATION:
        put_act(t, e->activation, e->slope);
        break;
    case EXTRA_RES_BLOCK:
        text_add(t, " layers=%d bias=%d", e->layers, e->bias);
        put_act(t, e->activation, e->slope);
        put_norm(t, &e->norm);
        break;
    case EXTRA_SELF_ATTENTION:
    case EXTRA_LINEAR_ATTENTION:
        text_add(t, " reduction=%d", e->reduction);
        break;
    case EXTRA_TRANSFORMER:
        text_add(t, " heads=%d ffn=%d", e->heads, e->ffn);
        break;
    }
    text_put(t, "\n");
}

static void put_extras(struct text *t, const char *where, const struct extra_list *list) {
    for (int i = 0; i < list->count; i++) {
        text_put(t, where);
        put_extra(t, &list->ops[i]);
    }
}

static void put_block(struct text *t, const struct config_block *block) {
    text_add(t, "block channels=%d skip=%s source=%d fit=%s\n", block->channels,
             config_skip_name(block->skip), (int)block->skip_source, config_fit_name(block->fit));
    put_extras(t, "input", &block->input);
    put_down(t, &block->down);
    put_extras(t, "encoded", &block->encoded);
    put_up(t, &block->up);
    put_extras(t, "upsampled", &block->upsampled);
    put_extras(t, "decoded", &block->decoded);
}

void architecture_hash(const struct config_variant *variant, char hex[65]) {
    struct text t = {0};
    text_add(&t, "stridelab.architecture/1 in=%d out=%d", variant->channels_in,
             variant->channels_out);
    put_act(&t, variant->output_activation, variant->output_slope);
    text_add(&t, " style=%s", config_style_name(variant->style));
    if (variant->style != STYLE_NONE)
        text_add(&t, ":%dx%d", variant->style_count, variant->style_dim);
    text_put(&t, "\n");
    for (int i = 0; i < variant->block_count; i++) put_block(&t, &variant->blocks[i]);
    sha256_hex_of(t.s, t.length, hex);
    text_free(&t);
}
