#include "config/validate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool in_range(const struct type *type, const struct json_node *node) {
    int64_t value;
    return json_integer(node, &value) && (double)value >= type->min && (double)value <= type->max;
}

static bool is_extent(const struct type *type, const struct json_node *node) {
    if (node->type != JSON_ARRAY) return in_range(type, node);
    return node->count == 2 && in_range(type, json_first(node)) &&
           in_range(type, json_next(json_first(node)));
}

static bool is_string(const struct type *type, const struct json_node *node) {
    const char *s = json_string(node);
    return s && *s && (double)strlen(s) <= type->max && (!type->matches || type->matches(s));
}

static bool is_scalar(const struct type *type, const struct json_node *node) {
    uint64_t u;
    switch (type->kind) {
    case KIND_BOOL:
        return node->type == JSON_BOOL;
    case KIND_INTEGER:
        return in_range(type, node);
    case KIND_SEED:
        return json_u64(node, &u);
    case KIND_NUMBER:
        return node->type == JSON_NUMBER && json_number(node) >= type->min &&
               json_number(node) <= type->max;
    case KIND_EXTENT:
        return is_extent(type, node);
    case KIND_STRING:
        return is_string(type, node);
    case KIND_WORD:
        return json_string(node) && schema_word(type->words, json_string(node)) >= 0;
    default:
        return false;
    }
}

static int count_words(const char *const *words) {
    int n = 0;
    while (words[n]) n++;
    return n;
}

/* "<value> is not allowed; <what is>; did you mean ...?" */
static bool refuse(const struct type *type, const struct json_node *node,
                   struct problems *problems) {
    if (!problems) return false;
    struct text allowed = {0}, value = {0};
    schema_describe(type, &allowed);
    json_excerpt(node, 60, &value);
    const char *near = NULL;
    if (type->words && json_string(node))
        near = schema_nearest(json_string(node), type->words, count_words(type->words));
    problem_add(problems, node, "%s is not allowed; give %s%s%s%s", SAFE(value.s), allowed.s,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    text_free(&allowed);
    text_free(&value);
    return false;
}

static bool unknown_key(const struct type *object, const struct json_node *member,
                        struct problems *problems) {
    if (!problems) return false;
    const char *names[64];
    int count = 0;
    struct text known = {0};
    for (const struct key *key = object->keys; key->name; key++) {
        if (key->name[0] == '$') continue;
        text_add(&known, "%s%s", count ? ", " : "", key->name);
        names[count++] = key->name;
    }
    const char *near = schema_nearest(json_key(member), names, count);
    if (near) {
        problem_add_key(problems, member, "unknown key \"%s\"; did you mean \"%s\"?",
                        SAFE(json_key(member)), near);
    } else {
        problem_add_key(problems, member, "unknown key \"%s\"; the keys here are %s",
                        SAFE(json_key(member)), known.s);
    }
    text_free(&known);
    return false;
}

static bool validate_object(const struct type *type, const struct json_node *node,
                            struct problems *problems) {
    bool ok = true;
    for (const struct json_node *m = json_first(node); m; m = json_next(m)) {
        const struct key *key = schema_key(type, json_key(m));
        ok &= key ? validate(key->type, m, problems) : unknown_key(type, m, problems);
    }
    for (const struct key *key = type->keys; key->name; key++) {
        if (!key->required || json_find(node, key->name)) continue;
        ok = false;
        if (problems) {
            struct text allowed = {0};
            schema_describe(key->type, &allowed);
            problem_missing(problems, node, key->name, allowed.s);
            text_free(&allowed);
        }
    }
    return ok;
}

static bool validate_array(const struct type *type, const struct json_node *node,
                           struct problems *problems) {
    if ((double)node->count < type->min || (double)node->count > type->max)
        return problems && problem_add(problems, node, "%u elements; give %g to %g", node->count,
                                       type->min, type->max);
    bool ok = true;
    for (const struct json_node *m = json_first(node); m; m = json_next(m))
        ok &= validate(type->of, m, problems);
    return ok;
}

static bool validate_map(const struct type *type, const struct json_node *node,
                         struct problems *problems) {
    if ((double)node->count > type->max)
        return problems &&
               problem_add(problems, node, "%u entries; at most %g", node->count, type->max);
    bool ok = true;
    for (const struct json_node *m = json_first(node); m; m = json_next(m)) {
        if (schema_is_comment(m)) continue;
        if (type->matches && !type->matches(json_key(m))) {
            ok = false;
            if (problems)
                problem_add_key(problems, m, "\"%s\" is not allowed; give %s", SAFE(json_key(m)),
                                type->pattern_words);
        }
        ok &= validate(type->of, m, problems);
    }
    return ok;
}

static bool validate_tagged(const struct type *type, const struct json_node *node,
                            struct problems *problems) {
    const struct type *chosen = schema_choose(type, node);
    if (chosen) return validate(chosen, node, problems);
    const struct json_node *tag = json_find(node, "op");
    if (tag) return refuse(type->any[0]->keys[0].type, tag, problems);
    if (!problems) return false;
    struct text words = {0};
    schema_describe(type->any[0]->keys[0].type, &words);
    problem_missing(problems, node, "op", words.s);
    text_free(&words);
    return false;
}

bool validate(const struct type *type, const struct json_node *node, struct problems *problems) {
    switch (type->kind) {
    case KIND_EITHER: {
        if (!type->any) return true;
        const struct type *chosen = schema_choose(type, node);
        return chosen ? validate(chosen, node, problems) : refuse(type, node, problems);
    }
    case KIND_OBJECT:
        return node->type == JSON_OBJECT ? validate_object(type, node, problems)
                                         : refuse(type, node, problems);
    case KIND_MAP:
        return node->type == JSON_OBJECT ? validate_map(type, node, problems)
                                         : refuse(type, node, problems);
    case KIND_TAGGED:
        return node->type == JSON_OBJECT ? validate_tagged(type, node, problems)
                                         : refuse(type, node, problems);
    case KIND_ARRAY:
        return node->type == JSON_ARRAY ? validate_array(type, node, problems)
                                        : refuse(type, node, problems);
    default:
        return is_scalar(type, node) || refuse(type, node, problems);
    }
}
