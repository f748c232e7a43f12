#include "cli/github.h"

#include <string.h>

/* `special` are the characters that need an escape: in a value also those that end one. */
static void put_escaped(struct text *out, const char *s, size_t length, const char *special) {
    for (size_t i = 0; i < length; i++) {
        if (s[i] && strchr(special, s[i]))
            text_add(out, "%%%02X", (unsigned char)s[i]);
        else
            text_write(out, s + i, 1);
    }
}

static void put_message(struct text *out, const char *s, size_t length) {
    while (length > 0 && s[length - 1] == '\n') length--;
    put_escaped(out, s, length, "%\r\n");
}

static void put_value(struct text *out, const char *s, size_t length) {
    put_escaped(out, s, length, "%\r\n:,");
}

void github_error(struct text *out, const char *file, const char *title, const char *message) {
    text_put(out, "::error ");
    if (file) {
        text_put(out, "file=");
        put_value(out, file, strlen(file));
        text_put(out, ",");
    }
    text_put(out, "title=");
    put_value(out, title, strlen(title));
    text_put(out, "::");
    put_message(out, message, strlen(message));
    text_put(out, "\n");
}

struct place {                 /* "PATH:LINE:COLUMN: " */
    size_t path, line, column; /* lengths, 0: there is none */
    size_t length;             /* in all */
};

static struct place find_place(const char *s, size_t length) {
    for (size_t i = 1; i < length; i++) {
        if (s[i] != ':') continue;
        size_t line = strspn(s + i + 1, "0123456789");
        const char *second = s + i + 1 + line;
        if (line == 0 || *second != ':') continue;
        size_t column = strspn(second + 1, "0123456789");
        if (column == 0 || strncmp(second + 1 + column, ": ", 2) != 0) continue;
        return (struct place){i, line, column, i + line + column + 4};
    }
    return (struct place){0};
}

static void put_one(struct text *out, const char *title, const char *s, size_t length) {
    struct place place = find_place(s, strcspn(s, "\n") < length ? strcspn(s, "\n") : length);
    text_put(out, "::error ");
    if (place.length) {
        text_put(out, "file=");
        put_value(out, s, place.path);
        text_add(out, ",line=%.*s,col=%.*s,", (int)place.line, s + place.path + 1,
                 (int)place.column, s + place.path + place.line + 2);
    }
    text_put(out, "title=");
    put_value(out, title, strlen(title));
    text_put(out, "::");
    put_message(out, s + place.length, length - place.length);
    text_put(out, "\n");
}

void github_errors(struct text *out, const char *title, const struct err *err) {
    for (const char *s = err->text; s && *s;) {
        size_t length = strcspn(s, "\n");
        while (s[length] == '\n' && s[length + 1] == ' ') /* goes on from the line before */
            length += 1 + strcspn(s + length + 1, "\n");
        put_one(out, title, s, length);
        s += length + (s[length] == '\n');
    }
}
