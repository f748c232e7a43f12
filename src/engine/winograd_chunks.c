/* Winograd convolutions by chunks of tiles. */
#include <assert.h>

#include "engine/winograd_multiply.h"

#define CHUNK_BYTES ((size_t)3400 << 10) /* of V, in L3: it is read once, weights once a chunk */
#define CHUNK_TILES 128

/* The most tiles of a chunk. */
static int most_tiles(const struct engine *e, const struct conv *conv) {
    size_t tile = (size_t)conv->tiling->elements * (size_t)winograd_blocks(conv, conv->part_count) *
                  BLOCK * sizeof(float);
    assert(tile > 0);
    int rows = e->kernels->gemm->rows, tiles = (int)(CHUNK_BYTES / tile);
    return tiles > CHUNK_TILES ? CHUNK_TILES : tiles < rows ? rows : tiles;
}

struct layout { /* of a worker's scratch */
    float *v, *m;
    int32_t *reads, *writes;
    size_t floats;
};

static struct layout lay_out(const struct engine *e, const struct conv *conv, float *base) {
    const struct tiling *t = conv->tiling;
    int most = most_tiles(e, conv), rows = e->kernels->gemm->rows;
    struct blocking b = {most, rows, (most + rows - 1) / rows};
    size_t v = (size_t)t->elements * v_element(conv, &b);
    size_t m = (size_t)t->panels * m_panel(e, conv, &b);
    size_t writes = whole_lines((size_t)b.tiles * (size_t)(t->m * t->m)),
           reads = tiles_reads(e, conv);
    return (struct layout){base, base + v, (int32_t *)(base + v + m + writes),
                           (int32_t *)(base + v + m), v + m + writes + reads};
}

/* M of one phase: all panels of an element before the next, so that V is read once, and what of it
 * an element needs is in the innermost caches for the other panels. */
static void multiply_phase(const struct work *w, const struct blocking *b, int first, int phase,
                           const struct layout *l) {
    const struct tiling *t = w->step->conv->tiling;
    int base = phase * t->panels, count = t->elements * t->panels;
    for (int i = 0; i < count; i++) {
        int element = i / t->panels, panel = i % t->panels, next = i + 1;
        struct fetch ahead[FETCHES] = {
            multiply_fetch_map(w, b, l->v, (element + 1) % t->elements, panel, t->panels)};
        if (next < count)
            ahead[1] = multiply_fetch_weights(w, b, next / t->panels, base + next % t->panels);
        multiply_packed(w, b, first, base + panel, element, ahead, l->v,
                        l->m + (size_t)panel * m_panel(w->engine, w->step->conv, b) +
                            (size_t)element * m_element(w->engine, b));
    }
}

struct chunks {
    const struct work *work;
    int tiles; /* of a task */
};

static void do_chunk(void *context, int index, int worker) {
    const struct chunks *chunks = context;
    const struct work *w = chunks->work;
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    int first = index * chunks->tiles, left = w->tiles - first;
    struct blocking b = tiles_block(e, left < chunks->tiles ? left : chunks->tiles);
    struct layout l = lay_out(e, conv, e->scratch + (size_t)worker * e->scratch_floats);
    for (int block = 0; block < b.blocks; block++)
        for (int part = conv->first_part; part < conv->end_part; part++)
            tiles_transform(w, &b, block, first, part, l.v, l.reads);
    for (int phase = 0; phase < w->group->phase_count; phase++) {
        multiply_phase(w, &b, first, phase, &l);
        if (conv->partial_out >= 0) continue;
        tiles_writes(w, phase, first, b.tiles, l.writes);
        for (int panel = 0; panel < t->panels; panel++)
            tiles_finish(w, phase, panel, b.tiles, l.m + (size_t)panel * m_panel(e, conv, &b),
                         m_element(e, &b), l.writes);
    }
}

/* How many, a multiple of the threads. */
static int count_chunks(const struct work *w) {
    int most = most_tiles(w->engine, w->step->conv), chunks = (w->tiles + most - 1) / most;
    int threads = pool_threads(w->engine->options.pool);
    return (chunks + threads - 1) / threads * threads;
}

#define CACHED_BYTES ((size_t)16 << 20) /* weights that a third-level cache keeps */

/* By bytes from beyond L2: by chunks the weights for every chunk, by elements the weights once, and
 * V and M written and read. With several threads these come partly from the caches of other cores,
 * which is slow; but so is memory that all read at once, if that is where all the weights are. */
bool chunks_pay(const struct work *w) {
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    int chunks = count_chunks(w);
    double outs = (double)(w->group->phase_count * t->panels) * w->engine->kernels->gemm->width;
    double products = (double)step_blocks(conv) * BLOCK, tiles = w->tiles;
    double weights = (double)t->elements * products * outs;
    double maps = (double)t->elements * tiles * (products + outs);
    double step_weights =
        (double)conv->packed->count * step_blocks(conv) / winograd_blocks(conv, conv->part_count);
    bool cached = step_weights * sizeof(float) < CACHED_BYTES;
    double uses = cached && pool_threads(w->engine->options.pool) > 1 ? 4 : 2;
    bool full = (w->tiles + chunks - 1) / chunks >= w->engine->kernels->gemm->rows;
    return full && chunks * weights < weights + uses * maps;
}

void chunks_run(struct work *w) {
    int chunks = count_chunks(w);
    struct chunks context = {w, (w->tiles + chunks - 1) / chunks};
    pool_run(w->engine->options.pool, do_chunk, &context,
             (w->tiles + context.tiles - 1) / context.tiles);
}

size_t chunks_scratch(const struct engine *e, const struct conv *conv) {
    return lay_out(e, conv, NULL).floats;
}
