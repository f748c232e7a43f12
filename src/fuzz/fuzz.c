#include "fuzz/fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "weights/checkpoint.h"

_Noreturn void fuzz_fail(const char *file, int line, const char *condition) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, condition);
    abort();
}

const char *fuzz_file(const uint8_t *data, size_t size) {
    static char path[64];
    static int fd = -1;
    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        FUZZ_CHECK(fd >= 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    FUZZ_CHECK(ftruncate(fd, (off_t)size) == 0);
    FUZZ_CHECK(pwrite(fd, data, size, 0) == (ssize_t)size);
    return path;
}

uint8_t *fuzz_copy(const uint8_t *data, size_t size) {
    uint8_t *copy = mem_alloc(size);
    if (size) memcpy(copy, data, size);
    return copy;
}

static void check_tensor(const struct checkpoint *c, const struct tensor *t) {
    size_t count = 1, nonfinite = 0;
    FUZZ_CHECK(t->rank >= 0 && t->rank <= TENSOR_RANK);
    for (int i = 0; i < t->rank; i++) count *= (size_t)t->dims[i];
    FUZZ_CHECK(count == t->count);
    FUZZ_CHECK(checkpoint_find(c, t->name) == t);
    for (size_t i = 0; t->data && i < t->count; i++) nonfinite += isfinite(t->data[i]) ? 0 : 1;
    FUZZ_CHECK(nonfinite == t->nonfinite);
}

void fuzz_checkpoint(const uint8_t *data, size_t size) {
    struct checkpoint c;
    struct err err = {0};
    struct checkpoint_options options = {.allow_nonfinite = size % 2 == 0};
    if (checkpoint_open(fuzz_memory(data, size), &options, &c, &err)) {
        FUZZ_CHECK(err.count == 0);
        for (int i = 0; i < c.tensor_count; i++) check_tensor(&c, &c.tensors[i]);
    } else {
        FUZZ_CHECK(err.count > 0 && err.text);
        FUZZ_CHECK(err.status == STATUS_BAD_INPUT || err.status == STATUS_LIMIT);
    }
    checkpoint_free(&c);
    err_free(&err);
}
