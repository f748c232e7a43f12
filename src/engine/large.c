#include "engine/large.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

#define CACHE_LINE ((size_t)64)

struct large large_alloc(size_t floats) {
    size_t bytes = floats * sizeof(float);
    size_t alignment = bytes < PAGES_LARGE ? CACHE_LINE : PAGES_LARGE;
    struct large large = {.memory = mem_alloc(bytes + alignment)};
    uintptr_t at = (uintptr_t)large.memory;
    large.floats = (float *)((at + alignment - 1) / alignment * alignment);
#ifdef MADV_HUGEPAGE
    if (alignment == PAGES_LARGE) (void)madvise(large.floats, bytes, MADV_HUGEPAGE);
#endif
    return large;
}

/* Under the sanitizers NaN everywhere: whoever relies on zeros is found. */
static struct large spoilt(struct large large, size_t floats) {
#ifdef __SANITIZE_ADDRESS__
    memset(large.floats, 0xff, floats * sizeof(float));
#endif
    (void)floats;
    return large;
}

struct large large_reuse(size_t floats, struct spent *spent) {
    size_t bytes = floats * sizeof(float), moved = 0;
    if (bytes < PAGES_LARGE) return spoilt(large_alloc(floats), floats);
    struct large large = {.memory = mem_pages(bytes), .mapped = bytes};
    large.floats = large.memory;
    while (spent->count && bytes - moved >= PAGES_LARGE) {
        struct pages *last = &spent->pages[spent->count - 1];
        moved += pages_move(last, (char *)large.memory + moved, bytes - moved);
        if (last->bytes == 0) spent->count--;
    }
    return spoilt(large, floats);
}

void large_free(struct large *large) {
    if (large->mapped)
        pages_unmap(large->memory, large->mapped);
    else
        mem_free(large->memory);
    *large = (struct large){0};
}

void spent_add(struct spent *spent, struct pages pages) {
    if (!pages.bytes) return;
    mem_grow(&spent->pages, &spent->capacity, spent->count + 1, sizeof *spent->pages);
    spent->pages[spent->count++] = pages;
}

void spent_free(struct spent *spent) {
    for (size_t i = 0; i < spent->count; i++) pages_drop(spent->pages[i]);
    mem_free(spent->pages);
    *spent = (struct spent){0};
}
