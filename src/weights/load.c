/* Rules:
 *
 *   T9   at most 4 GiB of floats, and at most 4 times the file's size (and 1 MiB); counted as
 *        often as tensors share them, 4 times that
 *   T10  no NaN, no infinity (also what float64 cannot bring into float32), unless allowed
 *   T11  no running_var is negative
 */
#include "weights/load.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/pages.h"
#include "weights/convert.h"

/* Bytes read at a time: they stay in a core's second cache for the CRC and the conversion. */
#define CHUNK (256u << 10)
/* Floats that one thread makes at a time: as many as a huge page has, so that two threads seldom
 * touch one for the first time together and clear it twice. */
#define PIECE       (1 << 19)
#define MAX_FLOATS  ((size_t)4 << 30)
#define ALIGNMENT   64
#define MAX_REPORTS 8

void load_free(struct load *load) {
    mem_free(load->regions);
    mem_free(load->views);
    zip_free(&load->zip);
    *load = (struct load){0};
}

size_t dtype_size(enum dtype dtype) {
    static const uint8_t sizes[] = {
        [DTYPE_F32] = 4, [DTYPE_F64] = 8, [DTYPE_F16] = 2, [DTYPE_BF16] = 2, [DTYPE_I64] = 8,
        [DTYPE_I32] = 4, [DTYPE_I16] = 2, [DTYPE_I8] = 1,  [DTYPE_U64] = 8,  [DTYPE_U32] = 4,
        [DTYPE_U16] = 2, [DTYPE_U8] = 1,  [DTYPE_BOOL] = 1};
    return sizes[dtype];
}

bool dtype_is_float(enum dtype dtype) {
    return dtype == DTYPE_F32 || dtype == DTYPE_F64 || dtype == DTYPE_F16 || dtype == DTYPE_BF16;
}

struct piece { /* of a region */
    int region;
    int64_t first, count; /* elements */
    uint32_t crc;
    size_t nonfinite;
};

struct run {
    const struct source *source;
    struct load *load;
    struct checkpoint *out;
    struct piece *pieces;
    size_t piece_count;
    uint8_t *scratch;    /* `scratch_size` bytes a worker */
    size_t scratch_size; /* a chunk, or the whole of a small file */
    int *gathered;       /* tensors that need a contiguous copy */
    int gathered_count;
    float **places;     /* of the copies, by tensor */
    atomic_int failure; /* errno + 1 of a failed read, or 0 */
};

static bool is_contiguous(const struct tensor *t, const int64_t *strides) {
    int64_t expected = 1;
    if (t->count == 0) return true;
    for (int i = t->rank - 1; i >= 0; i--) {
        if (t->dims[i] == 1) continue;
        if (strides[i] != expected) return false;
        expected *= t->dims[i];
    }
    return true;
}

/* Bytes of `count` floats, rounded up to whole cache lines. */
static size_t place_size(size_t count) {
    return (count * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Adds `count` floats to *total, which may be `limit` bytes. */
static bool add_floats(const struct run *run, uint64_t at, size_t count, size_t *total,
                       size_t limit) {
    size_t bytes;
    if (mem_mul(count, sizeof(float), &bytes) && mem_add(*total, bytes, total) && *total <= limit)
        return true;
    return source_over_limit(run->source, at, "tensor T9",
                             "the tensors have more than %zu bytes as float32", limit);
}

/* T9; lists the tensors that are not contiguous in their region. *size is the memory to map. */
static bool measure(struct run *run, size_t *size) {
    const struct load *load = run->load;
    uint64_t file = run->source->size;
    size_t limit = file < MAX_FLOATS / 4 ? (size_t)file * 4 + (1u << 20) : MAX_FLOATS;
    size_t total = 0, shared = 0;
    *size = ALIGNMENT;
    for (int i = 0; i < load->region_count; i++) {
        const struct load_region *r = &load->regions[i];
        if (!dtype_is_float(r->dtype)) continue;
        if (!add_floats(run, r->offset, (size_t)r->numel, &total, limit)) return false;
        *size += place_size((size_t)r->numel);
    }
    for (int i = 0; i < run->out->tensor_count; i++) {
        const struct tensor *t = &run->out->tensors[i];
        const struct load_view *view = &load->views[i];
        if (!dtype_is_float(t->dtype)) continue;
        if (!add_floats(run, view->at, t->count, &shared, 4 * limit)) return false;
        if (is_contiguous(t, view->strides)) continue;
        if (!add_floats(run, view->at, t->count, &total, limit)) return false;
        *size += place_size(t->count);
        run->gathered[run->gathered_count++] = i;
    }
    return true;
}

/* Gives every float region, and every tensor that is not contiguous in its region, a place. */
static bool place(struct run *run) {
    struct load *load = run->load;
    struct checkpoint *out = run->out;
    size_t size;
    if (!measure(run, &size)) return false;
    /* They are first touched by the thread that reads into them. */
    void *storage = pages_map(size);
    if (!storage)
        return err_add(run->source->err, STATUS_LIMIT, "%s: no memory for %zu bytes of tensors",
                       SAFE(run->source->path), size);
    out->storage = storage;
    out->storage_size = size;

    char *next = storage;
    for (int i = 0; i < load->region_count; i++) {
        struct load_region *r = &load->regions[i];
        if (!dtype_is_float(r->dtype)) continue;
        r->floats = (float *)next;
        next += place_size((size_t)r->numel);
    }
    for (int i = 0; i < run->gathered_count; i++) {
        int tensor = run->gathered[i];
        run->places[tensor] = (float *)next;
        next += place_size(out->tensors[tensor].count);
    }
    return true;
}

static void cut(struct run *run) {
    size_t capacity = 0;
    for (int i = 0; i < run->load->region_count; i++) {
        const struct load_region *r = &run->load->regions[i];
        int64_t first = 0;
        do { /* at least one, for the CRC of an empty record */
            int64_t count = r->numel - first < PIECE ? r->numel - first : PIECE;
            mem_grow(&run->pieces, &capacity, run->piece_count + 1, sizeof *run->pieces);
            run->pieces[run->piece_count++] =
                (struct piece){.region = i, .first = first, .count = count};
            first += count;
        } while (first < r->numel);
    }
}

static void fail(struct run *run) {
    atomic_store(&run->failure, errno + 1);
}

/* Reads `count` elements of `r` from `first` on, part of `piece`. False when that fails. */
static bool read_chunk(const struct source *source, const struct load_region *r, int64_t first,
                       size_t count, uint8_t *scratch, struct piece *piece) {
    size_t item = dtype_size(r->dtype), bytes = count * item;
    float *floats = r->floats ? r->floats + first : NULL;
    void *raw = r->dtype == DTYPE_F32 ? (void *)floats : scratch;
    if (!source_fetch(source, r->offset + (uint64_t)first * item, raw, bytes)) return false;
    if (r->entry) piece->crc = crc32_add(piece->crc, raw, bytes);
    if (!floats) return true;
    if (raw == scratch) convert_to_float(r->dtype, raw, floats, count);
    piece->nonfinite += convert_nonfinite(floats, count);
    return true;
}

static void read_piece(struct run *run, struct piece *piece, uint8_t *scratch) {
    const struct load_region *r = &run->load->regions[piece->region];
    int64_t most = (int64_t)(CHUNK / dtype_size(r->dtype));
    for (int64_t done = 0; done < piece->count; done += most) {
        int64_t count = piece->count - done < most ? piece->count - done : most;
        if (read_chunk(run->source, r, piece->first + done, (size_t)count, scratch, piece))
            continue;
        fail(run);
        return;
    }
}

static void read_job(void *context, int index, int worker) {
    struct run *run = context;
    uint8_t *scratch = run->scratch + (size_t)worker * run->scratch_size;
    if (!atomic_load(&run->failure)) read_piece(run, &run->pieces[index], scratch);
}

static bool check_crcs(struct run *run) {
    struct load_region *regions = run->load->regions;
    for (size_t i = 0; i < run->piece_count;) {
        struct load_region *r = &regions[run->pieces[i].region];
        uint32_t crc = 0;
        int region = run->pieces[i].region;
        for (; i < run->piece_count && run->pieces[i].region == region; i++) {
            const struct piece *c = &run->pieces[i];
            crc = crc32_join(crc, c->crc, (size_t)c->count * dtype_size(r->dtype));
            r->nonfinite += c->nonfinite;
        }
        if (r->entry && !zip_check_crc(run->source, r->entry, crc)) return false;
    }
    return true;
}

/* The elements of `t`, at `strides` from `base`, in order. */
static void gather(const struct tensor *t, const float *base, const int64_t *strides, float *to) {
    int64_t index[TENSOR_RANK] = {0}, offset = 0;
    int inner = t->rank - 1;
    for (float *end = to + t->count; to < end;) {
        for (int64_t i = 0; i < t->dims[inner]; i++) *to++ = base[offset + i * strides[inner]];
        for (int d = inner - 1; d >= 0; d--) {
            offset += strides[d];
            if (++index[d] < t->dims[d]) break;
            offset -= index[d] * strides[d];
            index[d] = 0;
        }
    }
}

static void gather_job(void *context, int index, int worker) {
    struct run *run = context;
    int tensor = run->gathered[index];
    const struct load_view *view = &run->load->views[tensor];
    (void)worker;
    gather(&run->out->tensors[tensor], run->load->regions[view->region].floats + view->offset,
           view->strides, run->places[tensor]);
}

static bool read_all(struct run *run, struct pool *pool) {
    run->scratch_size = run->source->size < CHUNK ? (size_t)run->source->size : CHUNK;
    run->scratch = mem_array((size_t)pool_threads(pool), run->scratch_size);
    cut(run);
    pool_run(pool, read_job, run, (int)run->piece_count);
    int failure = atomic_load(&run->failure);
    if (failure) {
        errno = failure - 1;
        return source_io_error(run->source, run->source->size);
    }
    if (!check_crcs(run)) return false;
    pool_run(pool, gather_job, run, run->gathered_count);
    return true;
}

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool has_negative(const struct tensor *t) {
    for (size_t i = 0; i < t->count; i++) {
        if (t->data[i] < 0) return true;
    }
    return false;
}

/* Points the tensors at their floats and judges the values. */
static bool finish(struct run *run, bool allow_nonfinite) {
    int refused = 0;
    for (int i = 0; i < run->out->tensor_count; i++) {
        struct tensor *t = &run->out->tensors[i];
        const struct load_view *view = &run->load->views[i];
        const struct load_region *r = &run->load->regions[view->region];
        if (!dtype_is_float(t->dtype)) continue;
        t->data = run->places[i] ? run->places[i] : r->floats + view->offset;
        if (r->nonfinite) t->nonfinite = convert_nonfinite(t->data, t->count);
        if (t->nonfinite && !allow_nonfinite) {
            if (refused++ < MAX_REPORTS)
                source_refuse(run->source, view->at, "tensor T10",
                              "%s: %zu of %zu values are NaN or infinite as float32", SAFE(t->name),
                              t->nonfinite, t->count);
        }
        if (ends_with(t->name, "running_var") && has_negative(t)) {
            if (refused++ < MAX_REPORTS)
                source_refuse(run->source, view->at, "tensor T11", "%s: a negative variance",
                              SAFE(t->name));
        }
    }
    if (refused > MAX_REPORTS)
        err_add(run->source->err, STATUS_BAD_INPUT, "%s: %d more tensors with such values",
                SAFE(run->source->path), refused - MAX_REPORTS);
    return refused == 0;
}

bool load_run(const struct source *source, struct load *load,
              const struct checkpoint_options *options, struct checkpoint *out) {
    struct run run = {.source = source, .load = load, .out = out};
    run.gathered = mem_array((size_t)out->tensor_count, sizeof *run.gathered);
    run.places = mem_array((size_t)out->tensor_count, sizeof *run.places);
    bool ok =
        place(&run) && read_all(&run, options->pool) && finish(&run, options->allow_nonfinite);
    mem_free(run.gathered);
    mem_free(run.places);
    mem_free(run.pieces);
    mem_free(run.scratch);
    return ok;
}
