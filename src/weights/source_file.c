/* The part of source.h that is a file's. Fuzzing puts memory in its place (src/fuzz/memory.c). */
#include "weights/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool source_open(struct source *source, const char *path, struct err *err) {
    *source = (struct source){.path = path, .err = err};
    /* O_NONBLOCK: a FIFO must not hang; it changes nothing for regular files. */
    source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0) return err_add_errno(err, "open", path);
    struct stat info;
    if (fstat(source->fd, &info) != 0) return err_add_errno(err, "read", path);
    if (!S_ISREG(info.st_mode))
        return err_add(err, STATUS_IO, "%s: not a regular file", SAFE(path));
    source->size = (uint64_t)info.st_size;
    return true;
}

void source_close(struct source *source) {
    if (source->fd >= 0) close(source->fd);
    source->fd = -1;
}

bool source_fetch(const struct source *source, uint64_t offset, void *to, size_t size) {
    char *at = to;
    while (size > 0) {
        ssize_t got = pread(source->fd, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = 0; /* the file shrank */
        if (got <= 0) return false;
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}
