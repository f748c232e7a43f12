#include "engine/large.h"

#include <stdint.h>
#include <sys/mman.h>

#include "base/mem.h"

#define CACHE_LINE ((size_t)64)
#define LARGE_PAGE ((size_t)2 << 20)

struct large large_alloc(size_t floats) {
    size_t bytes = floats * sizeof(float);
    size_t alignment = bytes < LARGE_PAGE ? CACHE_LINE : LARGE_PAGE;
    struct large large = {.memory = mem_alloc(bytes + alignment)};
    uintptr_t at = (uintptr_t)large.memory;
    large.floats = (float *)((at + alignment - 1) / alignment * alignment);
#ifdef MADV_HUGEPAGE
    if (alignment == LARGE_PAGE) (void)madvise(large.floats, bytes, MADV_HUGEPAGE);
#endif
    return large;
}

void large_free(struct large *large) {
    mem_free(large->memory);
    *large = (struct large){0};
}
