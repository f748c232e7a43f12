/* Random weights that any program can make again bit for bit; the formula stands in random.c. */
#ifndef ENGINE_RANDOM_H
#define ENGINE_RANDOM_H

#include <stdint.h>

#include "base/pool.h"
#include "net/graph.h"

/* Fills out[slot_count(slot)] with the random weight of `slot`'s name, role and shape, on the
 * pool's threads (NULL: the caller's). */
void random_fill(const struct slot *slot, uint64_t seed, struct pool *pool, float *out);

/* fan_in: how many products are summed for one output, as far as the shape tells: the product of
 * all dimensions but that of the outputs. */
size_t random_fan_in(const struct slot *slot);

#endif
