#include "metrics/scratch.h"

#include <string.h>

#include "base/mem.h"

struct scratch_slot {
    void *data;
    size_t size;
};

void *scratch_take(struct scratch *scratch, size_t count, size_t size) {
    if (scratch->used == scratch->count) {
        mem_grow(&scratch->slots, &scratch->capacity, scratch->count + 1, sizeof *scratch->slots);
        scratch->count++;
    }
    struct scratch_slot *slot = &scratch->slots[scratch->used++];
    size_t bytes;
    if (!mem_mul(count ? count : 1, size, &bytes)) bytes = (size_t)-1 / 2; /* ends the process */
    if (slot->size < bytes) {
        mem_free(slot->data);
        slot->data = mem_aligned(bytes);
        slot->size = bytes;
    }
    return slot->data;
}

size_t scratch_mark(const struct scratch *scratch) {
    return scratch->used;
}

void scratch_release(struct scratch *scratch, size_t mark) {
    scratch->used = mark;
}

void scratch_free(struct scratch *scratch) {
    for (size_t i = 0; i < scratch->count; i++) mem_free(scratch->slots[i].data);
    mem_free(scratch->slots);
    memset(scratch, 0, sizeof *scratch);
}
