#include "base/mem.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/pages.h"

static void (*on_exhausted)(void);

void mem_on_exhausted(void (*cleanup)(void)) {
    on_exhausted = cleanup;
}

static _Noreturn void exhausted(size_t bytes) {
    char message[96];
    int length = snprintf(message, sizeof message,
                          "stridelab: out of memory (%zu bytes were asked for)\n", bytes);
    if (on_exhausted) on_exhausted();
    if (write(STDERR_FILENO, message, (size_t)length) < 0) _exit(STATUS_LIMIT);
    _exit(STATUS_LIMIT);
}

#ifdef MEM_FAULTS
/* A build for tests alone (`make torture`): allocation number $STRIDELAB_FAIL_ALLOC fails, counted
 * from 1 over all threads, and so does every later one. */
static bool is_refused(void) {
    static atomic_long last = -1, count;
    if (atomic_load(&last) < 0) {
        const char *text = getenv("STRIDELAB_FAIL_ALLOC");
        atomic_store(&last, text ? atol(text) : 0);
    }
    long limit = atomic_load(&last);
    return limit > 0 && atomic_fetch_add(&count, 1) + 1 >= limit;
}
#else
static bool is_refused(void) {
    return false;
}
#endif

bool mem_mul(size_t a, size_t b, size_t *product) {
    return !__builtin_mul_overflow(a, b, product);
}

bool mem_add(size_t a, size_t b, size_t *sum) {
    return !__builtin_add_overflow(a, b, sum);
}

void *mem_alloc(size_t bytes) {
    void *p = is_refused() ? NULL : calloc(bytes ? bytes : 1, 1);
    if (!p) exhausted(bytes);
    return p;
}

void *mem_array(size_t count, size_t size) {
    size_t bytes;
    if (!mem_mul(count, size, &bytes)) exhausted(SIZE_MAX);
    return mem_alloc(bytes);
}

void *mem_aligned(size_t bytes) {
    void *p = NULL;
    if (is_refused() || posix_memalign(&p, 64, bytes ? bytes : 1) != 0) exhausted(bytes);
    memset(p, 0, bytes);
    return p;
}

void *mem_pages(size_t bytes) {
    void *p = is_refused() ? NULL : pages_map(bytes ? bytes : 1);
    if (!p) exhausted(bytes);
    return p;
}

char *mem_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(mem_alloc(size), text, size);
}

void mem_free(void *p) {
    free(p);
}

void mem_grow(void *items, size_t *capacity, size_t need, size_t size) {
    if (need <= *capacity) return;
    size_t wanted = *capacity < 8 ? 8 : *capacity + *capacity / 2, bytes;
    if (wanted < need) wanted = need;
    if (!mem_mul(wanted, size, &bytes)) exhausted(SIZE_MAX);
    char *old, *grown;
    memcpy(&old, items, sizeof old); /* `items` points at a pointer of any object type */
    grown = is_refused() ? NULL : realloc(old, bytes);
    if (!grown) exhausted(bytes);
    memset(grown + *capacity * size, 0, (wanted - *capacity) * size);
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
}

/* Chunks double up to a megabyte; a large object gets a chunk of its own. */
struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(16) char data[];
};

void *arena_alloc(struct arena *arena, size_t bytes) {
    if (bytes > SIZE_MAX - 64) exhausted(bytes);
    bytes = (bytes + 15) & ~(size_t)15;
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < bytes) {
        size_t size = chunk && chunk->size < (1u << 20) ? chunk->size * 2 : 1u << 12;
        if (size < bytes) size = bytes;
        chunk = mem_alloc(sizeof *chunk + size);
        chunk->size = size;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *p = chunk->data + chunk->used;
    chunk->used += bytes;
    return p;
}

char *arena_strdup(struct arena *arena, const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(arena_alloc(arena, size), text, size);
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void arena_free(struct arena *arena) {
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        mem_free(chunk);
    }
    arena->chunks = NULL;
}
