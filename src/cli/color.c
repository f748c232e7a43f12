#include "cli/color.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOOD    "\033[32m"
#define WARNING "\033[33m"
#define BAD     "\033[31m"
#define PLAIN   "\033[0m"

bool color_wanted(enum color when) {
    if (when != COLOR_AUTO) return when == COLOR_ALWAYS;
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
    const char *allowed = getenv("CLICOLOR"), *terminal = getenv("TERM");
    if (no && *no) return false;
    if (force && *force && strcmp(force, "0") != 0) return true;
    if (allowed && strcmp(allowed, "0") == 0) return false;
    return isatty(STDOUT_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

/* A size as joins show it, "3" or "3x4"; returns its length, 0 when there is none. */
static size_t size_length(const char *s) {
    size_t n = strspn(s, "0123456789");
    if (n > 0 && s[n] == 'x' && isdigit((unsigned char)s[n + 1]))
        n += 1 + strspn(s + n + 1, "0123456789");
    return n;
}

/* The colour of a cell that is a join, "2 -> 3" or "2 != 3"; or NULL. A variant's heading
 * ("384x384 -> 3x384x384") has three numbers at the right. */
static const char *join_color(const char *cell, size_t length) {
    size_t left = size_length(cell);
    if (left == 0 || left + 4 >= length) return NULL;
    bool fits = strncmp(cell + left, " -> ", 4) == 0;
    if (!fits && strncmp(cell + left, " != ", 4) != 0) return NULL;
    if (left + 4 + size_length(cell + left + 4) != length) return NULL;
    return fits ? WARNING : BAD;
}

static bool starts(const char *cell, size_t length, const char *with) {
    return length >= strlen(with) && strncmp(cell, with, strlen(with)) == 0;
}

/* The words inside a cell, or at its start, that are a status up to the cell's end. */
static const struct {
    const char *words, *color;
} statuses[] = {{"does not fit", BAD}, {"does not bind", BAD}, {", resampled ", WARNING}};

static void paint(struct text *out, const char *color, const char *s, size_t length) {
    text_put(out, color);
    text_write(out, s, length);
    text_put(out, PLAIN);
}

/* `s` is what stands between two runs of two spaces or more. */
static void put_cell(struct text *out, const char *s, size_t length) {
    const char *join = join_color(s, length);
    if (join) {
        paint(out, join, s, length);
    } else if (length == 2 && starts(s, length, "ok")) {
        paint(out, GOOD, s, length);
    } else if (starts(s, length, "FAIL ")) {
        paint(out, BAD, s, 4);
        text_write(out, s + 4, length - 4);
    } else if (starts(s, length, "error: ")) {
        paint(out, BAD, s, 5);
        text_write(out, s + 5, length - 5);
    } else if (starts(s, length, "resampled: ")) {
        paint(out, WARNING, s, 9);
        text_write(out, s + 9, length - 9);
    } else if (starts(s, length, "resampled ")) {
        paint(out, WARNING, s, length);
    } else {
        for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
            const char *found = memmem(s, length, statuses[i].words, strlen(statuses[i].words));
            if (!found) continue;
            found += strspn(found, ", ");
            text_write(out, s, (size_t)(found - s));
            paint(out, statuses[i].color, found, length - (size_t)(found - s));
            return;
        }
        text_write(out, s, length);
    }
}

static void put_line(struct text *out, const char *line, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t end = i;
        if (line[i] == ' ') {
            while (end < length && line[end] == ' ') end++;
            text_write(out, line + i, end - i);
        } else {
            while (end < length && !(line[end] == ' ' && end + 1 < length && line[end + 1] == ' '))
                end++;
            put_cell(out, line + i, end - i);
        }
        i = end;
    }
}

void color_statuses(struct text *text) {
    struct text out = {0};
    for (const char *line = text->s; line && *line;) {
        size_t length = strcspn(line, "\n");
        put_line(&out, line, length);
        if (line[length]) text_put(&out, "\n");
        line += length + (line[length] == '\n');
    }
    text_free(text);
    *text = out;
}
