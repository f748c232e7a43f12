#include "config/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct problems *problems, const struct json_node *node, size_t offset,
                const char *what, const char *format, va_list args) {
    for (int i = 0; i < problems->count; i++) {
        if (problems->items[i].node == node && problems->items[i].what == what) return;
    }
    if (problems->count == PROBLEMS_MAX) return;
    char message[1024];
    vsnprintf(message, sizeof message, format, args);
    problems->items[problems->count++] =
        (struct problem){node, what, offset, arena_strdup(&problems->arena, message)};
}

bool problem_add(struct problems *problems, const struct json_node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(problems, node, node->start, format, format, args);
    va_end(args);
    return false;
}

bool problem_add_key(struct problems *problems, const struct json_node *member, const char *format,
                     ...) {
    va_list args;
    va_start(args, format);
    add(problems, member, member->key_start, format, format, args);
    va_end(args);
    return false;
}

static void add_what(struct problems *problems, const struct json_node *node, const char *what,
                     const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(problems, node, node->start, what, format, args);
    va_end(args);
}

bool problem_missing(struct problems *problems, const struct json_node *object, const char *key,
                     const char *allowed) {
    add_what(problems, object, key, "the key \"%s\" is missing; give %s", key, allowed);
    return false;
}

static bool is_set(const struct json_doc *doc) {
    return strncmp(doc->name, "--set ", 6) == 0;
}

/* The file first, in its order; then each --set. */
static int by_place(const void *a, const void *b) {
    const struct problem *x = a, *y = b;
    const struct json_doc *p = x->node->doc, *q = y->node->doc;
    if (p != q && is_set(p) != is_set(q)) return is_set(p) ? 1 : -1;
    if (p != q) return p < q ? -1 : 1; /* they stand in one array */
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

bool problems_report(struct problems *problems, struct err *err) {
    bool ok = problems->count == 0;
    qsort(problems->items, (size_t)problems->count, sizeof *problems->items, by_place);
    for (int i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->items[i];
        const struct json_doc *doc = p->node->doc;
        struct text path = {0};
        json_path(p->node, &path);
        if (is_set(doc)) { /* its text was made here: a place in it says nothing */
            err_add(err, STATUS_BAD_INPUT, "%s: %s", SAFE(doc->name), p->message);
        } else {
            struct json_place place = json_place(doc, p->offset);
            err_add(err, STATUS_BAD_INPUT, "%s:%zu:%zu: %s: %s", SAFE(doc->name), place.line,
                    place.column, SAFE(path.s), p->message);
        }
        text_free(&path);
    }
    if (problems->count == PROBLEMS_MAX)
        err_add(err, STATUS_BAD_INPUT, "there may be more; these are the first %d", PROBLEMS_MAX);
    arena_free(&problems->arena);
    problems->count = 0;
    return ok;
}
