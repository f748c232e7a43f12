/* Working memory that is reused from image to image: a stack of buffers. A sequence of takes that
 * repeats finds its buffers already there. Start it zeroed. */
#ifndef METRICS_SCRATCH_H
#define METRICS_SCRATCH_H

#include <stddef.h>

struct scratch {
    struct scratch_slot *slots;
    size_t count, capacity; /* slots made */
    size_t used;            /* slots taken */
};

/* count * size bytes, 64-byte aligned, NOT zeroed; valid until scratch_release to an earlier
 * mark. */
void *scratch_take(struct scratch *scratch, size_t count, size_t size);
#define SCRATCH(scratch, type, count) ((type *)scratch_take(scratch, count, sizeof(type)))

size_t scratch_mark(const struct scratch *scratch);
void scratch_release(struct scratch *scratch, size_t mark);
void scratch_free(struct scratch *scratch); /* idempotent */

#endif
