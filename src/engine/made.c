#include "engine/made.h"

#include <string.h>

#include "base/hash.h"
#include "engine/initialise.h"
#include "engine/random.h"

struct made {
    struct made *next;
    struct slot slot; /* with a name, data and content of its own */
    enum init method;
    uint64_t seed;
};

void made_identify(const float *data, size_t count, uint64_t content[2]) {
    content[0] = hash64(data, count * sizeof *data, 1);
    content[1] = hash64(data, count * sizeof *data, 2);
    if (!content[0] && !content[1]) content[0] = 1; /* zero means not bound */
}

static bool same(const struct made *made, const struct slot *slot, enum init method,
                 uint64_t seed) {
    return made->method == method && made->seed == seed && made->slot.role == slot->role &&
           made->slot.scale == slot->scale && made->slot.rank == slot->rank &&
           memcmp(made->slot.dims, slot->dims, sizeof slot->dims) == 0 &&
           strcmp(made->slot.name, slot->name) == 0;
}

static struct made *make(const struct slot *slot, enum init method, uint64_t seed,
                         struct pool *pool) {
    struct made *made = mem_alloc(sizeof *made);
    *made = (struct made){.slot = *slot, .method = method, .seed = seed};
    made->slot.name = mem_strdup(slot->name);
    size_t count = slot_count(slot);
    float *data = mem_array(count, sizeof *data);
    if (method == INIT_NONE)
        random_fill(slot, seed, pool, data);
    else
        initialise_fill(slot, method, seed, data);
    made->slot.data = data;
    made_identify(data, count, made->slot.content);
    return made;
}

void made_bind(struct made **list, struct slot *slot, enum init method, uint64_t seed,
               struct pool *pool) {
    struct made *made = *list;
    while (made && !same(made, slot, method, seed)) made = made->next;
    if (!made) {
        made = make(slot, method, seed, pool);
        made->next = *list;
        *list = made;
    }
    slot->data = made->slot.data;
    memcpy(slot->content, made->slot.content, sizeof slot->content);
}

void made_free(struct made *list) {
    while (list) {
        struct made *next = list->next;
        mem_free((char *)list->slot.name);
        mem_free((float *)list->slot.data);
        mem_free(list);
        list = next;
    }
}
