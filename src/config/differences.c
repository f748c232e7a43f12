/* What two resolved variants differ in, found by walking the table of keys over both. */
#include <string.h>

#include "config/value.h"
#include "config/store.h"

struct line {
    int block; /* -1: not of a block */
    const char *key;
    struct config_difference difference;
};

struct walk {
    struct arena *arena;
    struct line *lines;
    size_t count, capacity;
    int block;
    const char *block_name;
};

static const char *joined(struct arena *arena, const char *path, const char *key) {
    return *path ? arena_printf(arena, "%s.%s", path, key) : arena_strdup(arena, key);
}

static void add(struct walk *w, const char *key, const char *a, const char *b) {
    const char *path = key;
    if (w->block >= 0) path = arena_printf(w->arena, "blocks.%s.%s", w->block_name, key);
    mem_grow(&w->lines, &w->capacity, w->count + 1, sizeof *w->lines);
    w->lines[w->count++] = (struct line){w->block, key, {path, a, b}};
}

static const char *text_of(struct walk *w, const struct type *type, const void *field) {
    struct text t = {0};
    value_text(type, field, &t);
    const char *s = arena_strdup(w->arena, t.s ? t.s : "");
    text_free(&t);
    return s;
}

/* The value of a decoder's own key; NULL where it is standard or the decoder lacks it. */
static const char *geometry(struct walk *w, const struct key *key, const struct config_up *up) {
    if (!schema_decoder_has(up->decoder, key->name)) return NULL;
    struct config_up standard = *up;
    store_decoder_standard(w->arena, &standard);
    const char *text = text_of(w, key->type, (const char *)up + key->field);
    const char *usual = text_of(w, key->type, (const char *)&standard + key->field);
    return strcmp(text, usual) == 0 ? NULL : text;
}

/* Between two decoders only what is not standard is worth a word. */
static void compare_geometry(struct walk *w, const char *path, const struct key *key,
                             const struct config_up *a, const struct config_up *b) {
    const char *x = geometry(w, key, a), *y = geometry(w, key, b);
    if (x || y) add(w, joined(w->arena, path, key->name), x ? x : "standard", y ? y : "standard");
}

static bool is_geometry(const struct type *object, const struct key *key) {
    return object == &schema_up && !key->standard;
}

static bool slope_is_unused(const struct type *object, const struct key *key, const void *out) {
    if (strcmp(key->name, "slope") != 0) return false;
    const struct key *act = schema_key(object, "activation");
    return *(const int *)((const char *)out + act->field) != ACT_LEAKY_RELU;
}

static void compare(struct walk *w, const struct type *object, const char *path, const void *a,
                    const void *b) {
    for (const struct key *key = object->keys; key->name; key++) {
        if (key->field == NO_FIELD) continue;
        const void *x = (const char *)a + key->field, *y = (const char *)b + key->field;
        const char *name = joined(w->arena, path, key->name);
        if (key->type->kind == KIND_OBJECT) {
            compare(w, key->type, name, x, y);
            continue;
        }
        if (is_geometry(object, key) &&
            ((const struct config_up *)a)->decoder != ((const struct config_up *)b)->decoder) {
            compare_geometry(w, path, key, a, b);
            continue;
        }
        if (slope_is_unused(object, key, a) || slope_is_unused(object, key, b)) continue;
        const char *s = text_of(w, key->type, x), *t = text_of(w, key->type, y);
        if (strcmp(s, t) != 0) add(w, name, s, t);
    }
}

static void compare_weights(struct walk *w, const struct config_variant *a,
                            const struct config_variant *b) {
    struct text s = {0}, t = {0};
    value_weights_text(a, &s);
    value_weights_text(b, &t);
    if (strcmp(s.s, t.s) != 0)
        add(w, "weights", arena_strdup(w->arena, s.s), arena_strdup(w->arena, t.s));
    text_free(&s);
    text_free(&t);
}

static const char *init_text(struct walk *w, const struct config_variant *v) {
    struct text t = {0};
    for (int i = 0; i < v->init_count; i++)
        text_add(&t, "%s%s: %s %llu", i ? ", " : "",
                 v->inits[i].prefix[0] ? v->inits[i].prefix : "*",
                 config_init_name(v->inits[i].method), (unsigned long long)v->inits[i].seed);
    const char *s = arena_strdup(w->arena, t.s ? t.s : "none");
    text_free(&t);
    return s;
}

static void compare_blocks(struct walk *w, const struct config_variant *a,
                           const struct config_variant *b) {
    if (a->block_count != b->block_count)
        add(w, "blocks", arena_printf(w->arena, "%d", a->block_count),
            arena_printf(w->arena, "%d", b->block_count));
    for (int i = 0; i < a->block_count; i++) {
        for (int k = 0; k < b->block_count; k++) {
            if (strcmp(a->blocks[i].name, b->blocks[k].name) != 0) continue;
            w->block = i;
            w->block_name = a->blocks[i].name;
            compare(w, &schema_block, "", &a->blocks[i], &b->blocks[k]);
        }
    }
    w->block = -1;
}

static bool same_change(const struct line *a, const struct line *b) {
    return a->block >= 0 && b->block >= 0 && strcmp(a->key, b->key) == 0 &&
           strcmp(a->difference.a, b->difference.a) == 0 &&
           strcmp(a->difference.b, b->difference.b) == 0;
}

/* What differs alike in all blocks is one line, "blocks.*.up.decoder". */
static int collapse(struct walk *w, int block_count, struct config_difference *out) {
    int count = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct line *line = &w->lines[i];
        int alike = 0, before = 0;
        for (size_t k = 0; k < w->count; k++) {
            if (!same_change(line, &w->lines[k])) continue;
            alike++;
            before += k < i;
        }
        if (block_count > 1 && alike == block_count) {
            if (before) continue;
            line->difference.path = arena_printf(w->arena, "blocks.*.%s", line->key);
        }
        out[count++] = line->difference;
    }
    return count;
}

int config_differences(const struct config_variant *a, const struct config_variant *b,
                       struct arena *arena, struct config_difference **out) {
    struct walk w = {.arena = arena, .block = -1};
    compare(&w, &schema_inputs, "", a, b);
    compare_blocks(&w, a, b);
    compare_weights(&w, a, b);
    const char *s = init_text(&w, a), *t = init_text(&w, b);
    if (strcmp(s, t) != 0) add(&w, "init", s, t);
    *out = arena_alloc(arena, (w.count + 1) * sizeof **out);
    int blocks = a->block_count == b->block_count ? a->block_count : 0;
    int count = collapse(&w, blocks, *out);
    mem_free(w.lines);
    return count;
}
