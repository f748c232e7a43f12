/* Reads JSON values into the structs of config.h. A value that is not as described is left out:
 * validate.c has reported it. */
#ifndef CONFIG_STORE_H
#define CONFIG_STORE_H

#include "base/mem.h"
#include "config/schema.h"

/* Writes the object's members over the fields of `out`; other fields stay as they are, so that
 * storing one layer after another merges them. Strings are copied to `arena`. A decoder or a type
 * of norm other than the one in place brings its own standard values. */
void store_object(struct arena *arena, const struct type *object, const struct json_node *node,
                  void *out);

/* Writes the standard values of all keys into `out`, which starts zeroed. */
void store_standard(struct arena *arena, const struct type *object, void *out);

/* Sets the keys that depend on up->decoder (kernel, stride, ...) to that decoder's standard. */
void store_decoder_standard(struct arena *arena, struct config_up *up);

#endif
