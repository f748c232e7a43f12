#include "engine/bind_origin.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "engine/bind.h"

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

void bind_architecture_hash(const struct config_variant *variant, char hex[65]) {
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

/* Two variants are equal by geometry when they become the same root, given equal weights. */
static bool same_root(const struct config_variant *a, const struct config_variant *b,
                      struct extent size) {
    struct graph graph = {0};
    struct net nets[2] = {{0}};
    struct err err = {0};
    bool built = net_build(&graph, a, size, 0, NULL, NULL, &nets[0], &err) &&
                 net_build(&graph, b, size, 0, NULL, NULL, &nets[1], &err);
    bool same = built && nets[0].ok && nets[1].ok && nets[0].root == nets[1].root;
    net_free(&nets[0]);
    net_free(&nets[1]);
    graph_free(&graph);
    err_free(&err);
    return same;
}

static bool names_file(const struct config_variant *variant, const char *file) {
    for (int i = 0; i < variant->weights_count; i++)
        if (variant->weights[i].file && strcmp(variant->weights[i].file, file) == 0) return true;
    return false;
}

/* The first variant that names `file`, of those whose own document does when `own`; or NULL. */
static const struct config_variant *first_user(const struct config *config, const char *file,
                                               bool own) {
    for (int i = 0; i < config->variant_count; i++) {
        const struct config_variant *variant = &config->variants[i];
        if (names_file(variant, file) && (!own || variant->weights_own)) return variant;
    }
    return NULL;
}

static const char *stated_architecture(const struct checkpoint *checkpoint) {
    for (int i = 0; i < checkpoint->metadata_count; i++)
        if (strcmp(checkpoint->metadata[i].key, "stridelab.architecture") == 0)
            return checkpoint->metadata[i].value;
    return NULL;
}

static bool has_architecture(const struct config_variant *variant, const char *stated) {
    char hex[65];
    bind_architecture_hash(variant, hex);
    return strcmp(hex, stated) == 0;
}

static bool trained_as_stated(const struct config *config, const struct config_variant *variant,
                              const char *stated, struct extent size) {
    if (has_architecture(variant, stated)) return true;
    for (int i = 0; i < config->variant_count; i++) {
        const struct config_variant *other = &config->variants[i];
        if (has_architecture(other, stated) && same_root(other, variant, size)) return true;
    }
    return false;
}

bool bind_origin_trained(const struct config *config, const struct config_variant *variant,
                         const struct checkpoint *checkpoint, struct extent size) {
    const char *stated = stated_architecture(checkpoint);
    if (stated) return trained_as_stated(config, variant, stated, size);
    const struct config_variant *owner = first_user(config, checkpoint->path, true);
    if (!owner) owner = first_user(config, checkpoint->path, false);
    if (!owner) owner = &config->variants[0];
    return strcmp(owner->name, variant->name) == 0 || same_root(owner, variant, size);
}
