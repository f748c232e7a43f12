/* For tests: buffers that end, or begin, at a page that cannot be touched. */
#ifndef KERNELS_GUARD_H
#define KERNELS_GUARD_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"

struct guard {
    void *pages;
    size_t size;
    float *data;
};

/* `count` floats, the last one right before a forbidden page, or with `front` the first one right
 * after one. */
static inline struct guard guard_make(size_t count, int front) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = count * sizeof(float);
    size_t inner = (bytes + page - 1) / page * page;
    struct guard g = {.size = inner + 2 * page};
    /* cppcheck-suppress invalidFunctionArg ; memory without a file */
    g.pages = mmap(NULL, g.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.pages == MAP_FAILED) abort();
    char *start = (char *)g.pages + page;
    mprotect(g.pages, page, PROT_NONE);
    mprotect(start + inner, page, PROT_NONE);
    g.data = (float *)(void *)(front ? start : start + inner - bytes);
    return g;
}

static inline void guard_free(struct guard *g) {
    munmap(g->pages, g->size);
}

/* Values in [-1, 1), from a seed. */
static inline void guard_fill(float *x, size_t count, uint64_t *seed) {
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(int32_t)(hash_mix(*seed += 0x9E3779B97F4A7C15u) >> 32) * 0x1p-31f;
}

#endif
