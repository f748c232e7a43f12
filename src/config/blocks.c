/* The blocks of a variant: defaults, the blocks as listed, then what selectors change. */
#include "config/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/store.h"

/* How strongly a selector speaks for block `index` of `count`; 0: not of it. */
enum strength { NOT_SELECTED, ALL, POSITION, NUMBER, NAME, STRENGTHS };

static enum strength select_block(const char *selector, const char *name, int index, int count) {
    if (strcmp(selector, "*") == 0) return ALL;
    if (strcmp(selector, "outermost") == 0) return index == 0 ? POSITION : NOT_SELECTED;
    if (strcmp(selector, "innermost") == 0) return index == count - 1 ? POSITION : NOT_SELECTED;
    if (strcmp(selector, name) == 0) return NAME;
    char number[16];
    snprintf(number, sizeof number, "%d", index + 1);
    return strcmp(selector, number) == 0 ? NUMBER : NOT_SELECTED;
}

/* What one block is made of, the weakest first. */
struct stack {
    const struct json_node **nodes;
    int count;
};

/* ---- conflicts ---- */

static bool same_value(const struct json_node *a, const struct json_node *b) {
    return cJSON_Compare(a->item, b->item, true);
}

/* Two selectors of one strength, both of this block: no key may differ. */
static void check_conflict(struct problems *problems, const struct json_node *a,
                           const struct json_node *b, const char *selector) {
    if (a->type != JSON_OBJECT || b->type != JSON_OBJECT) {
        if (!same_value(a, b)) {
            struct json_place place = json_place(a->doc, a->start);
            problem_add(problems, b,
                        "\"%s\" selects the same block as strongly and sets this key to another "
                        "value (line %zu, column %zu)",
                        SAFE(selector), place.line, place.column);
        }
        return;
    }
    for (const struct json_node *m = json_first(b); m; m = json_next(m)) {
        const struct json_node *other = json_find(a, json_key(m));
        if (other) check_conflict(problems, other, m, selector);
    }
}

/* ---- selectors ---- */

static void push(struct stack *stack, const struct json_node *node) {
    if (node) stack->nodes[stack->count++] = node;
}

/* Pushes the entries of `map` for a block, by strength. */
static void push_selected(const struct resolve *r, struct stack *stack, const struct json_node *map,
                          const struct config_block *block, int index, int count) {
    for (int strength = ALL; strength < STRENGTHS; strength++) {
        const struct json_node *first = NULL;
        for (const struct json_node *m = json_first(map); m; m = json_next(m)) {
            if ((int)select_block(json_key(m), block->name, index, count) != strength) continue;
            if (first) check_conflict(r->problems, first, m, json_key(first));
            first = first ? first : m;
            push(stack, m);
        }
    }
}

static void unknown_block(const struct resolve *r, const struct json_node *selector,
                          const struct config_block *blocks, int count) {
    const char *names[64 + 2] = {"outermost", "innermost"};
    struct text known = {0};
    for (int i = 0; i < count; i++) {
        names[i + 2] = blocks[i].name;
        text_add(&known, "%s%s", i ? ", " : "", blocks[i].name);
    }
    const char *near = schema_nearest(json_key(selector), names, count + 2);
    problem_add_key(r->problems, selector,
                    "no block is called \"%s\"; there are %s, numbers from 1 to %d, outermost, "
                    "innermost and *%s%s%s",
                    SAFE(json_key(selector)), SAFE(known.s), count, near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
    text_free(&known);
}

static void check_selectors(const struct resolve *r, const struct json_node *map,
                            const struct config_block *blocks, int count) {
    for (const struct json_node *m = json_first(map); m; m = json_next(m)) {
        bool found = schema_is_comment(m);
        for (int i = 0; i < count && !found; i++)
            found = select_block(json_key(m), blocks[i].name, i, count) != NOT_SELECTED;
        if (!found) unknown_block(r, m, blocks, count);
    }
}

/* ---- decoders ---- */

/* A key of "up" that the decoder lacks, given where that decoder is in force. Keys given for an
 * earlier decoder went with it. */
static void check_decoder(const struct resolve *r, const struct stack *stack,
                          enum decoder decoder) {
    int since = 0;
    enum decoder in_force = DECODER_CONV_TRANSPOSE;
    for (int i = 0; i < stack->count; i++) {
        const struct json_node *up = json_find(stack->nodes[i], "up");
        const struct json_node *named = up ? json_find(up, "decoder") : NULL;
        int word =
            named && json_string(named) ? schema_word(schema_decoders, json_string(named)) : -1;
        if (word < 0 || (enum decoder)word == in_force) continue;
        in_force = (enum decoder)word;
        since = i;
    }
    for (int i = since; i < stack->count; i++) {
        const struct json_node *up = json_find(stack->nodes[i], "up");
        if (!up || up->type != JSON_OBJECT) continue;
        for (const struct json_node *m = json_first(up); m; m = json_next(m)) {
            if (!schema_key(&schema_up, json_key(m)) || schema_decoder_has(decoder, json_key(m)))
                continue;
            problem_add_key(r->problems, m, "the decoder %s has no \"%s\"%s",
                            config_decoder_name(decoder), json_key(m),
                            strcmp(json_key(m), "stride") == 0 ? "; its convolution has stride 1"
                                                               : "");
        }
    }
}

/* ---- extra ops ---- */

static void check_prefixes(const struct resolve *r, const struct json_node *place,
                           const struct config_block *block) {
    const struct extra_list lists[] = {block->input, block->encoded, block->upsampled,
                                       block->decoded};
    const char *seen[64];
    int count = 0;
    for (int l = 0; l < 4; l++) {
        for (int i = 0; i < lists[l].count; i++) {
            const char *as = lists[l].ops[i].as;
            if (!as) continue;
            for (int k = 0; k < count; k++) {
                if (strcmp(seen[k], as) == 0)
                    problem_add(r->problems, place,
                                "two extra ops of block \"%s\" have the prefix \"%s\"; tell them "
                                "apart with \"as\"",
                                block->name, as);
            }
            seen[count++] = as; /* at most 4 lists of 16 */
        }
    }
}

/* ---- blocks ---- */

static const struct json_node *array_element(const struct json_node *array, int index) {
    const struct json_node *n = json_first(array);
    while (index-- > 0) n = json_next(n);
    return n;
}

static void check_name(const struct resolve *r, const struct json_node *entry,
                       const struct config_block *blocks, int index, int count) {
    const char *name = blocks[index].name;
    const struct json_node *place = json_find(entry, "name");
    if (strcmp(name, "outermost") == 0 && index > 0)
        problem_add(r->problems, place, "only the first block may be called \"outermost\"");
    if (strcmp(name, "innermost") == 0 && index < count - 1)
        problem_add(r->problems, place, "only the last block may be called \"innermost\"");
    for (int i = 0; i < index; i++) {
        if (strcmp(blocks[i].name, name) == 0)
            problem_add(r->problems, place, "block %d is called \"%s\" as well", i + 1, name);
    }
}

static void resolve_block(const struct resolve *r, const struct json_node *entry, int from,
                          struct stack *stack, struct config_block *blocks, int index, int count) {
    struct config_block *block = &blocks[index];
    stack->count = 0;
    for (int l = 0; l < r->layer_count; l++) push(stack, json_find(r->layers[l], "defaults"));
    push(stack, entry);
    for (int l = from + 1; l < r->layer_count; l++) {
        const struct json_node *map = json_find(r->layers[l], "blocks");
        if (map) push_selected(r, stack, map, block, index, count);
    }
    for (int i = 0; i < stack->count; i++)
        store_object(r->arena, &schema_block, stack->nodes[i], block);
    check_decoder(r, stack, block->up.decoder);
    check_prefixes(r, entry, block);
}

/* The last layer that lists all blocks, or -1. */
static int listing_layer(const struct resolve *r) {
    for (int l = r->layer_count - 1; l >= 0; l--) {
        const struct json_node *blocks = json_find(r->layers[l], "blocks");
        if (blocks && blocks->type == JSON_ARRAY) return l;
    }
    return -1;
}

void blocks_resolve(const struct resolve *r, struct config_variant *out) {
    int from = listing_layer(r);
    if (from < 0) {
        if (!json_find(r->layers[0], "blocks"))
            problem_missing(r->problems, r->layers[0], "blocks", "an array of blocks");
        return;
    }
    const struct json_node *list = json_find(r->layers[from], "blocks");
    if (list->count < 1 || list->count > 64) return; /* validate has said so */
    int count = (int)list->count;
    struct config_block *blocks = arena_alloc(r->arena, (size_t)count * sizeof *blocks);
    struct config_block standard = {0};
    store_standard(r->arena, &schema_block, &standard);
    for (int i = 0; i < count; i++) {
        const struct json_node *entry = array_element(list, i);
        const struct json_node *name = json_find(entry, "name");
        blocks[i] = standard;
        if (!name || !json_string(name)) return; /* reported; selectors would only confuse */
        blocks[i].name = arena_strdup(r->arena, json_string(name));
        check_name(r, entry, blocks, i, count);
    }
    size_t entries = 1;
    for (int l = 0; l < r->layer_count; l++) {
        const struct json_node *map = json_find(r->layers[l], "blocks");
        if (l > from && map) check_selectors(r, map, blocks, count);
        entries += 1 + (l > from && map ? map->count : 0);
    }
    struct stack stack = {mem_array(entries, sizeof *stack.nodes), 0};
    for (int i = 0; i < count; i++)
        resolve_block(r, array_element(list, i), from, &stack, blocks, i, count);
    mem_free(stack.nodes);
    out->blocks = blocks;
    out->block_count = count;
}
