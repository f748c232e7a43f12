/* Large memory: zeroed by the system when it is first touched, in large pages where it can, as a
 * fault for every 4 KB can take longer than what is done with the memory. */
#ifndef ENGINE_LARGE_H
#define ENGINE_LARGE_H

#include <stddef.h>

struct large {
    float *floats; /* on a cache line; zero */
    void *memory;  /* what they lie in */
};

struct large large_alloc(size_t floats);
void large_free(struct large *large); /* a zeroed one is fine */

#endif
