/* Execution of Winograd convolutions: transform tiles of the input (V), multiply every element by
 * its weights (M), transform back and store. Two ways that give the same bits:
 *   by chunks: a task does all of that for some tiles, V and M staying in its cache;
 *   by elements, when there are too few tiles for that: all tiles of a group are transformed, then
 *   every task multiplies some elements and panels, then all outputs are made. */
#include "engine/winograd.h"

#define CHUNK_BYTES ((size_t)3400 << 10) /* of V, in L3: it is read once, weights once a chunk */
#define CHUNK_TILES 128
#define LINE        16 /* floats of a cache line */

/* Tiles in blocks for the kernel, all of the same number of rows but the last. */
struct blocking {
    int tiles, rows, blocks;
};

static struct blocking block_tiles(const struct engine *e, int tiles) {
    int most = e->kernels->gemm->rows, blocks = (tiles + most - 1) / most;
    int rows = (tiles + blocks - 1) / blocks;
    return (struct blocking){tiles, rows, (tiles + rows - 1) / rows};
}

static int step_blocks(const struct conv *conv) {
    return winograd_blocks(conv, conv->end_part) - winograd_blocks(conv, conv->first_part);
}

/* V: [element][tile block][product block][rows][BLOCK]; M: [element][tile][width], a row more. */

static size_t v_block(const struct conv *conv, const struct blocking *b) {
    return (size_t)step_blocks(conv) * (size_t)b->rows * BLOCK;
}

static size_t v_element(const struct conv *conv, const struct blocking *b) {
    return (size_t)b->blocks * v_block(conv, b);
}

static size_t m_element(const struct engine *e, const struct blocking *b) {
    return ((size_t)b->tiles + 1) * (size_t)e->kernels->gemm->width;
}

/* Of the elements of a panel. */
static size_t m_panel(const struct engine *e, const struct conv *conv, const struct blocking *b) {
    return (size_t)conv->tiling->elements * m_element(e, b);
}

/* The most tiles of a chunk. */
static int chunk_most(const struct engine *e, const struct conv *conv) {
    size_t tile = (size_t)conv->tiling->elements * (size_t)winograd_blocks(conv, conv->part_count) *
                  BLOCK * sizeof(float);
    int rows = e->kernels->gemm->rows, tiles = (int)(CHUNK_BYTES / tile);
    return tiles > CHUNK_TILES ? CHUNK_TILES : tiles < rows ? rows : tiles;
}

struct work {
    struct engine *engine;
    const struct step *step;
    const struct tile_group *group;
    int first, count; /* images */
    int tiles;        /* of all images at hand */
    int chunk;        /* tiles of a task, by chunks */
    /* By elements: */
    struct blocking blocking;
    float *v, *m;
    int32_t *reads, *writes;
    int panel_step;
};

/* Where tile `tile` of the group lies. */
struct corner {
    int image, y, x; /* in q, see conv_map.h */
};

static struct corner corner_of(const struct work *w, int tile) {
    const struct tile_group *g = w->group;
    int image = tile / tile_group_tiles(g), rest = tile % tile_group_tiles(g);
    int m = w->step->conv->tiling->m;
    return (struct corner){image, g->first_y + rest / g->tiles_x * m,
                           g->first_x + rest % g->tiles_x * m};
}

/* at[tile][i][j] for the tiles first .. first + count - 1 in one plane of input `t`. */
static void fill_reads(const struct work *w, const struct tensor *t, int plane, int first,
                       int count, int32_t *at) {
    const struct tiling *tiling = w->step->conv->tiling;
    const struct tile_axis *ay = &tiling->y, *ax = &tiling->x;
    int base_y = ay->base[plane / ax->planes], base_x = ax->base[plane % ax->planes];
    for (int tile = first; tile < first + count; tile++) {
        struct corner c = corner_of(w, tile);
        int32_t image = (int32_t)((size_t)c.image * t->image);
        for (int i = 0; i < tiling->n; i++)
            for (int j = 0; j < tiling->n; j++) {
                int y = ay->in_step * (c.y + i) + base_y, x = ax->in_step * (c.x + j) + base_x;
                bool inside = y >= 0 && y < t->shape.h && x >= 0 && x < t->shape.w;
                int pixel = inside ? y * t->shape.w + x : t->shape.h * t->shape.w;
                *at++ = image + pixel * BLOCK;
            }
    }
}

/* at[tile][i][j] of the outputs of one phase, -1 where there is none. */
static void fill_writes(const struct work *w, int phase, int first, int count, int32_t *at) {
    const struct tensor *t = &w->engine->tensors[w->step->forms[0].tensor];
    const struct tile_phase *py = w->group->y[phase], *px = w->group->x[phase];
    int m = w->step->conv->tiling->m;
    for (int tile = first; tile < first + count; tile++) {
        struct corner c = corner_of(w, tile);
        int32_t image = (int32_t)((size_t)c.image * t->image);
        for (int y = c.y; y < c.y + m; y++)
            for (int x = c.x; x < c.x + m; x++) {
                bool inside = y >= py->low && y < py->high && x >= px->low && x < px->high;
                int out_y = py->out_step * y + py->out_base,
                    out_x = px->out_step * x + px->out_base;
                *at++ = inside ? image + (out_y * t->shape.w + out_x) * BLOCK : -1;
            }
    }
}

/* V of tile block `block` for the tiles first .. of one part. `reads` has room for a tile block. */
static void transform_part(const struct work *w, const struct blocking *b, int block, int first,
                           int part, float *v, int32_t *reads) {
    const struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *tiling = conv->tiling;
    int tensor = w->step->input[part - conv->first_part];
    const struct tensor *t = &e->tensors[tensor];
    int rows = b->tiles - block * b->rows < b->rows ? b->tiles - block * b->rows : b->rows;
    size_t step = (size_t)rows * BLOCK;
    const float *src = tensor_at(e, tensor, w->first);
    v += (size_t)block * v_block(conv, b) +
         (size_t)(winograd_blocks(conv, part) - winograd_blocks(conv, conv->first_part)) * step;
    for (int plane = 0; plane < tiling->planes; plane++) {
        fill_reads(w, t, plane, first + block * b->rows, rows, reads);
        for (int c = 0; c < tensor_blocks(t); c++)
            e->kernels->winograd->input[tiling->n](v + (size_t)(c * tiling->planes + plane) * step,
                                                   v_element(conv, b), src + (size_t)c * t->plane,
                                                   reads, rows);
    }
}

/* The place of the partial sums of an element and panel, from tile `first` on. */
static float *partial_at(const struct work *w, int tensor, int panel, int element, int first) {
    if (tensor < 0) return NULL;
    const struct engine *e = w->engine;
    const struct tiling *tiling = w->step->conv->tiling;
    const struct tensor *t = &e->tensors[tensor];
    size_t tiles = (size_t)tile_group_tiles(w->group);
    size_t slots = t->single ? 1 : (size_t)e->options.batch;
    size_t before = t->single ? 0 : (size_t)w->first * tiles;
    size_t line = (size_t)panel * (size_t)tiling->elements + (size_t)element;
    size_t row = (w->group->rows + line * tiles) * slots + before + (size_t)first;
    return e->arena + t->offset + row * (size_t)e->kernels->gemm->width;
}

static const float *weights_at(const struct work *w, int element, int panel) {
    const struct conv *conv = w->step->conv;
    int width = w->engine->kernels->gemm->width;
    return conv->packed->w + winograd_weights(conv, w->group, element, panel, width) +
           (size_t)winograd_blocks(conv, conv->first_part) * BLOCK * (size_t)width;
}

/* The end of the chain that begins with product block `block` of the step: of one part, whose sums
 * are shared. */
static int chain_end(const struct conv *conv, int block) {
    int before = winograd_blocks(conv, conv->first_part), part = conv->first_part;
    while (winograd_blocks(conv, part + 1) - before <= block) part++;
    int end = winograd_blocks(conv, part + 1) - before, most = block + CHAIN / BLOCK;
    return end < most ? end : most;
}

/* M of one element and panel for tiles first .. (those of `b`). Meanwhile it fetches the weights of
 * the next panel, or element, evenly: these come from memory, and would be waited for. */
static void multiply(const struct work *w, const struct blocking *b, int first, int panel,
                     int element, const float *next, const float *v, float *m) {
    const struct gemm_kernels *gemm = w->engine->kernels->gemm;
    const struct conv *conv = w->step->conv;
    size_t width = (size_t)gemm->width;
    const float *weights = weights_at(w, element, panel);
    int blocks = step_blocks(conv), block_lines = BLOCK * gemm->width / LINE;
    int lines = next ? (block_lines + b->blocks - 1) / b->blocks : 0;
    const float *in = partial_at(w, conv->partial_in, panel, element, first);
    if (conv->partial_out >= 0) m = partial_at(w, conv->partial_out, panel, element, first);
    v += (size_t)element * v_element(conv, b);
    for (int block = 0; block < b->blocks; block++) {
        size_t row = (size_t)(block * b->rows);
        int rows = b->tiles - (int)row < b->rows ? b->tiles - (int)row : b->rows;
        const float *a = v + (size_t)block * v_block(conv, b);
        const float *sums = in ? in + row * width : NULL;
        for (int start = 0, end; start < blocks; start = end, sums = m + row * width) {
            end = chain_end(conv, start);
            gemm->packed(m + row * width, sums, rows, a + start * rows * BLOCK, end - start,
                         weights + (size_t)(start * BLOCK) * width, next, lines);
            if (next) next += lines * (end - start) * LINE;
        }
    }
}

static void finish_tiles(const struct work *w, int phase, int panel, int count, const float *m,
                         size_t element, const int32_t *writes) {
    const struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    const struct tile_phase *y = w->group->y[phase], *x = w->group->x[phase];
    int shuffled = y->shuffled * conv->x.shuffle + x->shuffled, width = e->kernels->gemm->width;
    struct sink sink = step_sink(e, w->step, w->first);
    sink.channel = panel * width;
    sink.bias =
        conv->packed->bias + ((size_t)shuffled * (size_t)t->panels + (size_t)panel) * (size_t)width;
    for (int tile = 0; tile < count; tile++)
        e->kernels->winograd->output[t->n][t->m](m + (size_t)tile * (size_t)width, element,
                                                 writes + tile * t->m * t->m, &sink);
}

/* By chunks. */

struct layout { /* of a worker's scratch */
    float *v, *m;
    int32_t *reads, *writes;
    size_t floats;
};

static struct layout lay_out(const struct engine *e, const struct conv *conv, float *base) {
    const struct tiling *t = conv->tiling;
    int most = chunk_most(e, conv), rows = e->kernels->gemm->rows;
    struct blocking b = {most, rows, (most + rows - 1) / rows};
    size_t v = (size_t)t->elements * v_element(conv, &b);
    size_t m = (size_t)t->panels * m_panel(e, conv, &b);
    size_t writes = (size_t)(b.tiles * t->m * t->m + 15) / 16 * 16;
    size_t reads = (size_t)(b.rows * t->elements + 15) / 16 * 16;
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
        multiply(w, b, first, base + panel, element,
                 next < count ? weights_at(w, next / t->panels, base + next % t->panels) : NULL,
                 l->v,
                 l->m + (size_t)panel * m_panel(w->engine, w->step->conv, b) +
                     (size_t)element * m_element(w->engine, b));
    }
}

static void do_chunk(void *context, int index, int worker) {
    const struct work *w = context;
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    int first = index * w->chunk, left = w->tiles - first;
    struct blocking b = block_tiles(e, left < w->chunk ? left : w->chunk);
    struct layout l = lay_out(e, conv, e->scratch + (size_t)worker * e->scratch_floats);
    for (int block = 0; block < b.blocks; block++)
        for (int part = conv->first_part; part < conv->end_part; part++)
            transform_part(w, &b, block, first, part, l.v, l.reads);
    for (int phase = 0; phase < w->group->phase_count; phase++) {
        multiply_phase(w, &b, first, phase, &l);
        if (conv->partial_out >= 0) continue;
        fill_writes(w, phase, first, b.tiles, l.writes);
        for (int panel = 0; panel < t->panels; panel++)
            finish_tiles(w, phase, panel, b.tiles, l.m + (size_t)panel * m_panel(e, conv, &b),
                         m_element(e, &b), l.writes);
    }
}

/* By elements. Buffers of all tiles of a group are in the scratch that workers share. */

static struct layout lay_out_shared(const struct engine *e, const struct conv *conv, float *base) {
    const struct tiling *t = conv->tiling;
    size_t v = 0, m = 0, writes = 0;
    for (int i = 0; i < t->group_count; i++) {
        const struct tile_group *g = &t->groups[i];
        struct blocking b = block_tiles(e, tile_group_tiles(g) * e->options.batch);
        size_t panels = (size_t)(g->phase_count * t->panels);
        size_t v_i = (size_t)t->elements * v_element(conv, &b);
        size_t m_i = (size_t)t->elements * m_element(e, &b) * panels;
        size_t writes_i = (size_t)(g->phase_count * b.tiles * t->m * t->m + 15) / 16 * 16;
        if (v_i > v) v = v_i;
        if (m_i > m) m = m_i;
        if (writes_i > writes) writes = writes_i;
    }
    return (struct layout){base, base + v, NULL, (int32_t *)(base + v + m), v + m + writes};
}

static int task_parts(const struct work *w) {
    return w->step->conv->end_part - w->step->conv->first_part;
}

static void do_input(void *context, int index, int worker) {
    const struct work *w = context;
    struct engine *e = w->engine;
    struct layout l = lay_out(e, w->step->conv, e->scratch + (size_t)worker * e->scratch_floats);
    int parts = task_parts(w);
    transform_part(w, &w->blocking, index / parts, 0, w->step->conv->first_part + index % parts,
                   w->v, l.reads);
}

static int all_panels(const struct work *w) {
    return w->group->phase_count * w->step->conv->tiling->panels;
}

static float *m_of_panel(const struct work *w, int panel) {
    return w->m + (size_t)panel * m_panel(w->engine, w->step->conv, &w->blocking);
}

static void do_multiply(void *context, int index, int worker) {
    (void)worker;
    const struct work *w = context;
    int groups = (all_panels(w) + w->panel_step - 1) / w->panel_step;
    int element = index / groups, first = index % groups * w->panel_step;
    int end = first + w->panel_step < all_panels(w) ? first + w->panel_step : all_panels(w);
    for (int panel = first; panel < end; panel++)
        multiply(w, &w->blocking, 0, panel, element,
                 panel + 1 < end ? weights_at(w, element, panel + 1) : NULL, w->v,
                 m_of_panel(w, panel) + (size_t)element * m_element(w->engine, &w->blocking));
}

static void do_output(void *context, int panel, int worker) {
    (void)worker;
    const struct work *w = context;
    const struct tiling *t = w->step->conv->tiling;
    int phase = panel / t->panels;
    finish_tiles(w, phase, panel % t->panels, w->tiles, m_of_panel(w, panel),
                 m_element(w->engine, &w->blocking),
                 w->writes + (size_t)phase * (size_t)(w->tiles * t->m * t->m));
}

static void run_by_elements(struct work *w) {
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    struct layout l = lay_out_shared(e, conv, e->shared);
    w->blocking = block_tiles(e, w->tiles);
    w->v = l.v;
    w->m = l.m;
    w->writes = l.writes;
    int wanted = 4 * pool_threads(e->options.pool);
    int groups = (wanted + t->elements - 1) / t->elements;
    w->panel_step = (all_panels(w) + groups - 1) / groups;
    groups = (all_panels(w) + w->panel_step - 1) / w->panel_step;
    pool_run(e->options.pool, do_input, w, w->blocking.blocks * task_parts(w));
    pool_run(e->options.pool, do_multiply, w, t->elements * groups);
    if (conv->partial_out >= 0) return;
    for (int phase = 0; phase < w->group->phase_count; phase++)
        fill_writes(w, phase, 0, w->tiles,
                    w->writes + (size_t)phase * (size_t)(w->tiles * t->m * t->m));
    pool_run(e->options.pool, do_output, w, all_panels(w));
}

/* Bytes from beyond L2: by chunks the weights for every chunk, by elements the weights once, and V
 * and M written and read. */
static bool chunks_are_cheaper(const struct work *w, int chunks) {
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    double outs = (double)all_panels(w) * w->engine->kernels->gemm->width;
    double products = (double)step_blocks(conv) * BLOCK, tiles = w->tiles;
    double weights = (double)t->elements * products * outs;
    double maps = (double)t->elements * tiles * (products + outs);
    return chunks * weights < weights + 2 * maps;
}

void winograd_run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    int threads = pool_threads(e->options.pool);
    for (int f = 0; f < step->form_count; f++) tensor_seal(e, step->forms[f].tensor, first, count);
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct work w = {.engine = e,
                         .step = step,
                         .group = &conv->tiling->groups[i],
                         .first = first,
                         .count = count};
        w.tiles = tile_group_tiles(w.group) * count;
        int most = chunk_most(e, conv), chunks = (w.tiles + most - 1) / most;
        chunks = (chunks + threads - 1) / threads * threads;
        w.chunk = (w.tiles + chunks - 1) / chunks;
        if (w.chunk >= e->kernels->gemm->rows && chunks_are_cheaper(&w, chunks))
            pool_run(e->options.pool, do_chunk, &w, (w.tiles + w.chunk - 1) / w.chunk);
        else
            run_by_elements(&w);
    }
}

size_t winograd_scratch(const struct engine *e, const struct conv *conv) {
    return lay_out(e, conv, NULL).floats;
}

size_t winograd_shared(const struct engine *e, const struct conv *conv) {
    return lay_out_shared(e, conv, NULL).floats;
}
