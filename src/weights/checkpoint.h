/* A checkpoint: the tensors of a safetensors file or a PyTorch .pth (zip or legacy), read by our
 * own strict readers; nothing in a file is ever executed. Rules: see the tables at the head of
 * safetensors.c, zip.c and pickle.c. */
#ifndef WEIGHTS_CHECKPOINT_H
#define WEIGHTS_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/pages.h"
#include "base/pool.h"

enum dtype {
    DTYPE_F32,
    DTYPE_F64,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_I64,
    DTYPE_I32,
    DTYPE_I16,
    DTYPE_I8,
    DTYPE_U64,
    DTYPE_U32,
    DTYPE_U16,
    DTYPE_U8,
    DTYPE_BOOL
};
const char *dtype_name(enum dtype dtype); /* "F32" as in safetensors */

#define TENSOR_RANK 8

struct tensor {
    const char *name; /* as in the file, "module." kept */
    enum dtype dtype; /* in the file */
    int rank;
    int64_t dims[TENSOR_RANK];
    size_t count;      /* the product of dims; 1 for a scalar */
    const float *data; /* contiguous, converted to float32; NULL for integer dtypes */
    size_t nonfinite;  /* NaN and infinities in data */
};

enum checkpoint_format { CHECKPOINT_SAFETENSORS, CHECKPOINT_TORCH_ZIP, CHECKPOINT_TORCH_LEGACY };

struct checkpoint_pair { /* safetensors __metadata__ */
    const char *key, *value;
};

struct checkpoint {
    const char *path;
    enum checkpoint_format format;
    struct tensor *tensors; /* in file order; names are unique */
    int tensor_count;
    struct checkpoint_pair *metadata;
    int metadata_count;
    size_t file_size;
    char sha256[65]; /* of the file; empty until checkpoint_digest */
    const char
        *key; /* the dict inside a .pth that the tensors were found in; NULL: the file's own */
    /* private */
    struct arena arena;
    void *storage; /* the floats, a mapping of its own */
    size_t storage_size;
    int *by_name;          /* numbers of the tensors, sorted by name */
    struct digest *digest; /* under way, the file still open */
};

struct checkpoint_options {
    const char *key;      /* which dict inside a .pth holds the tensors, or NULL: found */
    bool allow_nonfinite; /* else NaN or infinity in a float tensor is refused */
    struct pool *pool;    /* for reading, checksums and conversion; may be NULL */
};

/* Reads the whole file. A refusal names file, byte offset and rule, STATUS_BAD_INPUT; an unreadable
 * file is STATUS_IO, over a limit STATUS_LIMIT. The caller frees `out` with checkpoint_free, also
 * after a failure. */
bool checkpoint_open(const char *path, const struct checkpoint_options *options,
                     struct checkpoint *out, struct err *err);
void checkpoint_free(struct checkpoint *checkpoint); /* idempotent */

/* Sets `sha256`, which is made beside other work. False, and STATUS_IO, when the file could not be
 * read again. */
bool checkpoint_digest(struct checkpoint *checkpoint, struct err *err);

/* The memory of `count` floats from `data` on, as far as they fill pages and lie in the checkpoint,
 * for the caller to move or drop. To read the floats afterwards ends the process. */
struct pages checkpoint_give(const struct checkpoint *checkpoint, const float *data, size_t count);

/* The tensor of that name, or NULL. */
const struct tensor *checkpoint_find(const struct checkpoint *checkpoint, const char *name);

#endif
