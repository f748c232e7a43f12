#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pool.h"

static char folder[] = "/tmp/file_test.XXXXXX";

static char *inside(const char *name) {
    return file_join(folder, name);
}

static int count_files(void) {
    int count = 0;
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (dir) closedir(dir);
    return count;
}

static bool holds(const char *path, const char *want) {
    struct bytes bytes;
    struct err err = {0};
    bool same = file_read(path, 1 << 20, &bytes, &err) && bytes.size == strlen(want) &&
                memcmp(bytes.data, want, bytes.size) == 0;
    bytes_free(&bytes);
    err_free(&err);
    return same;
}

static void test_longest_name(void) {
    char name[256];
    struct err err = {0};
    memset(name, 'n', 255);
    name[255] = '\0';
    char *path = inside(name);
    CHECK(file_write(path, "x", 1, &err));
    CHECK(file_write_unsynced(path, "yy", 2, &err));
    CHECK(holds(path, "yy"));
    CHECK_INT(count_files(), 1);
    unlink(path);
    mem_free(path);
}

/* What cannot be written leaves what was there, and nothing else. */
static void test_failures(void) {
    struct err err = {0};
    char *path = inside("file"), *dir = inside("dir");
    CHECK(file_write(path, "old", 3, &err) && mkdir(dir, 0700) == 0);
    CHECK(!file_write(dir, "x", 1, &err) && err.status == STATUS_IO); /* a folder of that name */
    err_free(&err);
    struct rlimit unlimited, small = {.rlim_cur = 10000};
    getrlimit(RLIMIT_FSIZE, &unlimited);
    small.rlim_max = unlimited.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small); /* as a disk that fills up: a short write, then an error */
    char *large = mem_alloc(100000);
    CHECK(!file_write(path, large, 100000, &err) && err.status == STATUS_IO);
    CHECK(strstr(err.text, "File too large") != NULL);
    err_free(&err);
    setrlimit(RLIMIT_FSIZE, &unlimited);
    CHECK(holds(path, "old"));
    CHECK_INT(count_files(), 2);
    mem_free(large);
    unlink(path);
    rmdir(dir);
    mem_free(path);
    mem_free(dir);
}

static void test_devices(void) {
    struct err err = {0};
    struct stat info;
    CHECK(file_write("/dev/null", "x", 1, &err));
    CHECK(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
    CHECK(!file_write("/dev/full", "x", 1, &err) && err.status == STATUS_IO);
    CHECK_STR(err.text, "cannot write /dev/full: No space left on device");
    err_free(&err);
}

static void test_links(void) {
    struct err err = {0};
    char *file = inside("file"), *link = inside("link");
    CHECK(file_write(file, "kept", 4, &err) && symlink("file", link) == 0);
    CHECK(file_write(link, "new", 3, &err)); /* takes the link's place */
    CHECK(holds(file, "kept") && holds(link, "new"));
    unlink(file);
    unlink(link);
    mem_free(file);
    mem_free(link);
}

static void test_stale(void) {
    static const char *const names[] = {".stridelab-12-3.tmp", ".stridelab-12.tmp",
                                        ".stridelab--1.tmp",   ".stridelab-1-2.tmp.png",
                                        "stridelab-1-2.tmp",   ".stridelab-1-x.tmp"};
    enum { NAMES = sizeof names / sizeof *names };
    struct err err = {0};
    for (int i = 0; i < NAMES; i++) {
        char *path = inside(names[i]);
        CHECK(file_write(path, "", 0, &err));
        mem_free(path);
    }
    file_remove_stale(folder);
    CHECK_INT(count_files(), NAMES - 1);
    for (int i = 0; i < NAMES; i++) {
        char *path = inside(names[i]);
        CHECK(file_exists(path) == (i > 0));
        unlink(path);
        mem_free(path);
    }
    file_remove_stale("/nonexistent");
    CHECK(!file_exists("/nonexistent") && !file_exists("/etc/passwd/below"));
    char long_name[300];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    CHECK(file_exists(long_name)); /* nobody can tell */
}

static void test_append(void) {
    struct err err = {0};
    char *path = inside("lines");
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct bytes bytes;
    CHECK(fd >= 0 && file_append(fd, path, "a\n", 2, &err) &&
          file_append(fd, path, "b\n", 2, &err));
    CHECK(file_read_fd(fd, path, 100, &bytes, &err));
    CHECK_STR((char *)bytes.data, "a\nb\n");
    bytes_free(&bytes);
    CHECK(!file_read_fd(fd, path, 3, &bytes, &err) && err.status == STATUS_LIMIT);
    err_free(&err);
    struct rlimit unlimited, small = {.rlim_cur = 6};
    getrlimit(RLIMIT_FSIZE, &unlimited);
    small.rlim_max = unlimited.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK(!file_append(fd, path, "long line\n", 10, &err) && err.status == STATUS_IO);
    err_free(&err);
    setrlimit(RLIMIT_FSIZE, &unlimited);
    CHECK(holds(path, "a\nb\n")); /* the part that fitted is gone */
    close(fd);
    unlink(path);
    mem_free(path);
}

static void test_sha256(void) {
    struct err err = {0};
    char *path = inside("digest"), got[65], want[65];
    char *data = mem_alloc(200001);
    memset(data, 'a', 200001);
    sha256_hex_of(data, 200001, want);
    CHECK(file_write(path, data, 200001, &err) && file_sha256(path, got, &err));
    CHECK_STR(got, want);
    CHECK(!file_sha256(folder, got, &err) && err.status == STATUS_IO);
    err_free(&err);
    CHECK(!file_sha256("/nonexistent", got, &err) && err.status == STATUS_IO);
    err_free(&err);
    CHECK(file_sync(folder, &err) && file_sync("/nonexistent", &err));
    unlink(path);
    mem_free(path);
    mem_free(data);
}

static void write_one(void *context, int index, int worker) {
    (void)worker;
    char name[16];
    struct err err = {0};
    snprintf(name, sizeof name, "%d", index % 8); /* also the same name at once */
    char *path = inside(name);
    bool *done = context; /* CHECK counts for one thread */
    done[index] = file_write_unsynced(path, "0123456789", 10, &err) && holds(path, "0123456789");
    err_free(&err);
    mem_free(path);
}

static void test_threads(void) {
    struct pool *pool = pool_create(4);
    bool done[400] = {0};
    pool_run(pool, write_one, done, 400);
    for (int i = 0; i < 400; i++) CHECK(done[i]);
    pool_free(pool);
    CHECK_INT(count_files(), 8);
    for (int i = 0; i < 8; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        char *path = inside(name);
        unlink(path);
        mem_free(path);
    }
}

static void check_way(const char *dir, const char *path, const char *want) {
    struct err err = {0};
    char *from = inside(dir), *to = inside(path), *way = file_relative(from, to, &err);
    CHECK_STR(way ? way : err.text, want);
    mem_free(way);
    mem_free(to);
    mem_free(from);
    err_free(&err);
}

static void test_relative(void) {
    struct err err = {0};
    char *deep = inside("a/b/c"), *near = inside("a/bb"), *none = inside("none");
    CHECK(file_make_dirs(deep, &err) && file_make_dirs(near, &err));
    check_way("a/b", "a/b", "");
    check_way("a/b", "a/b/c", "c");
    check_way("a/b/c", "a", "../..");
    check_way("a/b/c", "a/bb", "../../bb"); /* a common prefix of names is no common folder */
    check_way("a/b/../b", "a/./bb/", "../bb");
    char *way = file_relative(deep, "/", &err);
    CHECK_STR(way, "/");
    mem_free(way);
    CHECK(!file_relative(deep, none, &err) && err.status == STATUS_IO);
    err_free(&err);
    rmdir(deep);
    rmdir(near);
    static const char *const left[] = {"a/b", "a"};
    for (int i = 0; i < 2; i++) {
        char *path = inside(left[i]);
        rmdir(path);
        mem_free(path);
    }
    mem_free(deep);
    mem_free(near);
    mem_free(none);
}

int main(void) {
    CHECK(mkdtemp(folder) != NULL);
    test_longest_name();
    test_failures();
    test_devices();
    test_links();
    test_stale();
    test_append();
    test_sha256();
    test_relative();
    test_threads();
    CHECK_INT(count_files(), 0);
    rmdir(folder);
    return check_end();
}
