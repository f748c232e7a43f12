/* Memory. No allocation here returns NULL: when memory runs out the process removes the files it
 * was writing, says so, and ends with STATUS_LIMIT. Sizes that come from a file are checked with
 * mem_mul and against a limit before they get here. All memory is zeroed. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t bytes);
void *mem_array(size_t count, size_t size); /* count * size bytes, the product checked */
void *mem_aligned(size_t bytes);            /* 64-byte aligned; freed with mem_free */
void *mem_pages(size_t bytes);              /* pages_map; freed with pages_unmap */
char *mem_strdup(const char *text);
void mem_free(void *p);

/* Makes room for at least `need` elements of `size` bytes in the growing array `*items` with
 * `*capacity` elements; new elements are zero. */
void mem_grow(void *items, size_t *capacity, size_t need, size_t size);

/* *product = a * b; false when that does not fit. */
bool mem_mul(size_t a, size_t b, size_t *product);
bool mem_add(size_t a, size_t b, size_t *sum);

/* Called once before the process ends for lack of memory (base/file removes temporary files). */
void mem_on_exhausted(void (*cleanup)(void));

/* An arena: many small objects with one lifetime. Start it zeroed. */
struct arena {
    struct arena_chunk *chunks;
};
void *arena_alloc(struct arena *arena, size_t bytes); /* zeroed, 16-byte aligned */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena); /* idempotent */

#endif
