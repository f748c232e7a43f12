/* Files: read whole under a cap, written whole or not at all. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct bytes {
    uint8_t *data; /* one more byte than `size`, which is 0 */
    size_t size;
};
void bytes_free(struct bytes *bytes); /* idempotent */

/* Reads a regular file ("-" is standard input) of at most `cap` bytes. Missing or unreadable:
 * STATUS_IO; larger: STATUS_LIMIT. The caller frees `out`. */
bool file_read(const char *path, size_t cap, struct bytes *out, struct err *err);

/* Writes `size` bytes under a temporary name beside `path`, then renames: readers see the old
 * file or the new one. On failure the old file stands and the temporary is gone. STATUS_IO. */
bool file_write(const char *path, const void *data, size_t size, struct err *err);

bool file_make_dirs(const char *path, struct err *err); /* like mkdir -p */
bool file_is_dir(const char *path);
bool file_exists(const char *path);
/* "dir/name", or `name` when it is absolute or dir is empty; the caller frees it. */
char *file_join(const char *dir, const char *name);
/* The folder part of `path` ("." when it has none); the caller frees it. */
char *file_dir(const char *path);
const char *file_base(const char *path); /* points into `path` */

/* Writes all of `data` to standard output; STATUS_IO when that fails. */
bool file_write_stdout(const void *data, size_t size, struct err *err);

void file_remove_temporaries(void); /* those being written now; for signals and lack of memory */

#endif
