/* Questions to the description of the config. */
#include "config/schema.h"

#include <string.h>

const struct key *schema_key(const struct type *object, const char *name) {
    for (const struct key *key = object->keys; key->name; key++) {
        if (strcmp(key->name, name) == 0) return key;
    }
    return NULL;
}

int schema_word(const char *const *words, const char *word) {
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0) return i;
    }
    return -1;
}

static bool has_required(const struct type *object, const struct json_node *node) {
    for (const struct key *key = object->keys; key->name; key++) {
        if (key->required && !json_find(node, key->name)) return false;
    }
    return true;
}

static bool fits(const struct type *type, const struct json_node *node) {
    switch (type->kind) {
    case KIND_BOOL:
        return node->type == JSON_BOOL;
    case KIND_INTEGER:
    case KIND_SEED:
    case KIND_NUMBER:
        return node->type == JSON_NUMBER;
    case KIND_EXTENT:
        return node->type == JSON_NUMBER || node->type == JSON_ARRAY;
    case KIND_STRING:
    case KIND_WORD:
        return node->type == JSON_STRING;
    case KIND_OBJECT:
        return node->type == JSON_OBJECT && has_required(type, node);
    case KIND_MAP:
    case KIND_TAGGED:
        return node->type == JSON_OBJECT;
    case KIND_ARRAY:
        return node->type == JSON_ARRAY;
    case KIND_EITHER:
        break;
    }
    return false;
}

const struct type *schema_choose(const struct type *type, const struct json_node *node) {
    if (type->kind == KIND_TAGGED) {
        const struct json_node *tag = json_find(node, "op");
        int index = tag && json_string(tag) ? schema_word(type->words, json_string(tag)) : -1;
        return index < 0 ? NULL : type->any[index];
    }
    for (int i = 0; type->any && type->any[i]; i++) {
        if (fits(type->any[i], node)) return type->any[i];
    }
    return NULL;
}

bool schema_is_comment(const struct json_node *member) {
    return strcmp(json_key(member), "$comment") == 0;
}

static void describe_range(const struct type *type, const char *what, struct text *out) {
    text_add(out, "%s from ", what);
    text_put_number(out, type->min);
    text_put(out, " to ");
    text_put_number(out, type->max);
}

void schema_describe(const struct type *type, struct text *out) {
    switch (type->kind) {
    case KIND_BOOL:
        text_put(out, "true or false");
        break;
    case KIND_INTEGER:
        describe_range(type, "an integer", out);
        break;
    case KIND_SEED:
        text_put(out, "an integer from 0 to 18446744073709551615");
        break;
    case KIND_NUMBER:
        describe_range(type, "a number", out);
        break;
    case KIND_EXTENT:
        describe_range(type, "an integer", out);
        text_put(out, ", or [height, width] of such");
        break;
    case KIND_STRING:
        text_put(out, type->pattern_words ? type->pattern_words : "a string that is not empty");
        break;
    case KIND_WORD:
        for (int i = 0; type->words[i]; i++)
            text_add(out, "%s%s", i ? ", " : "one of ", type->words[i]);
        break;
    case KIND_ARRAY:
        text_put(out, "an array");
        break;
    case KIND_OBJECT:
    case KIND_MAP:
    case KIND_TAGGED:
        text_put(out, "an object");
        break;
    case KIND_EITHER:
        for (int i = 0; type->any && type->any[i]; i++) {
            if (i) text_put(out, ", or ");
            schema_describe(type->any[i], out);
        }
        break;
    }
}

const char *schema_nearest(const char *word, const char *const *words, int count) {
    size_t length = strlen(word);
    int limit = length < 5 ? 1 : length < 9 ? 2 : 3; /* edits */
    const char *nearest = NULL;
    for (int i = 0; i < count; i++) {
        int distance = text_distance(word, words[i], limit);
        if (distance <= limit && distance < (int)strlen(words[i])) {
            limit = distance - 1;
            nearest = words[i];
            if (limit < 0) break;
        }
    }
    return nearest;
}
