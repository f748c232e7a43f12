#include "report/golden.h"

#include <string.h>

#include "json/json.h"

static const struct json_limits limits = {64u << 20, 4u << 20, 32};

/* Where a comparison is: names of variant and block, then keys. */
struct place {
    const struct place *outer;
    const char *name;
    bool key; /* of a member; else the name of an element */
};

/* A stride far out moves every map inside it: these lines tell enough of one variant. */
enum { LINES_A_VARIANT = 12 };

struct compare {
    struct golden_result *out;
    int lines; /* of the variant at hand, those that are not written too */
};

/* Counts a line; whether it is to be written. */
static bool begin_line(struct compare *c) {
    c->out->count++;
    return c->lines++ < LINES_A_VARIANT;
}

static void put_place(struct text *t, const struct place *place) {
    if (!place) return;
    put_place(t, place->outer);
    if (place->key) {
        bool nested = place->outer && place->outer->key;
        text_put(t, nested ? "." : "");
    }
    text_put_terminal(t, place->name);
    if (!place->key) text_put(t, ": ");
}

/* A value as it stands, spaces and line ends as one space. */
static void put_value(struct text *t, const struct json_node *node) {
    const char *s = node->doc->text;
    for (uint32_t i = node->start; i < node->end; i++) {
        bool space = strchr(" \n\t\r", s[i]) != NULL;
        if (space && i + 1 < node->end && strchr(" \n\t\r", s[i + 1])) continue;
        text_write(t, space ? " " : &s[i], 1);
    }
}

static void add_line(struct compare *c, const struct place *place, const struct json_node *golden,
                     const struct json_node *now) {
    struct text *t = &c->out->differences;
    if (!begin_line(c)) return;
    put_place(t, place);
    text_put(t, " ");
    if (golden) {
        put_value(t, golden);
    } else {
        text_put(t, "(none)");
    }
    text_put(t, " -> ");
    if (now) {
        put_value(t, now);
    } else {
        text_put(t, "(none)");
    }
    text_put(t, "\n");
}

static void add_presence(struct compare *c, const struct place *outer, const char *name,
                         const char *words) {
    if (!outer) c->lines = 0; /* of whole variants all are named */
    if (!begin_line(c)) return;
    put_place(&c->out->differences, outer);
    text_put_terminal(&c->out->differences, name);
    text_add(&c->out->differences, " %s\n", words);
}

static void compare_objects(struct compare *c, const struct place *place,
                            const struct json_node *golden, const struct json_node *now);

static void compare_variant(struct compare *c, const struct place *place,
                            const struct json_node *golden, const struct json_node *now) {
    c->lines = 0;
    compare_objects(c, place, golden, now);
    if (c->lines <= LINES_A_VARIANT) return;
    put_place(&c->out->differences, place);
    text_add(&c->out->differences, "and %d more differences\n", c->lines - LINES_A_VARIANT);
}

static const char *name_of(const struct json_node *node) {
    const struct json_node *name = node->type == JSON_OBJECT ? json_find(node, "name") : NULL;
    return name ? json_string(name) : NULL;
}

static const struct json_node *find_named(const struct json_node *list, const char *name) {
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        const char *other = name_of(n);
        if (other && strcmp(other, name) == 0) return n;
    }
    return NULL;
}

static bool holds_names(const struct json_node *list) {
    const struct json_node *first = json_first(list);
    return list->type == JSON_ARRAY && first && name_of(first);
}

static bool same_scalar(const struct json_node *a, const struct json_node *b) {
    switch (a->type) {
    case JSON_BOOL:
        return json_bool(a) == json_bool(b);
    case JSON_NUMBER:
        return json_number(a) == json_number(b);
    case JSON_STRING:
        return strcmp(json_string(a), json_string(b)) == 0;
    default:
        return true;
    }
}

static bool same_value(const struct json_node *a, const struct json_node *b) {
    if (a->type != b->type) return false;
    if (a->type != JSON_ARRAY && a->type != JSON_OBJECT) return same_scalar(a, b);
    if (a->count != b->count) return false;
    const struct json_node *x = json_first(a), *y = json_first(b);
    for (; x && y; x = json_next(x), y = json_next(y)) {
        if (a->type == JSON_OBJECT && strcmp(json_key(x), json_key(y)) != 0) return false;
        if (!same_value(x, y)) return false;
    }
    return true;
}

static void compare_values(struct compare *c, const struct place *place,
                           const struct json_node *golden, const struct json_node *now);

/* Explanations for people, whose wording may change. */
static bool is_words(const char *key) {
    return strcmp(key, "equal_because") == 0 || strcmp(key, "message") == 0 ||
           strcmp(key, "repairs") == 0;
}

static void compare_objects(struct compare *c, const struct place *place,
                            const struct json_node *golden, const struct json_node *now) {
    for (const struct json_node *g = json_first(golden); g; g = json_next(g)) {
        if (is_words(json_key(g))) continue;
        struct place inner = {place, json_key(g), true};
        compare_values(c, &inner, g, json_find(now, json_key(g)));
    }
}

/* Elements are matched by name; the list's own key is left out of the place. */
static void compare_lists(struct compare *c, const struct place *place,
                          const struct json_node *golden, const struct json_node *now) {
    const struct place *outer = place->outer;
    for (const struct json_node *g = json_first(golden); g; g = json_next(g)) {
        const char *name = name_of(g);
        const struct json_node *n = name ? find_named(now, name) : NULL;
        struct place inner = {outer, name, false};
        if (!name) continue;
        if (n && !outer) {
            compare_variant(c, &inner, g, n);
        } else if (n) {
            compare_objects(c, &inner, g, n);
        } else {
            add_presence(c, outer, name, "is no longer there");
        }
    }
    for (const struct json_node *n = json_first(now); n; n = json_next(n))
        if (name_of(n) && !find_named(golden, name_of(n)))
            add_presence(c, outer, name_of(n), "is new");
}

static void compare_values(struct compare *c, const struct place *place,
                           const struct json_node *golden, const struct json_node *now) {
    if (now && golden->type == JSON_OBJECT && now->type == JSON_OBJECT) {
        compare_objects(c, place, golden, now);
    } else if (now && holds_names(golden) && holds_names(now)) {
        compare_lists(c, place, golden, now);
    } else if (!now || !same_value(golden, now)) {
        add_line(c, place, golden, now);
    }
}

static bool check_kind(const char *name, const struct json_node *root, struct err *err) {
    const struct json_node *schema = json_find(root, "schema"), *list = json_find(root, "variants");
    const char *kind = schema ? json_string(schema) : NULL;
    if (kind && strcmp(kind, "stridelab.trace/1") == 0 && list && list->type == JSON_ARRAY)
        return true;
    return err_add(err, STATUS_BAD_INPUT,
                   "%s is no golden trace: it lacks \"schema\": \"stridelab.trace/1\" or its "
                   "list of variants",
                   SAFE(name));
}

bool golden_compare(const char *name, const char *text, size_t length, const struct trace *trace,
                    struct golden_result *out, struct err *err) {
    *out = (struct golden_result){0};
    struct text now_text = {0};
    struct json_doc golden = {0}, now = {0};
    trace_json(trace, &now_text);
    bool ok = json_parse(name, text, length, &limits, &golden, err) &&
              check_kind(name, json_root(&golden), err) &&
              json_parse("trace", now_text.s, now_text.length, &limits, &now, err);
    if (ok) {
        struct compare c = {.out = out};
        compare_objects(&c, NULL, json_root(&golden), json_root(&now));
    }
    json_free(&golden);
    json_free(&now);
    text_free(&now_text);
    return ok;
}

void golden_free(struct golden_result *result) {
    text_free(&result->differences);
    *result = (struct golden_result){0};
}
