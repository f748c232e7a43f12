/* An open weights file: read by offset (never mapped: another process may truncate it), and the one
 * form that refusals of its content have. */
#ifndef WEIGHTS_SOURCE_H
#define WEIGHTS_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct source {
    int fd;
    const char *path; /* not owned */
    uint64_t size;
    struct err *err; /* not owned */
};

/* Opens a regular file. STATUS_IO when that fails. */
bool source_open(struct source *source, const char *path, struct err *err);
void source_close(struct source *source); /* idempotent after source_open */

/* Reads exactly `size` bytes at `offset`. Adds nothing to err, so that any thread may call it. */
bool source_fetch(const struct source *source, uint64_t offset, void *to, size_t size);
/* The same, with an error. The range must lie inside the file. */
bool source_read(const struct source *source, uint64_t offset, void *to, size_t size);
bool source_io_error(const struct source *source, uint64_t offset);

/* Adds "<path>: byte <at>: <message> (<rule>)", STATUS_BAD_INPUT, and returns false. */
bool source_refuse(const struct source *source, uint64_t at, const char *rule, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
/* The same with STATUS_LIMIT. */
bool source_over_limit(const struct source *source, uint64_t at, const char *rule,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Little-endian integers at any alignment. */
static inline uint16_t source_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t source_u32(const uint8_t *p) {
    return (uint32_t)source_u16(p) | (uint32_t)source_u16(p + 2) << 16;
}
static inline uint64_t source_u64(const uint8_t *p) {
    return (uint64_t)source_u32(p) | (uint64_t)source_u32(p + 4) << 32;
}

#endif
