/* Writing files, whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* Temporaries being written now, so that they can be removed when the process must end. */
struct temporary {
    char *path;
    struct temporary *next;
};
static pthread_mutex_t temporaries_lock = PTHREAD_MUTEX_INITIALIZER;
static struct temporary *temporaries;
static unsigned long temporaries_made;

#define TEMPORARY_START ".stridelab-"
#define TEMPORARY_END   ".tmp"
enum { TEMPORARY_TRIES = 1000 };

/* Makes a file of a new name in `dir` and returns it open, or -1 with errno. The name does not
 * contain the final one, which may be as long as a name can be. Opening is inside the lock: once
 * file_remove_temporaries has it, none is made any more. */
static int temporary_open(const char *dir, struct temporary *t) {
    size_t length = strlen(dir) + 80;
    t->path = mem_alloc(length);
    int fd = -1;
    pthread_mutex_lock(&temporaries_lock);
    for (int i = 0; i < TEMPORARY_TRIES; i++) { /* a process of our number may have been killed */
        snprintf(t->path, length, "%s/%s%ld-%lu%s", dir, TEMPORARY_START, (long)getpid(),
                 temporaries_made++, TEMPORARY_END);
        do fd = open(t->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        while (fd < 0 && errno == EINTR);
        if (fd >= 0 || errno != EEXIST) break;
    }
    if (fd >= 0) {
        t->next = temporaries;
        temporaries = t;
    }
    pthread_mutex_unlock(&temporaries_lock);
    return fd;
}

/* It has another name now, or none. */
static void temporary_forget(struct temporary *t) {
    pthread_mutex_lock(&temporaries_lock);
    for (struct temporary **link = &temporaries; *link; link = &(*link)->next) {
        if (*link != t) continue;
        *link = t->next;
        break;
    }
    pthread_mutex_unlock(&temporaries_lock);
    mem_free(t->path);
}

void file_remove_temporaries(void) {
    pthread_mutex_lock(&temporaries_lock); /* for good: the process ends */
    for (const struct temporary *t = temporaries; t; t = t->next) unlink(t->path);
}

/* ".stridelab-<digits>-<digits>.tmp" */
static bool is_temporary(const char *name) {
    size_t length = strlen(name), start = strlen(TEMPORARY_START), end = strlen(TEMPORARY_END);
    if (length < start + end || strncmp(name, TEMPORARY_START, start) != 0 ||
        strcmp(name + length - end, TEMPORARY_END) != 0)
        return false;
    size_t process = strspn(name + start, "0123456789");
    const char *dash = name + start + process;
    size_t number = *dash == '-' ? strspn(dash + 1, "0123456789") : 0;
    return process > 0 && number > 0 && dash + 1 + number == name + length - end;
}

void file_remove_stale(const char *dir) {
    DIR *open_dir = opendir(dir);
    if (!open_dir) return;
    for (const struct dirent *entry; (entry = readdir(open_dir));)
        if (is_temporary(entry->d_name)) unlinkat(dirfd(open_dir), entry->d_name, 0);
    closedir(open_dir);
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

/* Closes also when `ok` is false, and keeps the errno of what failed first. Linux has closed the
 * descriptor when close says EINTR. */
static bool close_checked(int fd, bool ok) {
    int number = errno;
    if (close(fd) != 0 && errno != EINTR && ok) return false;
    errno = number;
    return ok;
}

/* A device or FIFO has no old content to keep, and must not be replaced by a file. */
static bool write_in_place(const char *path, const void *data, size_t size, struct err *err) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || !close_checked(fd, write_fully(fd, data, size)))
        return err_add_errno(err, "write", path);
    return true;
}

static bool is_special(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static bool sync_fd(int fd) {
    int result;
    do result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOSYS; /* there is nothing to sync */
}

static int open_dir(const char *dir) {
    int fd;
    do fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool sync_dir(const char *dir) {
    int fd = open_dir(dir);
    if (fd < 0) return errno == EACCES; /* a folder that may be written and not read */
    return close_checked(fd, sync_fd(fd));
}

static int rename_again(const char *from, const char *to) {
    int result;
    do result = rename(from, to);
    while (result != 0 && errno == EINTR);
    return result;
}

/* After Pillai et al., OSDI 2014: write, fsync, rename, fsync of the folder. */
static bool write_whole(const char *path, const void *data, size_t size, bool sync,
                        struct err *err) {
    if (is_special(path)) return write_in_place(path, data, size, err);
    char *dir = file_dir(path);
    struct temporary temporary = {0};
    int fd = temporary_open(dir, &temporary);
    bool ok = fd >= 0;
    if (ok) ok = close_checked(fd, write_fully(fd, data, size) && (!sync || sync_fd(fd)));
    if (ok) ok = rename_again(temporary.path, path) == 0;
    bool renamed = ok;
    if (ok && sync) ok = sync_dir(dir);
    if (!ok) err_add_errno(err, "write", path);
    if (fd >= 0 && !renamed) unlink(temporary.path);
    temporary_forget(&temporary);
    mem_free(dir);
    return ok;
}

bool file_write(const char *path, const void *data, size_t size, struct err *err) {
    if (strcmp(path, "-") == 0) return file_write_stdout(data, size, err);
    return write_whole(path, data, size, true, err);
}

bool file_write_unsynced(const char *path, const void *data, size_t size, struct err *err) {
    return write_whole(path, data, size, false, err);
}

bool file_sync(const char *dir, struct err *err) {
    int fd = open_dir(dir);
    if (fd < 0) return true;
    bool ok = syncfs(fd) == 0 || (errno != EIO && errno != ENOSPC && errno != EDQUOT);
    if (!ok) err_add_errno(err, "write to the disk of", dir);
    close(fd);
    return ok;
}

bool file_append(int fd, const char *path, const void *data, size_t size, struct err *err) {
    off_t end = lseek(fd, 0, SEEK_END);
    if (end >= 0 && write_fully(fd, data, size)) return true;
    err_add_errno(err, "write", path);
    if (end >= 0 && ftruncate(fd, end) != 0) return false; /* readers pass over a torn line */
    return false;
}

bool file_write_stdout(const void *data, size_t size, struct err *err) {
    if (write_fully(STDOUT_FILENO, data, size)) return true;
    if (errno == EPIPE) { /* the reader has enough, as in `| head`: nothing needs to be said */
        if (err->status == STATUS_OK) err->status = STATUS_IO;
        return false;
    }
    return err_add_errno(err, "write", "standard output");
}

void file_claim_standard(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        /* The lowest free number is `fd`. Writing to it fails, as it should. */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
    }
}
