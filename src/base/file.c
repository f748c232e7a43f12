#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

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

static bool read_open(int fd, const char *path, size_t expected, size_t cap, struct bytes *out,
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

bool file_read(const char *path, size_t cap, struct bytes *out, struct err *err) {
    *out = (struct bytes){0};
    if (strcmp(path, "-") == 0) return read_open(STDIN_FILENO, "standard input", 0, cap, out, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang */
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
        ok = read_open(fd, path, (size_t)info.st_size, cap, out, err);
    }
    close(fd);
    if (!ok) bytes_free(out);
    return ok;
}

/* Names being written now, so that they can be removed when the process must end. */
enum { TEMPORARIES = 32 };
static pthread_mutex_t temporaries_lock = PTHREAD_MUTEX_INITIALIZER;
static char *temporaries[TEMPORARIES];

static void temporary_note(char *path) {
    pthread_mutex_lock(&temporaries_lock);
    for (int i = 0; i < TEMPORARIES; i++) {
        if (temporaries[i]) continue;
        temporaries[i] = path;
        break;
    }
    pthread_mutex_unlock(&temporaries_lock);
}

static void temporary_forget(const char *path) {
    pthread_mutex_lock(&temporaries_lock);
    for (int i = 0; i < TEMPORARIES; i++)
        if (temporaries[i] == path) temporaries[i] = NULL;
    pthread_mutex_unlock(&temporaries_lock);
}

void file_remove_temporaries(void) {
    for (int i = 0; i < TEMPORARIES; i++)
        if (temporaries[i]) unlink(temporaries[i]);
}

static bool write_fully(int fd, const uint8_t *data, size_t size) {
    while (size > 0) {
        ssize_t put = write(fd, data, size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        data += put;
        size -= (size_t)put;
    }
    return true;
}

bool file_write(const char *path, const void *data, size_t size, struct err *err) {
    char *dir = file_dir(path);
    size_t length = strlen(path) + 40;
    char *temporary = mem_alloc(length);
    snprintf(temporary, length, "%s/.%s.%ld.tmp", dir, file_base(path), (long)getpid());
    mem_free(dir);
    temporary_note(temporary);
    /* No O_EXCL: a name left by a killed process with our number is ours to overwrite. */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    bool ok = fd >= 0 || err_add_errno(err, "write", path);
    if (ok) {
        ok = write_fully(fd, data, size);
        int number = errno;
        if (close(fd) != 0 && ok) {
            ok = false;
            number = errno;
        }
        errno = number;
        if (!ok) err_add_errno(err, "write", path);
        if (ok && rename(temporary, path) != 0) ok = err_add_errno(err, "rename to", path);
        if (!ok) unlink(temporary);
    }
    temporary_forget(temporary);
    mem_free(temporary);
    return ok;
}

bool file_write_stdout(const void *data, size_t size, struct err *err) {
    if (write_fully(STDOUT_FILENO, data, size)) return true;
    return err_add_errno(err, "write", "standard output");
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
    return stat(path, &info) == 0;
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

const char *file_base(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
