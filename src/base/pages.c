#include "base/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *pages_map(size_t bytes) {
    size_t slack = bytes < PAGES_LARGE ? 0 : PAGES_LARGE;
    if (bytes > SIZE_MAX - PAGES_LARGE) return NULL;
    char *at =
        /* cppcheck-suppress invalidFunctionArg ; memory without a file */
        mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return NULL;
    if (!slack) return at;
    size_t before = (PAGES_LARGE - (uintptr_t)at % PAGES_LARGE) % PAGES_LARGE;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), kept = (bytes + page - 1) / page * page;
    char *start = at + before;
    if (before) munmap(at, before);
    if (slack - before) munmap(start + kept, slack - before);
    madvise(start, bytes, MADV_HUGEPAGE);
    return start;
}

void pages_unmap(void *at, size_t bytes) {
    if (at) munmap(at, bytes);
}

static struct pages whole(char *at, size_t bytes, size_t page) {
    size_t before = (page - (uintptr_t)at % page) % page;
    if (before > bytes) return (struct pages){0};
    return (struct pages){at + before, (bytes - before) / page * page};
}

struct pages pages_within(void *at, size_t bytes) {
    return whole(at, bytes, (size_t)sysconf(_SC_PAGESIZE));
}

void pages_drop(struct pages pages) {
    if (!pages.bytes) return;
    madvise(pages.at, pages.bytes, MADV_DONTNEED);
    mprotect(pages.at, pages.bytes, PROT_NONE); /* so that a mistake is a crash and not zeros */
}

/* The mapping stays behind, empty, so that nothing else can come to lie there before its owner
 * unmaps it. */
static bool move(char *from, size_t bytes, char *to) {
#ifdef MREMAP_DONTUNMAP
    int flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
    if (mremap(from, bytes, bytes, flags, to) == MAP_FAILED) return false;
    mprotect(from, bytes, PROT_NONE);
    return true;
#else
    (void)from, (void)bytes, (void)to;
    return false;
#endif
}

size_t pages_move(struct pages *from, void *to, size_t bytes) {
    struct pages large = whole(from->at, from->bytes, PAGES_LARGE);
    char *end = from->at + from->bytes;
    if (bytes < PAGES_LARGE) return 0;
    if (large.bytes > bytes) large.bytes = bytes / PAGES_LARGE * PAGES_LARGE;
    if (!large.bytes || !move(large.at, large.bytes, to)) {
        pages_drop(*from);
        *from = (struct pages){0};
        return 0;
    }
    pages_drop((struct pages){from->at, (size_t)(large.at - from->at)});
    from->at = large.at + large.bytes;
    from->bytes = (size_t)(end - from->at);
    return large.bytes;
}
