#include "cli/run_same.h"

#include <string.h>

#include "base/file.h"
#include "json/json.h"

enum { BYTES = 256 << 20, NODES = 8 << 20, SHOWN = 8, EXCERPT = 70 };

struct differences {
    struct text list; /* a line for each of the first SHOWN */
    int count;
};

/* What results do not depend on. */
static bool is_free(const char *path) {
    static const char *const whole[] = {"$.machine.description",   "$.machine.threads",
                                        "$.machine.image_decoder", "$.inputs.images",
                                        "$.inputs.targets",        "$.config.file"};
    static const char weights[] = ".weights.file"; /* the digest beside it counts */
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(path, whole[i]) == 0) return true;
    size_t length = strlen(path), end = sizeof weights - 1;
    return length >= end && strcmp(path + length - end, weights) == 0;
}

static void note(struct differences *d, const char *path, const struct json_node *old,
                 const struct json_node *now) {
    if (d->count++ >= SHOWN) return;
    text_add(&d->list, "\n  %s: ", path[1] == '.' ? path + 2 : path);
    if (old) {
        text_put(&d->list, "was ");
        json_excerpt(old, EXCERPT, &d->list);
    } else {
        text_put(&d->list, "was not there");
    }
    text_put(&d->list, ", is ");
    if (now)
        json_excerpt(now, EXCERPT, &d->list);
    else
        text_put(&d->list, "not there now");
}

static bool is_equal_scalar(const struct json_node *a, const struct json_node *b) {
    switch (a->type) {
    case JSON_STRING:
        return strcmp(json_string(a), json_string(b)) == 0;
    case JSON_NUMBER:
        return json_number(a) == json_number(b);
    case JSON_BOOL:
        return json_bool(a) == json_bool(b);
    default:
        return true;
    }
}

static void compare(struct differences *d, struct text *path, const struct json_node *old,
                    const struct json_node *now);

static void compare_below(struct differences *d, struct text *path, const struct json_node *old,
                          const struct json_node *now, const char *before, const char *name,
                          const char *after) {
    size_t length = path->length;
    text_add(path, "%s%s%s", before, SAFE(name), after);
    compare(d, path, old, now);
    path->length = length;
    path->s[length] = '\0';
}

static void compare_objects(struct differences *d, struct text *path, const struct json_node *old,
                            const struct json_node *now) {
    for (const struct json_node *n = json_first(old); n; n = json_next(n))
        compare_below(d, path, n, json_find(now, json_key(n)), ".", json_key(n), "");
    for (const struct json_node *n = json_first(now); n; n = json_next(n))
        if (!json_find(old, json_key(n))) compare_below(d, path, NULL, n, ".", json_key(n), "");
}

/* Elements are named by their "name", where they have one. */
static void compare_arrays(struct differences *d, struct text *path, const struct json_node *old,
                           const struct json_node *now) {
    const struct json_node *a = json_first(old), *b = json_first(now);
    for (int i = 0; a || b; i++) {
        const char *name = json_string(json_find(a ? a : b, "name"));
        struct text index = {0};
        text_add(&index, "%d", i);
        compare_below(d, path, a, b, name ? "[\"" : "[", name ? name : index.s, name ? "\"]" : "]");
        text_free(&index);
        a = a ? json_next(a) : NULL;
        b = b ? json_next(b) : NULL;
    }
}

static void compare(struct differences *d, struct text *path, const struct json_node *old,
                    const struct json_node *now) {
    if (is_free(path->s)) return;
    if (!old || !now || old->type != now->type)
        note(d, path->s, old, now);
    else if (old->type == JSON_OBJECT)
        compare_objects(d, path, old, now);
    else if (old->type == JSON_ARRAY)
        compare_arrays(d, path, old, now);
    else if (!is_equal_scalar(old, now))
        note(d, path->s, old, now);
}

static bool report(const char *path, struct differences *d, struct err *err) {
    if (d->count > SHOWN) text_add(&d->list, "\n  and %d more", d->count - SHOWN);
    if (d->count > 0)
        err_add(err, STATUS_BAD_INPUT,
                "%s: --resume would mix two different runs; --force starts anew:%s", SAFE(path),
                d->list.s);
    text_free(&d->list);
    return d->count == 0;
}

bool run_same(const char *path, const struct text *now, struct err *err) {
    struct json_limits limits = {.bytes = BYTES, .nodes = NODES, .depth = 64};
    struct bytes bytes = {0};
    struct json_doc old_doc = {0}, new_doc = {0};
    struct differences d = {0};
    struct text at = {0};
    text_put(&at, "$");
    bool ok = file_read(path, BYTES, &bytes, err) &&
              json_parse(path, (const char *)bytes.data, bytes.size, &limits, &old_doc, err) &&
              json_parse(path, now->s, now->length, &limits, &new_doc, err);
    if (ok) {
        compare(&d, &at, json_root(&old_doc), json_root(&new_doc));
        ok = report(path, &d, err);
    }
    text_free(&at);
    json_free(&old_doc);
    json_free(&new_doc);
    bytes_free(&bytes);
    return ok;
}
