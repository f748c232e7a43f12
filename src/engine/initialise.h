/* Weights that no file has, made as the config's "init" asks. */
#ifndef ENGINE_INITIALISE_H
#define ENGINE_INITIALISE_H

#include <stdint.h>

#include "config/config.h"
#include "net/graph.h"

/* The variant's init for the tensor of that plain name: the first whose prefix it starts with, or
 * NULL. */
const struct config_init *initialise_find(const struct config_variant *variant, const char *plain);

/* Fills out[slot_count(slot)]; `method` is not INIT_NONE. */
void initialise_fill(const struct slot *slot, enum init method, uint64_t seed, float *out);

#endif
