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

/* The same for the regular file `path` that is open already, from its start. */
bool file_read_fd(int fd, const char *path, size_t cap, struct bytes *out, struct err *err);

/* Writes `size` bytes under a temporary name beside `path`, to the disk, then renames: readers see
 * the old file or the new one, also after a crash. On failure the old file stands and the temporary
 * is gone. A device or FIFO is written in place; "-" is standard output. STATUS_IO. */
bool file_write(const char *path, const void *data, size_t size, struct err *err);
/* The same without waiting for the disk, for one of many files: file_sync waits for all. */
bool file_write_unsynced(const char *path, const void *data, size_t size, struct err *err);
/* Waits until all that was written in the file system of `dir` is on its disk. STATUS_IO when the
 * disk failed or is full; a file system that cannot say is not asked again. */
bool file_sync(const char *dir, struct err *err);
/* Appends to the open file `path`, all or nothing where that can be. STATUS_IO. */
bool file_append(int fd, const char *path, const void *data, size_t size, struct err *err);
/* Removes temporaries that a killed process left in `dir`. No other process may write there. */
void file_remove_stale(const char *dir);

/* SHA-256 of a regular file; STATUS_IO when it cannot be read. */
bool file_sha256(const char *path, char hex[65], struct err *err);

bool file_make_dirs(const char *path, struct err *err); /* like mkdir -p */
bool file_is_dir(const char *path);
/* False only when nothing is there: a path that cannot be looked at may be something's. */
bool file_exists(const char *path);
/* "dir/name", or `name` when it is absolute or dir is empty; the caller frees it. */
char *file_join(const char *dir, const char *name);
/* The folder part of `path` ("." when it has none); the caller frees it. */
char *file_dir(const char *path);
const char *file_base(const char *path); /* points into `path` */
/* The way from the folder `dir` to `path`, both of which exist: "../b/c", "" for `dir` itself;
 * absolute when only "/" is common. STATUS_IO, then NULL. The caller frees it. */
char *file_relative(const char *dir, const char *path, struct err *err);

/* Writes all of `data` to standard output; STATUS_IO when that fails, without a message when it is
 * a pipe that nobody reads any more. */
bool file_write_stdout(const void *data, size_t size, struct err *err);

/* Makes sure that 0, 1 and 2 are open, so that no file gets the number of one that is closed and
 * receives what is meant for standard output. */
void file_claim_standard(void);

/* Those being written now. The process must end: no file can be written any more. */
void file_remove_temporaries(void);

#endif
