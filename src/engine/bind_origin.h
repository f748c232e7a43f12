/* Whether weights were trained for the variant that runs them (private to bind). */
#ifndef ENGINE_BIND_ORIGIN_H
#define ENGINE_BIND_ORIGIN_H

#include "config/config.h"
#include "weights/checkpoint.h"

/* True when `checkpoint` counts as trained for `variant`, one of the config's (by name):
 *   - the file's metadata "stridelab.architecture" is the hash of the variant, or that of another
 *     variant of the config that cannot differ from it at `size`;
 *   - without such metadata: the variant owns the file, or cannot differ at `size` from the one
 *     that does. The owner of a file is the first variant whose own document names it; else the
 *     first that inherits it.
 * Otherwise the weights are transplanted: they were trained for another function. */
bool bind_origin_trained(const struct config *config, const struct config_variant *variant,
                         const struct checkpoint *checkpoint, struct extent size);

#endif
