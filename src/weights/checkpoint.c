#include "weights/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "weights/digest.h"
#include "weights/readers.h"

const char *dtype_name(enum dtype dtype) {
    static const char *const names[] = {
        [DTYPE_F32] = "F32",  [DTYPE_F64] = "F64", [DTYPE_F16] = "F16", [DTYPE_BF16] = "BF16",
        [DTYPE_I64] = "I64",  [DTYPE_I32] = "I32", [DTYPE_I16] = "I16", [DTYPE_I8] = "I8",
        [DTYPE_U64] = "U64",  [DTYPE_U32] = "U32", [DTYPE_U16] = "U16", [DTYPE_U8] = "U8",
        [DTYPE_BOOL] = "BOOL"};
    return names[dtype];
}

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Refuses, by name, what people take for a checkpoint. */
static bool refuse_unknown(const struct source *s, const uint8_t *head, size_t size) {
    if (size >= 262 && memcmp(head + 257, "ustar", 5) == 0)
        return source_refuse(s, 257, "format",
                             "a tar file (torch before 0.1.12); save it again with a newer torch");
    if (size >= 2 && head[0] == 0x1f && head[1] == 0x8b)
        return source_refuse(s, 0, "format", "a gzip file; unpack it first");
    if (size >= 8 && memcmp(head, "\x89HDF\r\n\x1a\n", 8) == 0)
        return source_refuse(s, 0, "format", "an HDF5 (Keras) file");
    return source_refuse(s, 0, "format",
                         "neither a safetensors file nor a PyTorch .pth (zip or legacy)");
}

static bool read_tensors(const struct source *s, const char *key, struct load *load,
                         struct checkpoint *out) {
    uint8_t head[512] = {0};
    size_t size = s->size < sizeof head ? (size_t)s->size : sizeof head;
    if (!source_read(s, 0, head, size)) return false;
    if (size >= 4 && memcmp(head, "PK\3\4", 4) == 0) {
        out->format = CHECKPOINT_TORCH_ZIP;
        return torch_zip_read(s, key, load, out);
    }
    bool safetensors =
        size >= 9 && source_u64(head) <= s->size && (head[8] == '{' || is_space(head[8]));
    const char *ending = strrchr(s->path, '.');
    if (!safetensors && size >= 2 && head[0] == 0x80 && head[1] <= 5) {
        out->format = CHECKPOINT_TORCH_LEGACY;
        return torch_legacy_read(s, key, load, out);
    }
    if (safetensors || (ending && strcmp(ending, ".safetensors") == 0)) {
        out->format = CHECKPOINT_SAFETENSORS;
        return safetensors_read(s, load, out);
    }
    return refuse_unknown(s, head, size);
}

static int by_name(const void *a, const void *b, void *context) {
    const struct checkpoint *c = context;
    return strcmp(c->tensors[*(const int *)a].name, c->tensors[*(const int *)b].name);
}

static void sort_names(struct checkpoint *c) {
    c->by_name = mem_array((size_t)c->tensor_count, sizeof *c->by_name);
    for (int i = 0; i < c->tensor_count; i++) c->by_name[i] = i;
    qsort_r(c->by_name, (size_t)c->tensor_count, sizeof *c->by_name, by_name, c);
}

bool checkpoint_open(const char *path, const struct checkpoint_options *options,
                     struct checkpoint *out, struct err *err) {
    struct source source;
    struct load load = {0};
    *out = (struct checkpoint){.path = NULL};
    out->path = arena_strdup(&out->arena, path);
    bool ok = source_open(&source, out->path, err);
    if (ok) {
        out->file_size = (size_t)source.size;
        out->digest = digest_begin(&source, options->pool);
        ok = read_tensors(&source, options->key, &load, out) &&
             load_run(&source, &load, options, out);
    }
    if (ok) sort_names(out);
    load_free(&load);
    if (!out->digest) source_close(&source);
    return ok;
}

bool checkpoint_digest(struct checkpoint *checkpoint, struct err *err) {
    struct digest *digest = checkpoint->digest;
    checkpoint->digest = NULL;
    return !digest || digest_end(digest, checkpoint->sha256, err);
}

void checkpoint_free(struct checkpoint *checkpoint) {
    digest_cancel(checkpoint->digest);
    pages_unmap(checkpoint->storage, checkpoint->storage_size);
    mem_free(checkpoint->tensors);
    mem_free(checkpoint->metadata);
    mem_free(checkpoint->by_name);
    arena_free(&checkpoint->arena);
    *checkpoint = (struct checkpoint){0};
}

struct pages checkpoint_give(const struct checkpoint *checkpoint, const float *data, size_t count) {
    uintptr_t storage = (uintptr_t)checkpoint->storage, at = (uintptr_t)data;
    size_t bytes = count * sizeof *data;
    if (!storage || at < storage || at + bytes > storage + checkpoint->storage_size)
        return (struct pages){0};
    return pages_within((char *)checkpoint->storage + (at - storage), bytes);
}

const struct tensor *checkpoint_find(const struct checkpoint *checkpoint, const char *name) {
    int low = 0, high = checkpoint->tensor_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        const struct tensor *t = &checkpoint->tensors[checkpoint->by_name[middle]];
        int order = strcmp(name, t->name);
        if (order == 0) return t;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
