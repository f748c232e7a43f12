#include "config/store.h"

#include <assert.h>
#include <string.h>

#include "config/validate.h"

static void store_value(struct arena *arena, const struct type *type, const struct json_node *node,
                        void *field);

/* Stores a value of the tables, given as JSON text. */
static void store_text(struct arena *arena, const struct type *type, const char *text,
                       void *field) {
    const struct json_limits limits = {.bytes = 4096, .nodes = 64, .depth = 4};
    struct json_doc doc = {0};
    struct err err = {0};
    bool ok = json_parse("standard", text, strlen(text), &limits, &doc, &err);
    assert(ok);
    if (ok) store_value(arena, type, json_root(&doc), field);
    json_free(&doc);
    err_free(&err);
}

void store_decoder_standard(struct arena *arena, struct config_up *up) {
    store_text(arena, &schema_up, schema_decoder_standard[up->decoder], up);
}

void store_standard(struct arena *arena, const struct type *object, void *out) {
    for (const struct key *key = object->keys; key->name; key++) {
        if (key->field == NO_FIELD) continue;
        void *field = (char *)out + key->field;
        if (key->standard) {
            store_text(arena, key->type, key->standard, field);
        } else if (key->type->kind == KIND_OBJECT) {
            store_standard(arena, key->type, field);
        }
    }
    if (object == &schema_up) store_decoder_standard(arena, out);
}

void store_object(struct arena *arena, const struct type *object, const struct json_node *node,
                  void *out) {
    if (node->type != JSON_OBJECT) return;
    for (const struct json_node *m = json_first(node); m; m = json_next(m)) {
        const struct key *key = schema_key(object, json_key(m));
        if (key && key->field != NO_FIELD)
            store_value(arena, key->type, m, (char *)out + key->field);
    }
}

static struct extent read_extent(const struct json_node *node) {
    int64_t h = 0, w = 0;
    bool pair = node->type == JSON_ARRAY;
    json_integer(pair ? json_first(node) : node, &h);
    json_integer(pair ? json_next(json_first(node)) : node, &w);
    return (struct extent){(int)h, (int)w};
}

static void set_norm_type(struct norm *norm, enum norm_type type) {
    if (norm->type == type && norm->eps > 0) return;
    *norm = (struct norm){.type = type,
                          .affine = type != NORM_NONE && type != NORM_INSTANCE,
                          .groups = 8,
                          .eps = 1e-5};
}

/* "group" is { "type": "group" }. */
static void store_norm(struct arena *arena, const struct json_node *node, struct norm *norm) {
    const struct json_node *type = node->type == JSON_OBJECT ? json_find(node, "type") : node;
    int word = type && json_string(type) ? schema_word(schema_norms, json_string(type)) : -1;
    if (word >= 0) set_norm_type(norm, (enum norm_type)word);
    store_object(arena, &schema_norm_keys, node, norm);
}

static void store_up(struct arena *arena, const struct json_node *node, struct config_up *up) {
    const struct json_node *decoder = json_find(node, "decoder");
    int word =
        decoder && json_string(decoder) ? schema_word(schema_decoders, json_string(decoder)) : -1;
    if (word >= 0 && (enum decoder)word != up->decoder) {
        up->decoder = (enum decoder)word;
        store_decoder_standard(arena, up);
    }
    store_object(arena, &schema_up, node, up);
}

static struct extra read_op(struct arena *arena, const struct json_node *node) {
    struct extra op = {0};
    const struct type *type = node->type == JSON_OBJECT ? schema_choose(schema_ops.of, node) : NULL;
    if (!type) return op;
    store_standard(arena, type, &op);
    store_object(arena, type, node, &op);
    if (schema_key(type, "padding") && !json_find(node, "padding"))
        op.padding = (struct extent){(op.kernel.h - 1) / 2, (op.kernel.w - 1) / 2};
    if (schema_key(type, "as") && !op.as) op.as = schema_ops_words[op.op];
    return op;
}

static void store_ops(struct arena *arena, const struct json_node *node, struct extra_list *list) {
    struct extra *ops = arena_alloc(arena, node->count * sizeof *ops);
    *list = (struct extra_list){ops, 0};
    for (const struct json_node *m = json_first(node); m; m = json_next(m))
        ops[list->count++] = read_op(arena, m);
}

static void store_scalar(struct arena *arena, const struct type *type, const struct json_node *node,
                         void *field) {
    int64_t integer = 0;
    switch (type->kind) {
    case KIND_BOOL:
        *(bool *)field = json_bool(node);
        break;
    case KIND_INTEGER:
        json_integer(node, &integer);
        *(int *)field = (int)integer;
        break;
    case KIND_SEED:
        json_u64(node, field);
        break;
    case KIND_NUMBER:
        *(double *)field = json_number(node);
        break;
    case KIND_EXTENT:
        *(struct extent *)field = read_extent(node);
        break;
    case KIND_STRING:
        *(const char **)field = arena_strdup(arena, json_string(node));
        break;
    case KIND_WORD:
        *(int *)field = schema_word(type->words, json_string(node));
        break;
    default:
        break;
    }
}

static void store_value(struct arena *arena, const struct type *type, const struct json_node *node,
                        void *field) {
    if (type == &schema_norm) {
        store_norm(arena, node, field);
    } else if (type == &schema_up) {
        store_up(arena, node, field);
    } else if (type->kind == KIND_OBJECT) {
        store_object(arena, type, node, field);
    } else if (validate(type, node, NULL)) {
        if (type == &schema_ops) {
            store_ops(arena, node, field);
        } else {
            store_scalar(arena, type, node, field);
        }
    }
}
