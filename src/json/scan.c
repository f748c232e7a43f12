#include "json/scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* cJSON copies a number into 64 bytes and reads what is longer as two tokens. */
#define NUMBER_MAX 63

struct scan {
    struct json_doc *doc;
    const struct json_limits *limits;
    struct err *err;
    size_t at;
    size_t capacity; /* of doc->nodes */
    int depth;
};

bool scan_error(const struct json_doc *doc, size_t offset, enum status status, struct err *err,
                const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct json_place place = json_place(doc, offset);
    return err_add(err, status, "%s:%zu:%zu: %s", SAFE(doc->name), place.line, place.column,
                   message);
}

static bool refuse(struct scan *s, size_t offset, const char *message) {
    return scan_error(s->doc, offset, STATUS_BAD_INPUT, s->err, "%s", message);
}

/* The byte at the scanner's place, -1 at the end. */
static int peek(const struct scan *s) {
    return s->at < s->doc->length ? (unsigned char)s->doc->text[s->at] : -1;
}

static void skip_space(struct scan *s) {
    for (int c = peek(s); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = peek(s)) s->at++;
}

/* "expected <what>", and why it may be missing. */
static bool expected(struct scan *s, const char *what) {
    const char *hint = "";
    int c = peek(s);
    if (c < 0) {
        hint = ", but the text ends here";
    } else if (c == '/' || c == '#') {
        hint = "; JSON has no comments (a \"$comment\" key is ignored in a config)";
    } else if (c == '\'') {
        hint = "; strings stand in double quotes";
    } else if (c == 0xEF && s->at == 0) {
        hint = "; save the file as UTF-8 without a byte order mark";
    }
    return scan_error(s->doc, s->at, STATUS_BAD_INPUT, s->err, "expected %s%s", what, hint);
}

static bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

static bool scan_digits(struct scan *s) {
    if (!is_digit(peek(s))) return expected(s, "a digit");
    while (is_digit(peek(s))) s->at++;
    return true;
}

static bool scan_number(struct scan *s) {
    size_t start = s->at;
    if (peek(s) == '-') s->at++;
    if (peek(s) == '0') {
        s->at++;
        if (is_digit(peek(s))) return refuse(s, start, "a number must not start with 0");
    } else if (!scan_digits(s)) {
        return false;
    }
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s)) return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-') s->at++;
        if (!scan_digits(s)) return false;
    }
    if (s->at - start > NUMBER_MAX) return refuse(s, start, "a number of more than 63 characters");
    return true;
}

/* The four hexadecimal digits after \u; -1 when they are not there. */
static long scan_hex4(struct scan *s) {
    long value = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int c = peek(s);
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool scan_unicode_escape(struct scan *s, size_t start) {
    long first = scan_hex4(s);
    if (first < 0) return refuse(s, start, "\\u needs four hexadecimal digits");
    if (first == 0) return refuse(s, start, "\\u0000 is not allowed");
    if (first >= 0xDC00 && first <= 0xDFFF) return refuse(s, start, "a lone surrogate");
    if (first >= 0xD800 && first <= 0xDBFF) {
        if (s->doc->length - s->at < 2 || memcmp(s->doc->text + s->at, "\\u", 2) != 0)
            return refuse(s, start, "a lone surrogate");
        s->at += 2;
        long second = scan_hex4(s);
        if (second < 0xDC00 || second > 0xDFFF) return refuse(s, start, "a lone surrogate");
    }
    return true;
}

static bool scan_escape(struct scan *s) {
    size_t start = s->at++;
    int c = peek(s);
    if (c > 0 && strchr("\"\\/bfnrt", c)) {
        s->at++;
        return true;
    }
    if (c != 'u')
        return refuse(
            s, start,
            "after \\ comes one of \" \\ / b f n r t u; a backslash itself is written \\\\");
    s->at++;
    return scan_unicode_escape(s, start);
}

static bool scan_string(struct scan *s) {
    size_t start = s->at++;
    for (;;) {
        int c = peek(s);
        if (c == '"') {
            s->at++;
            return true;
        } else if (c < 0) {
            return refuse(s, start, "this string is not closed");
        } else if (c == '\\') {
            if (!scan_escape(s)) return false;
        } else if (c == '\n') {
            return refuse(s, start, "this string is not closed on its line");
        } else if (c < 0x20) {
            return scan_error(s->doc, s->at, STATUS_BAD_INPUT, s->err,
                              "control character 0x%02x in a string; write it as an escape", c);
        } else {
            int n = text_utf8_length(s->doc->text + s->at, s->doc->length - s->at);
            if (n <= 0) return refuse(s, s->at, "this is not UTF-8");
            s->at += (size_t)n;
        }
    }
}

static bool scan_word(struct scan *s, const char *word) {
    size_t n = strlen(word);
    if (s->doc->length - s->at < n || memcmp(s->doc->text + s->at, word, n) != 0)
        return expected(s, "a value");
    s->at += n;
    return true;
}

static bool scan_value(struct scan *s, uint32_t parent, size_t key_start);

static bool scan_array(struct scan *s, uint32_t self) {
    s->at++;
    skip_space(s);
    if (peek(s) == ']') {
        s->at++;
        return true;
    }
    for (;;) {
        skip_space(s);
        if (peek(s) == ']') return refuse(s, s->at, "expected a value; no comma before ']'");
        if (!scan_value(s, self, s->at)) return false;
        skip_space(s);
        int c = peek(s);
        if (c != ',' && c != ']') return expected(s, "',' or ']'");
        s->at++;
        if (c == ']') return true;
    }
}

static bool scan_object(struct scan *s, uint32_t self) {
    s->at++;
    skip_space(s);
    if (peek(s) == '}') {
        s->at++;
        return true;
    }
    for (;;) {
        skip_space(s);
        if (peek(s) == '}') return refuse(s, s->at, "expected a key; no comma before '}'");
        if (peek(s) != '"') return expected(s, "a key in double quotes");
        size_t key_start = s->at;
        if (!scan_string(s)) return false;
        skip_space(s);
        if (peek(s) != ':') return expected(s, "':' after the key");
        s->at++;
        skip_space(s);
        if (!scan_value(s, self, key_start)) return false;
        skip_space(s);
        int c = peek(s);
        if (c != ',' && c != '}') return expected(s, "',' or '}'");
        s->at++;
        if (c == '}') return true;
    }
}

static bool type_at(struct scan *s, enum json_type *type) {
    int c = peek(s);
    switch (c) {
    case '{':
        *type = JSON_OBJECT;
        return true;
    case '[':
        *type = JSON_ARRAY;
        return true;
    case '"':
        *type = JSON_STRING;
        return true;
    case 't':
    case 'f':
        *type = JSON_BOOL;
        return true;
    case 'n':
        *type = JSON_NULL;
        return true;
    default:
        *type = JSON_NUMBER;
        return is_digit(c) || c == '-' || expected(s, "a value");
    }
}

static bool scan_value(struct scan *s, uint32_t parent, size_t key_start) {
    struct json_doc *doc = s->doc;
    enum json_type type;
    if (!type_at(s, &type)) return false;
    if (doc->node_count >= s->limits->nodes)
        return scan_error(doc, s->at, STATUS_LIMIT, s->err, "more than %zu values",
                          s->limits->nodes);
    uint32_t self = (uint32_t)doc->node_count++;
    mem_grow(&doc->nodes, &s->capacity, doc->node_count, sizeof *doc->nodes);
    doc->nodes[self] = (struct json_node){.doc = doc,
                                          .parent = parent,
                                          .start = (uint32_t)s->at,
                                          .key_start = (uint32_t)key_start,
                                          .type = type};
    if (self != parent) doc->nodes[parent].count++;

    bool nested = type == JSON_ARRAY || type == JSON_OBJECT;
    if (nested && ++s->depth > s->limits->depth)
        return scan_error(doc, s->at, STATUS_LIMIT, s->err, "nested deeper than %d levels",
                          s->limits->depth);
    bool ok = false;
    switch (type) {
    case JSON_ARRAY:
        ok = scan_array(s, self);
        break;
    case JSON_OBJECT:
        ok = scan_object(s, self);
        break;
    case JSON_STRING:
        ok = scan_string(s);
        break;
    case JSON_NUMBER:
        ok = scan_number(s);
        break;
    case JSON_NULL:
        ok = scan_word(s, "null");
        break;
    case JSON_BOOL:
        ok = scan_word(s, peek(s) == 't' ? "true" : "false");
        break;
    }
    if (nested) s->depth--;
    doc->nodes[self].end = (uint32_t)s->at;
    doc->nodes[self].past = (uint32_t)doc->node_count;
    return ok;
}

bool scan_document(struct json_doc *doc, const struct json_limits *limits, struct err *err) {
    struct scan s = {.doc = doc, .limits = limits, .err = err};
    skip_space(&s);
    if (!scan_value(&s, 0, s.at)) return false;
    skip_space(&s);
    if (s.at < doc->length) return expected(&s, "nothing more after the value");
    return true;
}
