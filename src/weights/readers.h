/* The formats' readers: each fills out->tensors (names, types, shapes) and says in `load` where the
 * elements are; no element is read yet. */
#ifndef WEIGHTS_READERS_H
#define WEIGHTS_READERS_H

#include "weights/load.h"
#include "weights/pickle.h"

bool safetensors_read(const struct source *source, struct load *load, struct checkpoint *out);
bool torch_zip_read(const struct source *source, const char *key, struct load *load,
                    struct checkpoint *out);
bool torch_legacy_read(const struct source *source, const char *key, struct load *load,
                       struct checkpoint *out);

/* Where a storage of a .pth lies in the file: `offset`, and `entry` for a zip file's. False after
 * refusing. */
typedef bool torch_locate(void *context, const struct pickle_storage *storage, uint64_t *offset,
                          const struct zip_entry **entry);

/* Finds the dict of tensors in the pickle and fills `load` and `out` from it. Every storage that
 * the pickle mentions is located, used or not. */
bool torch_dict_read(const struct pickle *pickle, const char *key, torch_locate *locate,
                     void *context, struct load *load, struct checkpoint *out);

#endif
