#include "json/json_out.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define COLUMNS 100

struct json_out json_out_start(struct text *text) {
    return (struct json_out){.text = text};
}

static void new_line(struct json_out *o) {
    text_add(o->text, "\n%*s", 2 * o->depth, "");
}

/* What stands before every value but the one after a key. */
static void before_value(struct json_out *o, bool scalar) {
    if (o->after_key) {
        o->after_key = false;
        return;
    }
    if (o->depth == 0) return;
    struct json_out_level *level = &o->levels[o->depth - 1];
    assert(level->is_array);
    level->scalars = level->scalars && scalar;
    if (level->count++) text_put(o->text, ",");
    new_line(o);
}

static void open_level(struct json_out *o, bool is_array) {
    before_value(o, false);
    assert(o->depth < JSON_OUT_DEPTH);
    o->levels[o->depth++] = (struct json_out_level){.start = o->text->length,
                                                    .is_array = is_array,
                                                    .scalars = is_array,
                                                    .on_line = o->next_on_line};
    o->next_on_line = false;
    text_put(o->text, is_array ? "[" : "{");
}

void json_out_object(struct json_out *o) {
    open_level(o, false);
}

void json_out_array(struct json_out *o) {
    open_level(o, true);
}

/* The length that text from `start` has when its line breaks are taken out, written there when
 * `write`. A string holds no line break (it is escaped), so each one stands between values: after
 * a comma or a brace it becomes a space, beside a bracket nothing. */
static size_t join_lines(struct text *t, size_t start, bool write) {
    size_t to = start;
    for (size_t from = start; from < t->length; from++) {
        char c = t->s[from];
        if (c == '\n') {
            char before = t->s[from - 1];
            while (t->s[from + 1] == ' ') from++;
            char after = t->s[from + 1];
            if (before == '[' || after == ']') continue;
            c = ' ';
        }
        if (write) t->s[to] = c;
        to++;
    }
    return to - start;
}

static size_t column_of(const struct text *t, size_t offset) {
    size_t line = offset;
    while (line > 0 && t->s[line - 1] != '\n') line--;
    return offset - line;
}

void json_out_end(struct json_out *o) {
    assert(o->depth > 0 && !o->after_key);
    struct json_out_level level = o->levels[--o->depth];
    if (level.count) new_line(o);
    text_put(o->text, level.is_array ? "]" : "}");
    struct text *t = o->text;
    bool fits = level.on_line ||
                (level.scalars &&
                 column_of(t, level.start) + join_lines(t, level.start, false) + 1 <= COLUMNS);
    if (level.count && fits) {
        t->length = level.start + join_lines(t, level.start, true);
        t->s[t->length] = '\0';
    }
    if (o->depth == 0) text_put(t, "\n");
}

struct json_out *json_out_line(struct json_out *o) {
    o->next_on_line = true;
    return o;
}

struct json_out *json_out_key(struct json_out *o, const char *key) {
    assert(o->depth > 0 && !o->after_key);
    struct json_out_level *level = &o->levels[o->depth - 1];
    assert(!level->is_array);
    if (level->count++) text_put(o->text, ",");
    new_line(o);
    text_put_json(o->text, key);
    text_put(o->text, ": ");
    o->after_key = true;
    return o;
}

void json_out_string(struct json_out *o, const char *value) {
    before_value(o, true);
    if (value) {
        text_put_json(o->text, value);
    } else {
        text_put(o->text, "null");
    }
}

void json_out_int(struct json_out *o, int64_t value) {
    before_value(o, true);
    text_add(o->text, "%" PRId64, value);
}

void json_out_uint(struct json_out *o, uint64_t value) {
    before_value(o, true);
    text_add(o->text, "%" PRIu64, value);
}

void json_out_double(struct json_out *o, double value) {
    before_value(o, true);
    text_put_number(o->text, value);
}

void json_out_bool(struct json_out *o, bool value) {
    before_value(o, true);
    text_put(o->text, value ? "true" : "false");
}

void json_out_null(struct json_out *o) {
    before_value(o, true);
    text_put(o->text, "null");
}

void json_out_raw(struct json_out *o, const char *scalar) {
    before_value(o, true);
    text_put(o->text, scalar);
}
