/* The description of the config as a JSON Schema, draft-07 (the one that editors know best). */
#include "config/schema.h"

#include <string.h>

#include "json/json_out.h"

static void put_type(struct json_out *o, const struct type *type, const char *doc,
                     const char *standard);

static void put_text(struct json_out *o, const char *key, const char *value) {
    if (value) json_out_string(json_out_key(o, key), value);
}

static void put_range(struct json_out *o, const struct type *type) {
    json_out_double(json_out_key(o, "minimum"), type->min);
    json_out_double(json_out_key(o, "maximum"), type->max);
}

static void put_words(struct json_out *o, const char *const *words) {
    json_out_array(json_out_key(o, "enum"));
    for (int i = 0; words[i]; i++) json_out_string(o, words[i]);
    json_out_end(o);
}

static void put_integer(struct json_out *o, const struct type *type) {
    json_out_object(json_out_line(o));
    put_text(o, "type", "integer");
    put_range(o, type);
    json_out_end(o);
}

static void put_extent(struct json_out *o, const struct type *type) {
    json_out_array(json_out_key(o, "anyOf"));
    put_integer(o, type);
    json_out_object(o);
    put_text(o, "type", "array");
    json_out_key(o, "items");
    put_integer(o, type);
    json_out_int(json_out_key(o, "minItems"), 2);
    json_out_int(json_out_key(o, "maxItems"), 2);
    json_out_end(o);
    json_out_end(o);
}

/* A --set or a variant may give what the file lacks, so of the file itself nothing but the keys of
 * list entries is required. `tag` is the value of "op", or NULL. */
static void put_object(struct json_out *o, const struct type *type, const char *tag) {
    put_text(o, "type", "object");
    json_out_object(json_out_key(o, "properties"));
    for (const struct key *key = type->keys; key->name; key++) {
        json_out_key(o, key->name);
        if (tag && strcmp(key->name, "op") == 0) {
            json_out_object(json_out_line(o));
            put_text(o, "const", tag);
            json_out_end(o);
        } else {
            put_type(o, key->type, key->doc, key->standard);
        }
    }
    json_out_end(o);
    bool any = false;
    for (const struct key *key = type->keys; key->name; key++) {
        if (!key->required) continue;
        if (!any) json_out_array(json_out_key(o, "required"));
        any = true;
        json_out_string(o, key->name);
    }
    if (any) json_out_end(o);
    json_out_bool(json_out_key(o, "additionalProperties"), false);
}

static void put_map(struct json_out *o, const struct type *type) {
    put_text(o, "type", "object");
    json_out_object(json_out_key(o, "properties"));
    json_out_object(json_out_key(o, "$comment"));
    json_out_end(o);
    json_out_end(o);
    if (type->pattern) {
        json_out_object(json_out_key(o, "patternProperties"));
        json_out_key(o, type->pattern);
        put_type(o, type->of, NULL, NULL);
        json_out_end(o);
        json_out_bool(json_out_key(o, "additionalProperties"), false);
    } else {
        json_out_key(o, "additionalProperties");
        put_type(o, type->of, NULL, NULL);
    }
}

static void put_array(struct json_out *o, const struct type *type) {
    put_text(o, "type", "array");
    json_out_key(o, "items");
    put_type(o, type->of, NULL, NULL);
    if (type->min > 0) json_out_double(json_out_key(o, "minItems"), type->min);
    json_out_double(json_out_key(o, "maxItems"), type->max);
}

static void put_any(struct json_out *o, const struct type *type) {
    if (!type->any) return; /* anything */
    json_out_array(json_out_key(o, "anyOf"));
    for (int i = 0; type->any[i]; i++) {
        if (type->kind == KIND_TAGGED) {
            json_out_object(o);
            put_text(o, "description", type->any[i]->doc);
            put_object(o, type->any[i], type->words[i]);
            json_out_end(o);
        } else {
            put_type(o, type->any[i], NULL, NULL);
        }
    }
    json_out_end(o);
}

static void put_body(struct json_out *o, const struct type *type) {
    switch (type->kind) {
    case KIND_BOOL:
        put_text(o, "type", "boolean");
        break;
    case KIND_INTEGER:
        put_text(o, "type", "integer");
        put_range(o, type);
        break;
    case KIND_SEED:
        put_text(o, "type", "integer");
        json_out_int(json_out_key(o, "minimum"), 0);
        break;
    case KIND_NUMBER:
        put_text(o, "type", "number");
        put_range(o, type);
        break;
    case KIND_EXTENT:
        put_extent(o, type);
        break;
    case KIND_STRING:
        put_text(o, "type", "string");
        json_out_int(json_out_key(o, "minLength"), 1);
        put_text(o, "pattern", type->pattern);
        break;
    case KIND_WORD:
        put_words(o, type->words);
        break;
    case KIND_OBJECT:
        put_object(o, type, NULL);
        break;
    case KIND_MAP:
        put_map(o, type);
        break;
    case KIND_ARRAY:
        put_array(o, type);
        break;
    case KIND_EITHER:
    case KIND_TAGGED:
        put_any(o, type);
        break;
    }
}

/* The standard value is JSON already: a word, a number or a string without escapes. */
static void put_standard(struct json_out *o, const char *standard) {
    json_out_raw(json_out_key(o, "default"), standard);
}

/* The type's schema as a value. What has a name is written once, under "definitions"; draft-07
 * reads nothing beside a $ref, so its own words are not lost but wrapped. */
static void put_type(struct json_out *o, const struct type *type, const char *doc,
                     const char *standard) {
    json_out_object(o);
    put_text(o, "description", doc ? doc : type->name ? NULL : type->doc);
    if (standard) put_standard(o, standard);
    if (!type->name) {
        put_body(o, type);
    } else {
        struct text path = {0};
        text_add(&path, "#/definitions/%s", type->name);
        if (doc || standard) {
            json_out_array(json_out_key(o, "allOf"));
            json_out_object(json_out_line(o));
            put_text(o, "$ref", path.s);
            json_out_end(o);
            json_out_end(o);
        } else {
            put_text(o, "$ref", path.s);
        }
        text_free(&path);
    }
    json_out_end(o);
}

/* ---- definitions ---- */

struct found {
    const struct type *types[32];
    int count;
};

static void find_named(const struct type *type, struct found *found) {
    if (type->name) {
        for (int i = 0; i < found->count; i++) {
            if (found->types[i] == type) return;
        }
        found->types[found->count++] = type;
    }
    if (type->of) find_named(type->of, found);
    for (const struct key *key = type->keys; key && key->name; key++) find_named(key->type, found);
    for (int i = 0; type->any && type->any[i]; i++) find_named(type->any[i], found);
}

void config_schema(struct text *out) {
    struct found found = {.count = 0};
    find_named(&schema_config, &found);
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    put_text(&o, "$schema", "http://json-schema.org/draft-07/schema#");
    put_text(&o, "title", "stridelab config");
    put_text(&o, "description",
             "A U-Net and the variants of it to compare. Blocks stand outermost first. The way "
             "through a block: x, extra.input, (the skip is kept here) down.activation, "
             "convolution, norm, extra.encoded, style in the innermost block, the next block "
             "inwards, up.activation, decoder, extra.upsampled, norm, output.activation in the "
             "outermost block, fit to the size of x, extra.decoded, join with the skip.");
    put_object(&o, &schema_config, NULL);
    json_out_object(json_out_key(&o, "definitions"));
    for (int i = 0; i < found.count; i++) {
        json_out_object(json_out_key(&o, found.types[i]->name));
        put_text(&o, "description", found.types[i]->doc);
        put_body(&o, found.types[i]);
        json_out_end(&o);
    }
    json_out_end(&o);
    json_out_end(&o);
}
