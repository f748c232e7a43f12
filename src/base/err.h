/* Errors: made where the context is known, collected here, printed once in main.
 *
 * A function that can fail returns bool and takes a `struct err *` last; on false it has added at
 * least one message. The first status added wins and becomes the exit status of the process. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* The exit status of the process (interface.md, section 1). */
enum status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,      /* it ran, and what was asked does not hold */
    STATUS_BAD_INPUT = 2,   /* usage, config or weights: nothing was run */
    STATUS_SOME_FAILED = 3, /* it ran, and some images failed */
    STATUS_IO = 4,          /* input or output error */
    STATUS_LIMIT = 5        /* out of memory, or over a limit */
};

struct err {
    enum status status;
    int count;  /* messages added */
    char *text; /* one message a line, without a last newline; NULL when there is none */
};

/* Adds one message (printf style, no newline at the end) and returns false, so that a caller can
 * write `return err_add(...)`. Text that came from a file or a user goes through SAFE(). */
bool err_add(struct err *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds "<path>: <strerror(errno)>" style message: "cannot <what> <path>: <reason>", STATUS_IO. */
bool err_add_errno(struct err *err, const char *what, const char *path);

void err_free(struct err *err); /* idempotent; `err` is empty afterwards */

/* A printable copy of at most 160 bytes of `text`, control characters and broken UTF-8 escaped, for
 * use as a printf argument: err_add(e, s, "no tensor %s", SAFE(name)). */
struct safe_text {
    char s[192];
};
struct safe_text err_safe_text(const char *text);
#define SAFE(text) (err_safe_text(text).s)

#endif
