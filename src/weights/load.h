/* From the bytes of a file to float tensors, whatever the format. A reader lists the regions of the
 * file and the tensors as views of them; load_run reads every region once, on all threads, checks
 * its CRC while the bytes are in the cache, and converts it to float32 in its final place. */
#ifndef WEIGHTS_LOAD_H
#define WEIGHTS_LOAD_H

#include "weights/checkpoint.h"
#include "weights/source.h"
#include "weights/zip.h"

struct load_region { /* adjacent elements of one type in the file */
    uint64_t offset; /* in the file, in bytes */
    int64_t numel;
    enum dtype dtype;
    const struct zip_entry *entry; /* whose CRC-32 is checked, or NULL */
    /* private */
    float *floats;
    size_t nonfinite;
};

struct load_view { /* of one tensor: elements of a region */
    int region;
    int64_t offset; /* in elements */
    int64_t strides[TENSOR_RANK];
    uint64_t at; /* where the file describes the tensor, for messages */
};

struct load {
    struct load_region *regions;
    int region_count;
    struct load_view *views; /* one for each of the checkpoint's tensors, in the same order */
    struct zip zip;          /* what the regions' entries belong to */
};
void load_free(struct load *load); /* idempotent */

size_t dtype_size(enum dtype dtype);
bool dtype_is_float(enum dtype dtype);

/* Reads everything: sets each tensor's data and nonfinite, and out->storage. Rules: the table in
 * load.c. */
bool load_run(const struct source *source, struct load *load,
              const struct checkpoint_options *options, struct checkpoint *out);

#endif
