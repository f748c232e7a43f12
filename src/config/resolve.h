/* From checked documents to one resolved variant. Documents are layers, the weakest first: the
 * file's root, one for each --set, the variant's own. Nothing is merged as text or tree: each
 * layer is stored over the one before, so every value keeps its place in the file. */
#ifndef CONFIG_RESOLVE_H
#define CONFIG_RESOLVE_H

#include "config/problems.h"
#include "config/schema.h"

struct resolve {
    struct arena *arena; /* of the config */
    struct problems *problems;
    const char *dir; /* relative paths start there */
    const struct json_node *const *layers;
    int layer_count;
    bool own; /* the last layer is a variant's document */
};

/* Resolves all but the name. Problems go to r->problems; `out` is then of no use. */
void resolve_variant(const struct resolve *r, struct config_variant *out);

void blocks_resolve(const struct resolve *r, struct config_variant *out);  /* blocks.c */
void sources_weights(const struct resolve *r, struct config_variant *out); /* sources.c */
void sources_inits(const struct resolve *r, struct config_variant *out);   /* sources.c */

#endif
