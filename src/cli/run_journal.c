#include "cli/run_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/run_journal_line.h"

/* Seconds between two waits for the disk; and how much longer than the last wait itself, so that a
 * slow disk costs a fortieth of the time. */
enum { SYNC_SECONDS = 2, SYNC_SHARE = 40 };

/* fcntl's locks belong to the process, not to the descriptor: the decoders' processes do not keep
 * them, and they tell who has them. */
static bool lock_journal(struct run *run, struct err *err) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET}, holder = lock;
    int result;
    do result = fcntl(run->journal.fd, F_SETLK, &lock);
    while (result != 0 && errno == EINTR);
    if (result == 0 || (errno != EACCES && errno != EAGAIN))
        return true; /* or there are no locks */
    if (fcntl(run->journal.fd, F_GETLK, &holder) != 0 || holder.l_type == F_UNLCK ||
        holder.l_pid <= 0)
        return err_add(err, STATUS_IO, "%s is in use by another run", SAFE(run->options->out));
    return err_add(err, STATUS_IO, "%s is in use by process %ld", SAFE(run->options->out),
                   (long)holder.l_pid);
}

static int open_again(const char *path, int flags) {
    int fd;
    do fd = open(path, flags, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

bool journal_open(struct run *run, struct err *err) {
    struct journal *journal = &run->journal;
    struct stat info;
    int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_CREAT;
    char *path = file_join(run->options->out, JOURNAL_NAME);
    int fd = open_again(path, flags);
    bool ok = fd >= 0 || err_add_errno(err, "open", path);
    if (ok && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
        ok = err_add(err, STATUS_IO, "%s is not a regular file", SAFE(path));
        close(fd);
    }
    if (ok) {
        *journal = (struct journal){.fd = fd, .path = path, .synced = clock_seconds()};
        ok = lock_journal(run, err);
    } else {
        mem_free(path);
    }
    return ok;
}

void journal_close(struct run *run) {
    if (!run->journal.path) return;
    close(run->journal.fd);
    mem_free(run->journal.path);
    run->journal = (struct journal){0};
}

static bool cut(struct run *run, off_t size, struct err *err) {
    int result;
    do result = ftruncate(run->journal.fd, size);
    while (result != 0 && errno == EINTR);
    return result == 0 || err_add_errno(err, "write", run->journal.path);
}

bool journal_clear(struct run *run, struct err *err) {
    return cut(run, 0, err);
}

bool journal_add(struct run *run, const struct text *lines, struct err *err) {
    struct journal *journal = &run->journal;
    if (lines->length > 0 && !file_append(journal->fd, journal->path, lines->s, lines->length, err))
        return false;
    double start = clock_seconds();
    if (start - journal->synced < fmax(SYNC_SECONDS, SYNC_SHARE * journal->waited)) return true;
    bool ok = file_sync(run->options->out, err);
    journal->synced = clock_seconds();
    journal->waited = journal->synced - start;
    return ok;
}

struct lines {
    struct run *run;
    const char *text;
    size_t *start, *length;  /* of the last line of each image; length 0: none */
    pthread_mutex_t strings; /* guards run->arena */
};

static void read_line(void *context, int image, int worker) {
    (void)worker;
    struct lines *lines = context;
    if (lines->length[image])
        journal_line_take(lines->run, image, lines->text + lines->start[image],
                          lines->length[image], &lines->strings);
}

/* The number that a line begins with, or -1. */
static int image_of(const char *line, size_t length) {
    static const char start[] = "{ \"image\": ";
    size_t at = sizeof start - 1;
    if (length < at || memcmp(line, start, at) != 0) return -1;
    int image = 0;
    for (; at < length && line[at] >= '0' && line[at] <= '9' && image < 100000000; at++)
        image = 10 * image + (line[at] - '0');
    return at < length && line[at] == ',' ? image : -1;
}

/* Finds the last line of every image. */
static void index_lines(struct lines *lines, const struct bytes *bytes) {
    for (size_t start = 0, end; start < bytes->size; start = end + 1) {
        const char *line = (const char *)bytes->data + start;
        const char *newline = memchr(line, '\n', bytes->size - start);
        if (!newline) return; /* torn */
        end = (size_t)(newline - (const char *)bytes->data);
        int image = image_of(line, end - start);
        if (image < 0 || image >= lines->run->results.image_count) continue;
        lines->start[image] = start;
        lines->length[image] = end - start;
    }
}

/* A torn line at the end is cut off, so that the next one does not become a part of it. */
static bool cut_torn(struct run *run, const struct bytes *bytes, struct err *err) {
    size_t whole = bytes->size;
    while (whole > 0 && bytes->data[whole - 1] != '\n') whole--;
    return whole == bytes->size || cut(run, (off_t)whole, err);
}

bool journal_read(struct run *run, struct err *err) {
    struct bytes bytes;
    size_t count = (size_t)run->results.image_count;
    if (!file_read_fd(run->journal.fd, run->journal.path, SIZE_MAX / 2, &bytes, err)) return false;
    struct lines lines = {.run = run,
                          .text = (const char *)bytes.data,
                          .start = mem_array(count, sizeof *lines.start),
                          .length = mem_array(count, sizeof *lines.length),
                          .strings = PTHREAD_MUTEX_INITIALIZER};
    bool ok = cut_torn(run, &bytes, err);
    index_lines(&lines, &bytes);
    if (ok) pool_run(run->session.pool, read_line, &lines, run->results.image_count);
    mem_free(lines.start);
    mem_free(lines.length);
    bytes_free(&bytes);
    return ok;
}
