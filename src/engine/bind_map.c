#include "engine/bind_map.h"

#include <string.h>

#include "base/text.h"
#include "engine/naming.h"
#include "engine/recognise.h"

static const char *renamed(const struct config_weights *weights, const char *plain) {
    for (int i = 0; i < weights->name_count; i++)
        if (strcmp(weights->names[i].tensor, plain) == 0) return weights->names[i].name;
    return NULL;
}

bool bind_map_fits(const struct slot *slot, const struct tensor *tensor) {
    for (int i = 0; i < 4 || i < tensor->rank; i++) {
        int64_t have = i < tensor->rank ? tensor->dims[i] : 1;
        int64_t want = i < slot->rank ? slot->dims[i] : 1;
        if (have != want) return false;
    }
    return true;
}

/* Of the names that the file has, the first whose tensor fits; else the first of the slot's rank: a
 * norm is not looked for in a convolution that stands where another source has the norm. */
static const struct tensor *choose(const struct checkpoint *checkpoint, const struct slot *slot,
                                   const struct names *names) {
    const struct tensor *ranked = NULL;
    for (int i = 0; i < names->count; i++) {
        const struct tensor *tensor = recognise_find(checkpoint, names->name[i]);
        if (tensor && bind_map_fits(slot, tensor)) return tensor;
        if (tensor && !ranked && tensor->rank == slot->rank) ranked = tensor;
    }
    return ranked;
}

static const struct tensor *find_slot(const struct checkpoint *checkpoint,
                                      const struct config_variant *variant,
                                      const struct config_weights *weights, enum naming naming,
                                      const struct slot *slot, struct arena *arena,
                                      const char **expected) {
    *expected = renamed(weights, slot->name);
    if (*expected) return recognise_find(checkpoint, *expected);
    struct names names;
    naming_candidates(variant, naming, slot->name, arena, &names);
    *expected = names.count ? names.name[0] : NULL;
    return choose(checkpoint, slot, &names);
}

/* Maps by one naming; returns how many were found. */
static int map_by(const struct checkpoint *checkpoint, const struct config_variant *variant,
                  const struct config_weights *weights, const struct graph *graph,
                  const struct net *net, struct arena *arena, struct bind_map *map) {
    int found = 0;
    for (int i = 0; i < map->count; i++) {
        map->tensors[i] = find_slot(checkpoint, variant, weights, map->naming,
                                    &graph->slots[net->slots[i]], arena, &map->expected[i]);
        found += map->tensors[i] != NULL;
    }
    return found;
}

/* The naming that finds most of the weights; when none finds any, the one that the file's names
 * look like, so that the report speaks its language. */
static enum naming detect(const struct checkpoint *checkpoint, const struct config_variant *variant,
                          const struct config_weights *weights, const struct graph *graph,
                          const struct net *net, struct arena *arena, struct bind_map *map) {
    static const enum naming namings[] = {NAMING_PLAIN, NAMING_ZI2ZI, NAMING_PIX2PIX};
    enum naming best = NAMING_AUTO;
    int most = 0;
    for (size_t i = 0; i < sizeof namings / sizeof *namings; i++) {
        map->naming = namings[i];
        int found = map_by(checkpoint, variant, weights, graph, net, arena, map);
        if (found <= most) continue;
        most = found;
        best = namings[i];
    }
    if (best != NAMING_AUTO) return best;
    struct seen seen;
    recognise_read(checkpoint, &seen);
    return seen.naming != NAMING_AUTO ? seen.naming : NAMING_PLAIN;
}

void bind_map_make(const struct checkpoint *checkpoint, const struct config_variant *variant,
                   const struct config_weights *weights, const struct graph *graph,
                   const struct net *net, struct arena *arena, struct bind_map *out) {
    size_t count = (size_t)net->slot_count;
    *out = (struct bind_map){.naming = weights->naming,
                             .count = net->slot_count,
                             .tensors = arena_alloc(arena, count * sizeof *out->tensors),
                             .expected = arena_alloc(arena, count * sizeof *out->expected)};
    if (out->naming == NAMING_AUTO)
        out->naming = detect(checkpoint, variant, weights, graph, net, arena, out);
    map_by(checkpoint, variant, weights, graph, net, arena, out);
}

/* Flags the tensor beside `tensor` whose last step is `leaf`. */
static void use_sibling(const struct checkpoint *checkpoint, const struct tensor *tensor,
                        const char *leaf, bool *used) {
    const char *dot = strrchr(tensor->name, '.');
    struct text name = {0};
    text_write(&name, tensor->name, dot ? (size_t)(dot - tensor->name) + 1 : 0);
    text_put(&name, leaf);
    const struct tensor *sibling = checkpoint_find(checkpoint, name.s);
    if (sibling) used[sibling - checkpoint->tensors] = true;
    text_free(&name);
}

void bind_map_use(const struct bind_map *map, const struct checkpoint *checkpoint,
                  const struct config_variant *variant, const struct graph *graph,
                  const struct net *net, bool *used) {
    for (int i = 0; i < map->count; i++) {
        const struct tensor *tensor = map->tensors[i];
        if (!tensor) continue;
        used[tensor - checkpoint->tensors] = true;
        struct place place;
        if (!naming_place(variant, graph->slots[net->slots[i]].name, &place)) continue;
        const struct norm *norm = naming_norm(variant, &place);
        if (!norm || (norm->type != NORM_BATCH && norm->type != NORM_BATCH_STATS)) continue;
        use_sibling(checkpoint, tensor, "num_batches_tracked", used);
        if (norm->type == NORM_BATCH) continue;
        use_sibling(checkpoint, tensor, "running_mean", used);
        use_sibling(checkpoint, tensor, "running_var", used);
    }
}
