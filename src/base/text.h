/* Growing text, escaping for every sink, and the width of text on a terminal. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Start it zeroed. `s` is NUL-terminated once anything was added, NULL before. */
struct text {
    char *s;
    size_t length;
    size_t capacity;
};

void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_put(struct text *t, const char *s);
void text_write(struct text *t, const void *bytes, size_t length);
void text_free(struct text *t); /* idempotent */

/* Each appends `s` escaped for its sink. */
void text_put_json(struct text *t, const char *s); /* with the quotes */
void text_put_html(struct text *t, const char *s); /* content or quoted attribute; also SVG */
void text_put_csv(struct text *t,
                  const char *s); /* quoted where needed; a leading = + - @ is defused */
void text_put_terminal(struct text *t,
                       const char *s); /* control characters as \xNN, newline kept */

void text_put_base64(struct text *t, const void *bytes, size_t length); /* RFC 4648, padded */
void text_put_url(struct text *t, const char *path); /* a relative path as a URL */

/* Shortest decimal that reads back as the same double; null for NaN and infinities. */
void text_put_number(struct text *t, double value);

/* Length of the well-formed UTF-8 sequence at `s` (1 to 4), 0 when it is not well formed. */
int text_utf8_length(const char *s, size_t available);
/* Decodes the sequence at `s`; a broken one gives U+FFFD and length 1. */
unsigned text_utf8_decode(const char *s, int *length);
int text_width(const char *s); /* terminal columns: 2 for East Asian wide, 0 for combining */
/* `s` in a field of `width` columns: positive pads at the right, negative at the left. */
void text_pad(struct text *t, const char *s, int width);

/* Edit distance with transpositions, for "did you mean"; at most `limit` + 1. */
int text_distance(const char *a, const char *b, int limit);

#endif
