#include "config/overlay.h"

#include <string.h>

static const struct json_limits limits = {.bytes = 1 << 20, .nodes = 200000, .depth = 64};

static bool is_json(const char *value) {
    struct json_doc doc = {0};
    struct err err = {0};
    bool ok = json_parse("value", value, strlen(value), &limits, &doc, &err);
    json_free(&doc);
    err_free(&err);
    return ok;
}

static bool refuse(const struct config_override *set, struct err *err, const char *why) {
    return err_add(err, STATUS_BAD_INPUT, "--set %s=%s: %s", SAFE(set->path), SAFE(set->value),
                   why);
}

/* Appends { "a": { "b": up to the value; the number of braces to close, or -1. */
static int open_objects(const char *path, struct text *out) {
    int depth = 0;
    for (const char *part = path;; depth++) {
        size_t n = strcspn(part, ".");
        if (n == 0 || depth == 32) return -1;
        struct text key = {0};
        text_write(&key, part, n);
        text_put(out, "{");
        text_put_json(out, key.s);
        text_put(out, ":");
        text_free(&key);
        if (part[n] == '\0') return depth + 1;
        part += n + 1;
    }
}

bool overlay_make(const struct config_override *set, struct overlay *out, struct err *err) {
    int depth = open_objects(set->path, &out->text);
    if (depth < 0)
        return refuse(set, err,
                      "a path is keys with dots between, as in blocks.innermost.up.stride");
    if (strcmp(set->path, "variants") == 0 || strncmp(set->path, "variants.", 9) == 0)
        return refuse(set, err, "it changes what the variants are merged into, not a variant");
    if (is_json(set->value)) {
        text_put(&out->text, set->value);
    } else {
        text_put_json(&out->text, set->value);
    }
    for (int i = 0; i < depth; i++) text_put(&out->text, "}");
    text_add(&out->name, "--set %s=%s", set->path, set->value);
    return json_parse(out->name.s, out->text.s, out->text.length, &limits, &out->doc, err);
}

void overlay_free(struct overlay *overlay) {
    json_free(&overlay->doc);
    text_free(&overlay->text);
    text_free(&overlay->name);
}
