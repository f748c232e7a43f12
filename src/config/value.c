#include "config/value.h"

#include <string.h>

static void print_extent(struct json_out *o, struct extent e) {
    if (e.h == e.w) {
        json_out_int(o, e.h);
        return;
    }
    json_out_array(o);
    json_out_int(o, e.h);
    json_out_int(o, e.w);
    json_out_end(o);
}

/* A word where the type says all. */
static void print_norm(struct json_out *o, const struct norm *norm) {
    bool affine = norm->type != NORM_NONE && norm->type != NORM_INSTANCE;
    if (norm->type == NORM_NONE ||
        (norm->affine == affine && norm->groups == 8 && norm->eps == 1e-5)) {
        json_out_string(o, config_norm_name(norm->type));
        return;
    }
    json_out_object(json_out_line(o));
    value_print_members(o, &schema_norm_keys, norm);
    json_out_end(o);
}

static void print_ops(struct json_out *o, const struct extra_list *list) {
    json_out_array(o);
    for (int i = 0; i < list->count; i++) {
        json_out_object(json_out_line(o));
        value_print_members(o, schema_ops.of->any[list->ops[i].op], &list->ops[i]);
        json_out_end(o);
    }
    json_out_end(o);
}

void value_print(struct json_out *o, const struct type *type, const void *field) {
    if (type == &schema_norm) {
        print_norm(o, field);
        return;
    }
    if (type == &schema_ops) {
        print_ops(o, field);
        return;
    }
    switch (type->kind) {
    case KIND_BOOL:
        json_out_bool(o, *(const bool *)field);
        break;
    case KIND_INTEGER:
        json_out_int(o, *(const int *)field);
        break;
    case KIND_SEED:
        json_out_uint(o, *(const uint64_t *)field);
        break;
    case KIND_NUMBER:
        json_out_double(o, *(const double *)field);
        break;
    case KIND_EXTENT:
        print_extent(o, *(const struct extent *)field);
        break;
    case KIND_STRING:
        json_out_string(o, *(const char *const *)field);
        break;
    case KIND_WORD:
        json_out_string(o, type->words[*(const int *)field]);
        break;
    case KIND_OBJECT:
        json_out_object(o);
        value_print_members(o, type, field);
        json_out_end(o);
        break;
    default:
        json_out_null(o);
        break;
    }
}

/* Nothing was given: no text, no size, no number where 0 is out of range. */
static bool is_absent(const struct type *type, const void *field) {
    switch (type->kind) {
    case KIND_STRING:
        return !*(const char *const *)field;
    case KIND_EXTENT:
        return type->min > 0 && ((const struct extent *)field)->h == 0;
    case KIND_INTEGER:
        return type->min > 0 && *(const int *)field == 0;
    default:
        return false;
    }
}

static bool extra_is_empty(const struct config_block *block) {
    return block->input.count + block->encoded.count + block->upsampled.count +
               block->decoded.count ==
           0;
}

/* Whether the key says something about this value: a decoder's own keys, a slope that is used. */
static bool applies(const struct type *object, const struct key *key, const void *out) {
    if (object == &schema_up &&
        !schema_decoder_has(((const struct config_up *)out)->decoder, key->name))
        return false;
    if (key->type == &schema_ops)
        return ((const struct extra_list *)((const char *)out + key->field))->count > 0;
    if (strcmp(key->name, "extra") == 0) return !extra_is_empty(out);
    if (strcmp(key->name, "slope") == 0) {
        const struct key *act = schema_key(object, "activation");
        return *(const int *)((const char *)out + act->field) == ACT_LEAKY_RELU;
    }
    return true;
}

void value_print_members(struct json_out *o, const struct type *object, const void *out) {
    for (const struct key *key = object->keys; key->name; key++) {
        if (key->field == NO_FIELD || !applies(object, key, out)) continue;
        const void *field = (const char *)out + key->field;
        if (!is_absent(key->type, field)) value_print(json_out_key(o, key->name), key->type, field);
    }
}

void value_text(const struct type *type, const void *field, struct text *out) {
    if (type->kind == KIND_WORD) {
        text_put(out, type->words[*(const int *)field]);
        return;
    }
    if (is_absent(type, field)) {
        text_put(out, "none");
        return;
    }
    struct text json = {0};
    struct json_out o = json_out_start(&json);
    json_out_array(json_out_line(&o)); /* whatever it holds, on one line between [ and ] */
    value_print(&o, type, field);
    json_out_end(&o);
    const char *value = json.s + 1;
    size_t length = strlen(value) - 2;             /* ] and the newline */
    if (type == &schema_norm && value[0] == '"') { /* a bare word */
        value++;
        length -= 2;
    }
    text_write(out, value, length);
    text_free(&json);
}

void value_weights_text(const struct config_variant *variant, struct text *out) {
    if (variant->weights_count == 0) {
        text_put(out, "none");
    } else if (variant->weights_count > 1) {
        text_add(out, "%d of", variant->weights_count);
    }
    for (int i = 0; i < variant->weights_count; i++) {
        const struct config_weights *w = &variant->weights[i];
        if (i > 0 || variant->weights_count > 1) text_put(out, " ");
        if (w->file) {
            text_put(out, w->file);
        } else {
            text_add(out, "random %llu", (unsigned long long)w->random_seed);
        }
    }
}

/* ---- a whole variant ---- */

static void print_weights(struct json_out *o, const struct config_variant *v) {
    json_out_array(json_out_key(o, "weights"));
    for (int i = 0; i < v->weights_count; i++) {
        const struct config_weights *w = &v->weights[i];
        json_out_object(json_out_line(o));
        for (const struct key *key = schema_weights_file.keys; key->name; key++) {
            if (key->field == NO_FIELD || (strcmp(key->name, "random") == 0 && w->file)) continue;
            const void *field = (const char *)w + key->field;
            if (!is_absent(key->type, field))
                value_print(json_out_key(o, key->name), key->type, field);
        }
        if (w->name_count) json_out_object(json_out_key(o, "names"));
        for (int k = 0; k < w->name_count; k++)
            json_out_string(json_out_key(o, w->names[k].tensor), w->names[k].name);
        if (w->name_count) json_out_end(o);
        json_out_end(o);
    }
    json_out_end(o);
}

static void print_inits(struct json_out *o, const struct config_variant *v) {
    json_out_object(json_out_key(o, "init"));
    for (int i = 0; i < v->init_count; i++) {
        const struct config_init *init = &v->inits[i];
        json_out_key(o, init->prefix[0] ? init->prefix : "*");
        json_out_object(json_out_line(o));
        value_print_members(o, &schema_init_one, init);
        json_out_end(o);
    }
    json_out_end(o);
}

void config_print(const struct config_variant *v, struct json_out *o) {
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), v->name);
    value_print_members(o, &schema_inputs, v);
    json_out_array(json_out_key(o, "blocks"));
    for (int i = 0; i < v->block_count; i++) {
        json_out_object(o);
        json_out_string(json_out_key(o, "name"), v->blocks[i].name);
        value_print_members(o, &schema_block, &v->blocks[i]);
        json_out_end(o);
    }
    json_out_end(o);
    if (v->weights_count) print_weights(o, v);
    if (v->init_count) print_inits(o, v);
    json_out_end(o);
}
