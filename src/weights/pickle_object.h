/* What the few allowed globals of a pickle mean. */
#ifndef WEIGHTS_PICKLE_OBJECT_H
#define WEIGHTS_PICKLE_OBJECT_H

#include "weights/pickle.h"

/* The global `module` `name` (NUL-terminated) becomes a node. */
pickle_index object_global(struct pickle *p, uint32_t at, const char *module, const char *name);
/* A persistent id becomes a storage. */
pickle_index object_persistent(struct pickle *p, uint32_t at, pickle_index id);
/* The callable `what` with the arguments `args` becomes what it would make. */
pickle_index object_reduce(struct pickle *p, uint32_t at, pickle_index what, pickle_index args);
pickle_index object_new(struct pickle *p, uint32_t at, pickle_index what, pickle_index args);
/* May `state` be given to `target`? It is dropped. */
bool object_build(struct pickle *p, uint32_t at, pickle_index target, pickle_index state);

#endif
