/* Tensors that are made here, random or by "init": each once, however many variants share it. */
#ifndef ENGINE_MADE_H
#define ENGINE_MADE_H

#include <stdint.h>

#include "base/pool.h"
#include "config/config.h"
#include "net/graph.h"

/* 128 bits that identify data of `count` floats by content. */
void made_identify(const float *data, size_t count, uint64_t content[2]);

struct made; /* a list; NULL is the empty one */

/* Sets the data and the content of `slot`: random for INIT_NONE, else made by `method`. The data
 * is owned by `*list`. */
void made_bind(struct made **list, struct slot *slot, enum init method, uint64_t seed,
               struct pool *pool);
void made_free(struct made *list);

#endif
