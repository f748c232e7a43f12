/* Memory straight from the system, in whole pages: zero, and touched for the first time by whoever
 * uses it; in large pages where it is large, as a fault for every 4 KB can take longer than what is
 * done with the memory. What is spent can be used again elsewhere, which saves clearing as much. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

#define PAGES_LARGE ((size_t)2 << 20)

struct pages {
    char *at;
    size_t bytes;
};

/* At a multiple of PAGES_LARGE when there are so many. NULL when the system has none. */
void *pages_map(size_t bytes);
void pages_unmap(void *at, size_t bytes); /* NULL is fine */

/* The whole pages among `bytes` bytes from `at` on, which may be none. */
struct pages pages_within(void *at, size_t bytes);

/* Gives their memory back to the system. To touch them afterwards ends the process. */
void pages_drop(struct pages pages);

/* Moves large pages of `from`, contents and all, to `to` and after, over what is there, as many as
 * fill `bytes` or there are, and keeps the rest in `from`; 0 when `bytes` is less than one. To
 * touch them at the old place ends the process. Returns how many bytes were moved. What has no
 * large page, or where the system cannot move them, is dropped. `to` is a multiple of PAGES_LARGE
 * that pages_map gave. */
size_t pages_move(struct pages *from, void *to, size_t bytes);

#endif
