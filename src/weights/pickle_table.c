/* The table of a pickle's values: nodes, and the cells that chain or line up what they hold. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weights/pickle.h"

#define MAX_NODES 1000000

bool pickle_refuse(const struct pickle *p, uint64_t at, const char *rule, const char *format, ...) {
    char message[768];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return source_refuse(p->source, p->base + at, rule, "%s", message);
}

pickle_index pickle_add(struct pickle *p, enum pickle_kind kind, uint32_t at) {
    if (p->node_count >= MAX_NODES) {
        source_over_limit(p->source, p->base + at, "pickle P7", "more than %d values in the pickle",
                          MAX_NODES);
        return 0;
    }
    mem_grow(&p->nodes, &p->node_capacity, p->node_count + 1, sizeof *p->nodes);
    p->nodes[p->node_count] = (struct pickle_node){.kind = kind, .at = at};
    return (pickle_index)p->node_count++;
}

bool pickle_add_cell(struct pickle *p, pickle_index key, pickle_index value, uint32_t at) {
    if (p->cell_count >= MAX_NODES)
        return source_over_limit(p->source, p->base + at, "pickle P7",
                                 "more than %d items in the pickle", MAX_NODES);
    mem_grow(&p->cells, &p->cell_capacity, p->cell_count + 1, sizeof *p->cells);
    p->cells[p->cell_count++] = (struct pickle_cell){.key = key, .value = value, .at = at};
    return true;
}

bool pickle_string_is(const struct pickle *p, const struct pickle_node *node, const char *text) {
    return node->kind == PICKLE_STRING && node->string.length == strlen(text) &&
           memcmp(p->bytes + node->string.start, text, node->string.length) == 0;
}

const struct pickle_node *pickle_get(const struct pickle *p, const struct pickle_node *dict,
                                     const char *key) {
    for (pickle_index c = dict->list.head; c; c = p->cells[c].next) {
        if (pickle_string_is(p, &p->nodes[p->cells[c].key], key))
            return &p->nodes[p->cells[c].value];
    }
    return NULL;
}

struct key {             /* of a dict, for sorting */
    const uint8_t *text; /* NULL: an integer */
    uint32_t length;
    int64_t integer;
    uint32_t at;
};

static int by_key(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    if (!x->text != !y->text) return x->text ? 1 : -1;
    if (!x->text) return (x->integer > y->integer) - (x->integer < y->integer);
    if (x->length != y->length) return x->length < y->length ? -1 : 1;
    return x->text == y->text ? 0 : memcmp(x->text, y->text, x->length);
}

/* P9, once the dicts are complete: by sorting, which no choice of keys can slow down. */
static bool check_keys(const struct pickle *p, const struct pickle_node *dict) {
    struct key *keys = mem_array(dict->list.count, sizeof *keys);
    size_t count = 0;
    bool ok = true;
    for (pickle_index c = dict->list.head; c; c = p->cells[c].next) {
        const struct pickle_node *key = &p->nodes[p->cells[c].key];
        bool text = key->kind == PICKLE_STRING;
        keys[count++] = (struct key){.text = text ? p->bytes + key->string.start : NULL,
                                     .length = text ? key->string.length : 0,
                                     .integer = text ? 0 : key->integer,
                                     .at = p->cells[c].at};
    }
    qsort(keys, count, sizeof *keys, by_key);
    for (size_t i = 1; ok && i < count; i++) {
        const struct key *k = &keys[i];
        if (by_key(k - 1, k) != 0) continue;
        uint32_t at = k->at > k[-1].at ? k->at : k[-1].at;
        char text[128];
        if (k->text)
            snprintf(text, sizeof text, "%.*s", (int)(k->length < 120 ? k->length : 120), k->text);
        else
            snprintf(text, sizeof text, "%" PRId64, k->integer);
        ok = pickle_refuse(p, at, "pickle P9", "the key %s is there twice", SAFE(text));
    }
    mem_free(keys);
    return ok;
}

bool pickle_check_keys(const struct pickle *p) {
    for (size_t i = 1; i < p->node_count; i++) {
        if (pickle_is_dict(&p->nodes[i]) && p->nodes[i].list.count > 1 &&
            !check_keys(p, &p->nodes[i]))
            return false;
    }
    return true;
}

void pickle_free(struct pickle *p) {
    mem_free(p->nodes);
    mem_free(p->cells);
    mem_free(p->storages);
    mem_free(p->tensors);
    *p = (struct pickle){0};
}
