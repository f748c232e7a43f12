#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void text_write(struct text *t, const void *bytes, size_t length) {
    mem_grow(&t->s, &t->capacity, t->length + length + 1, 1);
    memcpy(t->s + t->length, bytes, length);
    t->length += length;
    t->s[t->length] = '\0';
}

void text_put(struct text *t, const char *s) {
    text_write(t, s, strlen(s));
}

void text_add(struct text *t, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    mem_grow(&t->s, &t->capacity, t->length + (size_t)length + 1, 1);
    va_start(args, format);
    vsnprintf(t->s + t->length, (size_t)length + 1, format, args);
    va_end(args);
    t->length += (size_t)length;
}

void text_free(struct text *t) {
    mem_free(t->s);
    *t = (struct text){0};
}

void text_put_json(struct text *t, const char *s) {
    text_put(t, "\"");
    for (size_t left = strlen(s); left > 0;) {
        int length = text_utf8_length(s, left);
        unsigned char c = (unsigned char)*s;
        if (length == 0) { /* JSON is UTF-8: a broken byte becomes U+FFFD */
            text_put(t, "\xef\xbf\xbd");
            length = 1;
        } else if (c == '"' || c == '\\') {
            text_add(t, "\\%c", c);
        } else if (c == '\n') {
            text_put(t, "\\n");
        } else if (c == '\t') {
            text_put(t, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            text_add(t, "\\u%04x", c);
        } else {
            text_write(t, s, (size_t)length);
        }
        s += length;
        left -= (size_t)length;
    }
    text_put(t, "\"");
}

void text_put_html(struct text *t, const char *s) {
    for (size_t left = strlen(s); left > 0;) {
        int length = text_utf8_length(s, left);
        unsigned char c = (unsigned char)*s;
        if (length == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            text_put(t, "\xef\xbf\xbd");
            length = 1;
        } else if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'') {
            text_add(t, "&#%d;", c);
        } else {
            text_write(t, s, (size_t)length);
        }
        s += length;
        left -= (size_t)length;
    }
}

void text_put_csv(struct text *t, const char *s) {
    bool formula = *s && strchr("=+-@\t\r", *s); /* a spreadsheet would run it */
    if (!formula && !strpbrk(s, ",\"\n\r")) {
        text_put(t, s);
        return;
    }
    text_put(t, formula ? "\"'" : "\"");
    for (; *s; s++) text_add(t, *s == '"' ? "\"\"" : "%c", *s);
    text_put(t, "\"");
}

void text_put_terminal(struct text *t, const char *s) {
    for (size_t left = strlen(s); left > 0;) {
        int length = text_utf8_length(s, left);
        unsigned char c = (unsigned char)*s;
        bool c1 = length == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;
        if (length == 0 || c1 || (c < 0x20 && c != '\n') || c == 0x7f) {
            text_add(t, "\\x%02x", c1 ? (unsigned char)s[1] : c);
            if (length == 0) length = 1;
        } else {
            text_write(t, s, (size_t)length);
        }
        s += length;
        left -= (size_t)length;
    }
}

void text_put_base64(struct text *t, const void *bytes, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    mem_grow(&t->s, &t->capacity, t->length + (length + 2) / 3 * 4 + 1, 1);
    for (size_t left = length; left > 0; p += 3) {
        unsigned group =
            (unsigned)p[0] << 16 | (left > 1 ? (unsigned)p[1] << 8 : 0) | (left > 2 ? p[2] : 0u);
        char *out = t->s + t->length;
        out[0] = digits[group >> 18];
        out[1] = digits[group >> 12 & 63];
        out[2] = left > 1 ? digits[group >> 6 & 63] : '=';
        out[3] = left > 2 ? digits[group & 63] : '=';
        t->length += 4;
        left -= left < 3 ? left : 3;
    }
    t->s[t->length] = '\0';
}

void text_put_url(struct text *t, const char *path) {
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~/", c);
        text_add(t, plain ? "%c" : "%%%02X", c);
    }
}

void text_put_number(struct text *t, double value) {
    if (!isfinite(value)) {
        text_put(t, "null");
        return;
    }
    if (value == floor(value) && fabs(value) < 1e15) {
        text_add(t, "%.0f", value == 0 ? 0.0 : value); /* no -0 */
        return;
    }
    char buffer[40];
    for (int digits = 15; digits <= 17; digits++) { /* %g drops the zeros at the end */
        snprintf(buffer, sizeof buffer, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value) break;
    }
    text_put(t, buffer);
}

void text_pad(struct text *t, const char *s, int width) {
    int spaces = abs(width) - text_width(s);
    if (width < 0 && spaces > 0) text_add(t, "%*s", spaces, "");
    text_put(t, s);
    if (width > 0 && spaces > 0) text_add(t, "%*s", spaces, "");
}

static int minimum(int a, int b) {
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, replacements and neighbours swapped. */
int text_distance(const char *a, const char *b, int limit) {
    enum { LONGEST = 63 };
    int rows[3][LONGEST + 1];
    int length_a = (int)strlen(a), length_b = (int)strlen(b);
    if (length_a > LONGEST || length_b > LONGEST || abs(length_a - length_b) > limit)
        return limit + 1;
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (int j = 0; j <= length_b; j++) above[j] = j;
    for (int i = 1; i <= length_a; i++) {
        row[0] = i;
        for (int j = 1; j <= length_b; j++) {
            int cost = above[j - 1] + (a[i - 1] != b[j - 1]);
            cost = minimum(cost, minimum(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = minimum(cost, before[j - 2] + 1);
            row[j] = cost;
        }
        int *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return minimum(above[length_b], limit + 1);
}
