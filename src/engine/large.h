/* Large memory: in large pages where the system can, as a fault for every 4 KB can take longer than
 * what is done with the memory. */
#ifndef ENGINE_LARGE_H
#define ENGINE_LARGE_H

#include "base/pages.h"

struct large {
    float *floats; /* on a cache line */
    void *memory;  /* what they lie in */
    size_t mapped; /* bytes of pages, or 0: from mem_alloc */
};

/* Memory that nobody reads again, to be used again. Start it zeroed. */
struct spent {
    struct pages *pages;
    size_t count, capacity;
};
void spent_add(struct spent *spent, struct pages pages);
void spent_free(struct spent *spent); /* drops what is left */

struct large large_alloc(size_t floats); /* zero */
/* With anything in them: made of pages of `spent`, as far as these go. */
struct large large_reuse(size_t floats, struct spent *spent);
void large_free(struct large *large); /* a zeroed one is fine */

#endif
