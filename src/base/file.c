#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

void bytes_free(struct bytes *bytes) {
    mem_free(bytes->data);
    *bytes = (struct bytes){0};
}

/* read() until `size` bytes, the end, or an error (-1). */
static ssize_t read_fully(int fd, uint8_t *data, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, data + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static bool read_rest(int fd, const char *path, size_t expected, size_t cap, struct bytes *out,
                      struct err *err) {
    size_t capacity = 0;
    for (;;) {
        size_t room = out->size < expected ? expected - out->size : 64 * 1024;
        mem_grow(&out->data, &capacity, out->size + room + 1, 1);
        ssize_t got = read_fully(fd, out->data + out->size, room);
        if (got < 0) return err_add_errno(err, "read", path);
        out->size += (size_t)got;
        if (out->size > cap)
            return err_add(err, STATUS_LIMIT, "%s: larger than the limit of %zu bytes", SAFE(path),
                           cap);
        if ((size_t)got < room) break;
    }
    out->data[out->size] = 0;
    return true;
}

bool file_read_fd(int fd, const char *path, size_t cap, struct bytes *out, struct err *err) {
    *out = (struct bytes){0};
    struct stat info;
    if (fstat(fd, &info) != 0 || lseek(fd, 0, SEEK_SET) < 0)
        return err_add_errno(err, "read", path);
    bool ok = read_rest(fd, path, (size_t)info.st_size, cap, out, err);
    if (!ok) bytes_free(out);
    return ok;
}

static int open_to_read(const char *path) {
    int fd;
    do fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang */
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool file_read(const char *path, size_t cap, struct bytes *out, struct err *err) {
    *out = (struct bytes){0};
    if (strcmp(path, "-") == 0) return read_rest(STDIN_FILENO, "standard input", 0, cap, out, err);
    int fd = open_to_read(path);
    if (fd < 0) return err_add_errno(err, "open", path);
    struct stat info;
    bool ok;
    if (fstat(fd, &info) != 0) {
        ok = err_add_errno(err, "stat", path);
    } else if (!S_ISREG(info.st_mode)) {
        ok = err_add(err, STATUS_IO, "cannot read %s: it is not a regular file", SAFE(path));
    } else if ((uint64_t)info.st_size > cap) {
        ok = err_add(err, STATUS_LIMIT, "%s: %lld bytes is larger than the limit of %zu",
                     SAFE(path), (long long)info.st_size, cap);
    } else {
        ok = read_rest(fd, path, (size_t)info.st_size, cap, out, err);
    }
    close(fd);
    if (!ok) bytes_free(out);
    return ok;
}

bool file_sha256(const char *path, char hex[65], struct err *err) {
    int fd = open_to_read(path);
    if (fd < 0) return err_add_errno(err, "open", path);
    struct stat info;
    uint8_t buffer[64 * 1024], digest[32];
    struct sha256 sha;
    sha256_start(&sha);
    ssize_t got = -1;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        while ((got = read_fully(fd, buffer, sizeof buffer)) > 0)
            sha256_add(&sha, buffer, (size_t)got);
        if (got < 0) err_add_errno(err, "read", path);
    } else {
        err_add(err, STATUS_IO, "cannot read %s: it is not a regular file", SAFE(path));
    }
    close(fd);
    sha256_end(&sha, digest);
    sha256_hex(digest, hex);
    return got == 0;
}

bool file_make_dirs(const char *path, struct err *err) {
    char *copy = mem_strdup(path);
    bool ok = true;
    for (char *slash = copy; ok && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash) *slash = '\0';
        if (mkdir(copy, 0777) != 0 && !file_is_dir(copy))
            ok = err_add_errno(err, "make folder", copy);
        if (slash) *slash = '/';
    }
    mem_free(copy);
    return ok;
}

bool file_is_dir(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool file_exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

char *file_join(const char *dir, const char *name) {
    if (name[0] == '/' || dir[0] == '\0') return mem_strdup(name);
    size_t length = strlen(dir) + strlen(name) + 2;
    char *path = mem_alloc(length);
    snprintf(path, length, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
    return path;
}

char *file_dir(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash) return mem_strdup(".");
    if (slash == path) return mem_strdup("/");
    char *dir = mem_alloc((size_t)(slash - path) + 1);
    memcpy(dir, path, (size_t)(slash - path));
    return dir;
}

/* Its real path with "/" at the end, or NULL. */
static char *real_folder(const char *path, struct err *err) {
    char *real = realpath(path, NULL);
    struct text folder = {0};
    if (real)
        text_add(&folder, "%s%s", real, strcmp(real, "/") == 0 ? "" : "/");
    else
        err_add_errno(err, "find", path);
    free(real);
    return folder.s;
}

static char *way(const char *from, const char *to) {
    size_t common = 0;
    struct text way = {0};
    for (size_t i = 0; from[i] && from[i] == to[i]; i++)
        if (to[i] == '/') common = i + 1;
    if (common == 1) common = 0; /* nothing but "/" */
    for (const char *c = from + common; common && *c; c++)
        if (*c == '/') text_put(&way, "../");
    text_put(&way, to + common);
    if (way.length > 1) way.s[way.length - 1] = '\0';
    return way.s;
}

char *file_relative(const char *dir, const char *path, struct err *err) {
    char *from = real_folder(dir, err), *to = real_folder(path, err);
    char *relative = from && to ? way(from, to) : NULL;
    mem_free(from);
    mem_free(to);
    return relative;
}

const char *file_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
