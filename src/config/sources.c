/* Where a variant's weights come from: files, random numbers, and "init" for what no file has. */
#include "config/resolve.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/store.h"

/* ---- weights ---- */

static void set_file(const struct resolve *r, const char *file, struct config_weights *weights) {
    char *path = file_join(r->dir, file);
    weights->file = arena_strdup(r->arena, path);
    weights->sha256 = NULL; /* it was the other file's */
    weights->random_seed = 0;
    mem_free(path);
}

static void set_names(const struct resolve *r, const struct json_node *map,
                      struct config_weights *weights) {
    struct config_rename *names =
        arena_alloc(r->arena, ((size_t)weights->name_count + map->count) * sizeof *names);
    int count = 0;
    for (int i = 0; i < weights->name_count; i++) { /* those that the map does not say anew */
        if (!json_find(map, weights->names[i].tensor)) names[count++] = weights->names[i];
    }
    for (const struct json_node *m = json_first(map); m; m = json_next(m)) {
        if (json_string(m) && !schema_is_comment(m))
            names[count++] = (struct config_rename){arena_strdup(r->arena, json_key(m)),
                                                    arena_strdup(r->arena, json_string(m))};
    }
    weights->names = names;
    weights->name_count = count;
}

/* One of "weights" stored over what weaker layers said; "a.pth" is { "file": "a.pth" }. */
static void store_weights(const struct resolve *r, const struct json_node *node,
                          struct config_weights *weights) {
    if (json_string(node)) {
        set_file(r, json_string(node), weights);
        return;
    }
    if (node->type != JSON_OBJECT) return;
    const struct json_node *file = json_find(node, "file"), *random = json_find(node, "random");
    const struct json_node *names = json_find(node, "names");
    if (file && random)
        problem_add_key(r->problems, random, "weights are a \"file\" or \"random\", not both");
    if (file && json_string(file)) set_file(r, json_string(file), weights);
    if (random) weights->file = weights->sha256 = NULL;
    const char *path = weights->file;
    store_object(r->arena, &schema_weights_file, node, weights);
    weights->file = path; /* resolved, unlike the text that was just stored */
    if (names && names->type == JSON_OBJECT) set_names(r, names, weights);
}

static bool has_source(const struct json_node *node) {
    return node->type != JSON_OBJECT || json_find(node, "file") || json_find(node, "random");
}

static void lacks_source(const struct resolve *r, const struct json_node *node) {
    problem_add(r->problems, node, "weights need a \"file\", or \"random\": a seed");
}

/* Whether any layer from `from` on names a file or asks for random weights. */
static bool names_source(const struct resolve *r, int from) {
    for (int l = from; l < r->layer_count; l++) {
        const struct json_node *node = json_find(r->layers[l], "weights");
        if (node && has_source(node)) return true;
    }
    return false;
}

/* An array replaces what stood before; a text or an object is stored over it. */
void sources_weights(const struct resolve *r, struct config_variant *out) {
    struct config_weights standard = {0}, *list = NULL;
    store_standard(r->arena, &schema_weights_file, &standard);
    const struct json_node *last = NULL;
    bool was_array = false;
    for (int l = 0; l < r->layer_count; l++) {
        const struct json_node *node = json_find(r->layers[l], "weights");
        if (!node) continue;
        last = node;
        bool is_array = node->type == JSON_ARRAY;
        if (is_array || was_array || !list) {
            out->weights_count = is_array ? (int)node->count : 1;
            list = arena_alloc(r->arena, (size_t)out->weights_count * sizeof *list);
            for (int i = 0; i < out->weights_count; i++) list[i] = standard;
        }
        was_array = is_array;
        if (is_array) {
            int i = 0;
            for (const struct json_node *m = json_first(node); m; m = json_next(m)) {
                if (!has_source(m)) lacks_source(r, m);
                store_weights(r, m, &list[i++]);
            }
        } else {
            store_weights(r, node, &list[0]);
        }
    }
    if (last && !names_source(r, 0)) lacks_source(r, last);
    out->weights = list;
    out->weights_own = r->own && names_source(r, r->layer_count - 1);
}

/* ---- init ---- */

struct inits {
    struct config_init *items;
    int count;
};

/* The entry of `prefix`, made when there is none. */
static struct config_init *init_of(const struct resolve *r, struct inits *inits,
                                   const char *prefix) {
    if (strcmp(prefix, "*") == 0) prefix = "";
    for (int i = 0; i < inits->count; i++) {
        if (strcmp(inits->items[i].prefix, prefix) == 0) return &inits->items[i];
    }
    struct config_init *item = &inits->items[inits->count++];
    *item = (struct config_init){.prefix = arena_strdup(r->arena, prefix)};
    return item;
}

static void store_init(const struct resolve *r, const struct json_node *node,
                       struct config_init *init) {
    if (json_string(node)) {
        int word = schema_word(schema_inits, json_string(node));
        if (word >= 0) init->method = (enum init)word;
    } else {
        store_object(r->arena, &schema_init_one, node, init);
    }
}

static int longest_first(const void *a, const void *b) {
    const struct config_init *x = a, *y = b;
    size_t m = strlen(x->prefix), n = strlen(y->prefix);
    return m != n ? (m > n ? -1 : 1) : strcmp(x->prefix, y->prefix);
}

static bool is_map(const struct json_node *node) {
    return node->type == JSON_OBJECT && !json_find(node, "method");
}

void sources_inits(const struct resolve *r, struct config_variant *out) {
    size_t most = 0;
    for (int l = 0; l < r->layer_count; l++) {
        const struct json_node *node = json_find(r->layers[l], "init");
        if (node) most += 1 + node->count;
    }
    if (most == 0) return;
    struct inits inits = {arena_alloc(r->arena, most * sizeof *inits.items), 0};
    for (int l = 0; l < r->layer_count; l++) {
        const struct json_node *node = json_find(r->layers[l], "init");
        if (!node) continue;
        if (is_map(node)) {
            for (const struct json_node *m = json_first(node); m; m = json_next(m)) {
                if (!schema_is_comment(m)) store_init(r, m, init_of(r, &inits, json_key(m)));
            }
        } else {
            inits.count = 0; /* one method for all */
            store_init(r, node, init_of(r, &inits, "*"));
        }
    }
    qsort(inits.items, (size_t)inits.count, sizeof *inits.items, longest_first);
    out->inits = inits.items;
    out->init_count = inits.count;
}
