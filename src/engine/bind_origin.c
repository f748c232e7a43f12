#include "engine/bind_origin.h"

#include <string.h>

#include "base/err.h"
#include "config/architecture.h"
#include "net/net.h"

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

/* The first variant that names `file`, of those whose own document does when `own`; or -1. */
static int first_user(const struct config *config, const char *file, bool own) {
    for (int i = 0; i < config->variant_count; i++) {
        const struct config_variant *variant = &config->variants[i];
        if (names_file(variant, file) && (!own || variant->weights_own)) return i;
    }
    return -1;
}

static const char *stated_architecture(const struct checkpoint *checkpoint) {
    for (int i = 0; i < checkpoint->metadata_count; i++)
        if (strcmp(checkpoint->metadata[i].key, "stridelab.architecture") == 0)
            return checkpoint->metadata[i].value;
    return NULL;
}

static bool has_architecture(const struct config_variant *variant, const char *stated) {
    char hex[65];
    architecture_hash(variant, hex);
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
    int user = first_user(config, checkpoint->path, true);
    if (user < 0) user = first_user(config, checkpoint->path, false);
    const struct config_variant *owner = &config->variants[user < 0 ? 0 : user];
    return strcmp(owner->name, variant->name) == 0 || same_root(owner, variant, size);
}
