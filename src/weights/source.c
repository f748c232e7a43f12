#include "weights/source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool source_io_error(const struct source *source, uint64_t offset) {
    if (errno != 0) return err_add_errno(source->err, "read", source->path);
    return err_add(source->err, STATUS_IO, "%s: byte %llu: the file shrank while it was read",
                   SAFE(source->path), (unsigned long long)offset);
}

bool source_read(const struct source *source, uint64_t offset, void *to, size_t size) {
    return source_fetch(source, offset, to, size) || source_io_error(source, offset);
}

static bool refuse(const struct source *source, enum status status, uint64_t at, const char *rule,
                   const char *format, va_list args) {
    char message[1024];
    vsnprintf(message, sizeof message, format, args);
    return err_add(source->err, status, "%s: byte %llu: %s (%s)", SAFE(source->path),
                   (unsigned long long)at, message, rule);
}

bool source_refuse(const struct source *source, uint64_t at, const char *rule, const char *format,
                   ...) {
    va_list args;
    va_start(args, format);
    refuse(source, STATUS_BAD_INPUT, at, rule, format, args);
    va_end(args);
    return false;
}

bool source_over_limit(const struct source *source, uint64_t at, const char *rule,
                       const char *format, ...) {
    va_list args;
    va_start(args, format);
    refuse(source, STATUS_LIMIT, at, rule, format, args);
    va_end(args);
    return false;
}
