#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

bool err_add(struct err *err, enum status status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t old = err->text ? strlen(err->text) + 1 : 0; /* its newline counted */
    char *text = mem_alloc(old + (size_t)length + 1);
    if (old) {
        memcpy(text, err->text, old - 1);
        text[old - 1] = '\n';
    }
    va_start(args, format);
    vsnprintf(text + old, (size_t)length + 1, format, args);
    va_end(args);
    mem_free(err->text);
    err->text = text;
    err->count++;
    if (err->status == STATUS_OK) err->status = status;
    return false;
}

bool err_add_errno(struct err *err, const char *what, const char *path) {
    int number = errno;
    return err_add(err, number == ENOMEM ? STATUS_LIMIT : STATUS_IO, "cannot %s %s: %s", what,
                   SAFE(path), strerror(number));
}

void err_free(struct err *err) {
    mem_free(err->text);
    *err = (struct err){0};
}

struct safe_text err_safe_text(const char *text) {
    struct safe_text out = {{0}};
    size_t used = 0, left = text ? strlen(text) : 0;
    while (left > 0) {
        int length = text_utf8_length(text, left);
        unsigned char byte = (unsigned char)*text;
        char piece[8];
        if (length == 0 || byte < 0x20 || byte == 0x7f) {
            length = 1;
            snprintf(piece, sizeof piece, "\\x%02x", byte);
        } else if (length == 2 && byte == 0xc2 && (unsigned char)text[1] < 0xa0) {
            snprintf(piece, sizeof piece, "\\u%04x", (unsigned char)text[1]); /* C1 controls */
        } else {
            snprintf(piece, sizeof piece, "%.*s", length, text);
        }
        size_t size = strlen(piece);
        if (used + size > 160) {
            memcpy(out.s + used, "...", 3);
            break;
        }
        memcpy(out.s + used, piece, size);
        used += size;
        text += length;
        left -= (size_t)length;
    }
    return out;
}
