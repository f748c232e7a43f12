#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"

static char mount[] = "/tmp/cgroup_test.XXXXXX";

static void put(const char *name, const char *text) {
    struct err err = {0};
    char *path = file_join(mount, name);
    CHECK(file_write(path, text, strlen(text), &err));
    mem_free(path);
}

static void drop(const char *name) {
    char *path = file_join(mount, name);
    CHECK(remove(path) == 0);
    mem_free(path);
}

int main(void) {
    CHECK(mkdtemp(mount) != NULL);
    struct err err = {0};
    char *deep = file_join(mount, "a/b");
    CHECK(file_make_dirs(deep, &err));
    mem_free(deep);
    CHECK(cgroup_available(mount, "/a/b") == SIZE_MAX);
    put("a/b/memory.max", "max\n");
    put("a/b/memory.current", "77\n");
    CHECK(cgroup_available(mount, "/a/b") == SIZE_MAX);
    put("a/memory.max", "1000\n");
    put("a/memory.current", "700\n");
    CHECK_INT(cgroup_available(mount, "/a/b"), 300);
    CHECK_INT(cgroup_available(mount, "/a"), 300);
    CHECK(cgroup_available(mount, "/") == SIZE_MAX);
    put("a/memory.stat", "anon 500\ninactive_file 150\nactive_file 9\n");
    CHECK_INT(cgroup_available(mount, "/a/b"), 450);
    put("a/b/memory.max", "200\n");
    CHECK_INT(cgroup_available(mount, "/a/b"), 123);
    put("a/b/memory.current", "300\n"); /* over its limit */
    CHECK_INT(cgroup_available(mount, "/a/b"), 0);
    CHECK(cgroup_available(mount, "/../a") == SIZE_MAX);
    CHECK(cgroup_available(mount, "") == SIZE_MAX);
    static const char *const names[] = {"a/b/memory.max",
                                        "a/b/memory.current",
                                        "a/memory.max",
                                        "a/memory.current",
                                        "a/memory.stat",
                                        "a/b",
                                        "a"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) drop(names[i]);
    CHECK(rmdir(mount) == 0);
    return check_end();
}
