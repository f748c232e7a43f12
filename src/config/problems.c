#include "config/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Whether `what` of `node` was not there before; it is now. Asked before anything is printed: a
 * place in the text takes a walk over it, and 4096 variants may share one mistake. */
static bool is_new(struct problems *problems, const struct json_node *node, const char *what) {
    for (int i = 0; i < problems->count; i++) {
        if (problems->seen[i].node == node && problems->seen[i].what == what) return false;
    }
    if (problems->count == PROBLEMS_MAX) return false;
    problems->seen[problems->count].node = node;
    problems->seen[problems->count].what = what;
    problems->count++;
    return true;
}

static void add(struct problems *problems, const struct json_node *node, size_t offset,
                const char *format, va_list args) {
    char message[1024];
    vsnprintf(message, sizeof message, format, args);
    struct text path = {0};
    json_path(node, &path);
    const char *name = node->doc->name;
    if (strncmp(name, "--set ", 6) == 0) { /* its text was made here: a place in it says nothing */
        err_add(problems->err, STATUS_BAD_INPUT, "%s: %s: %s", SAFE(name), SAFE(path.s), message);
    } else {
        struct json_place place = json_place(node->doc, offset);
        err_add(problems->err, STATUS_BAD_INPUT, "%s:%zu:%zu: %s: %s", SAFE(name), place.line,
                place.column, SAFE(path.s), message);
    }
    text_free(&path);
    if (problems->count == PROBLEMS_MAX)
        err_add(problems->err, STATUS_BAD_INPUT, "%s: and perhaps more", SAFE(name));
}

bool problem_add(struct problems *problems, const struct json_node *node, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (is_new(problems, node, format)) add(problems, node, node->start, format, args);
    va_end(args);
    return false;
}

bool problem_add_key(struct problems *problems, const struct json_node *member, const char *format,
                     ...) {
    va_list args;
    va_start(args, format);
    if (is_new(problems, member, format)) add(problems, member, member->key_start, format, args);
    va_end(args);
    return false;
}

static void add_format(struct problems *problems, const struct json_node *node, const char *format,
                       ...) {
    va_list args;
    va_start(args, format);
    add(problems, node, node->start, format, args);
    va_end(args);
}

bool problem_missing(struct problems *problems, const struct json_node *object, const char *key,
                     const char *allowed) {
    if (is_new(problems, object, key))
        add_format(problems, object, "the key \"%s\" is missing; give %s", key, allowed);
    return false;
}
