/* Winograd convolutions with streamed weights: these stay as they are, and are transformed a chain
 * and panel at a time into the worker's second-level cache: some arithmetic for not reading several
 * times as many weights from memory. All groups go together. V and the offsets of outputs lie in
 * the scratch that workers share; M of the panels that a worker is at stays with it. */
#include "engine/winograd_tiles.h"

/* Blocks of a chain: its weights, of all elements, take 260 to 410 KB with panels of 32. */
static int chain_blocks(const struct conv *conv) {
    return conv->tiling->n < 4 ? CHAIN / BLOCK : CHAIN / BLOCK / 2;
}

/* U: transformed weights of a chain and panel, [element][block][BLOCK][width]. */
static size_t u_element(const struct engine *e, const struct conv *conv) {
    return odd_lines((size_t)(chain_blocks(conv) * BLOCK) * (size_t)e->kernels->gemm->width);
}

static size_t u_floats(const struct engine *e, const struct conv *conv) {
    return (size_t)conv->tiling->elements * u_element(e, conv);
}

/* Of all phases of a group; groups have the same. */
static int panel_count(const struct conv *conv) {
    return conv->tiling->groups[0].phase_count * conv->tiling->panels;
}

/* Panels of a task: some tasks a thread, so that none waits long for the last, and few enough that
 * M, which every chain adds to, stays in the second-level cache. */
static int panel_step(const struct engine *e, const struct conv *conv) {
    int tasks = 4 * pool_threads(e->options.pool), panels = panel_count(conv);
    int step = (conv->tiling->group_count * panels + tasks - 1) / tasks;
    int most = panels < 4 ? panels : 4;
    return step < most ? step : most;
}

static size_t v_floats(const struct conv *conv, const struct blocking *b) {
    return (size_t)conv->tiling->elements * v_element(conv, b);
}

static size_t phase_writes(const struct conv *conv, const struct blocking *b) {
    return (size_t)b->tiles * (size_t)(conv->tiling->m * conv->tiling->m);
}

/* Of the shared scratch. */
static size_t group_floats(const struct conv *conv, const struct blocking *b) {
    int phases = conv->tiling->groups[0].phase_count;
    return v_floats(conv, b) + whole_lines((size_t)phases * phase_writes(conv, b));
}

struct group {
    struct work work;
    struct blocking blocking;
    float *v;
    int32_t *writes; /* [phase][tile][m][m] */
};

struct streamed {
    struct engine *engine;
    const struct conv *conv;
    struct group groups[PHASES_MAX];
    int blocks;       /* the most of a group */
    int panels, step; /* of a group, of a task */
};

static struct streamed lay_out(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    struct streamed s = {
        .engine = e, .conv = conv, .panels = panel_count(conv), .step = panel_step(e, conv)};
    float *at = e->shared;
    for (int i = 0; i < conv->tiling->group_count; i++) {
        const struct tile_group *group = &conv->tiling->groups[i];
        struct blocking b = tiles_block(e, tile_group_tiles(group) * count);
        s.groups[i] = (struct group){
            {e, step, group, first, b.tiles}, b, at, (int32_t *)(at + v_floats(conv, &b))};
        at += group_floats(conv, &b);
        if (b.blocks > s.blocks) s.blocks = b.blocks;
    }
    return s;
}

static float *scratch_of(const struct streamed *s, int worker) {
    return s->engine->scratch + (size_t)worker * s->engine->scratch_floats;
}

static void do_input(void *context, int index, int worker) {
    const struct streamed *s = context;
    int parts = s->conv->end_part - s->conv->first_part;
    const struct group *g = &s->groups[index / parts / s->blocks];
    int block = index / parts % s->blocks;
    if (block >= g->blocking.blocks) return;
    tiles_transform(&g->work, &g->blocking, block, 0, s->conv->first_part + index % parts, g->v,
                    (int32_t *)scratch_of(s, worker));
}

static const float *weights_at(const struct streamed *s, const struct group *g, int panel,
                               int block) {
    const struct conv *conv = s->conv;
    return conv->packed->w + winograd_streamed(conv, g->work.group, panel,
                                               winograd_blocks(conv, conv->first_part) + block,
                                               s->engine->kernels->gemm->width);
}

/* A chain of products, blocks start .. end - 1 of the step, of a panel. */
struct chain {
    int panel, start, end;
};

/* Adds a chain to `m`, M of its panel, of all elements. Meanwhile it fetches the weights of the
 * `next` chain, and, if that is one of other products, V for it. */
static void multiply_chain(const struct streamed *s, const struct group *g, struct chain chain,
                           const struct chain *next, const float *u, float *m) {
    const struct engine *e = s->engine;
    const struct conv *conv = s->conv;
    const struct blocking *b = &g->blocking;
    int width = e->kernels->gemm->width, blocks = chain.end - chain.start;
    int steps = conv->tiling->elements * b->blocks * blocks;
    struct fetch ahead[FETCHES] = {0};
    if (next) {
        int lines = conv->tiling->kept * BLOCK * width / LINE * (next->end - next->start);
        ahead[0] =
            (struct fetch){weights_at(s, g, next->panel, next->start), (lines + steps - 1) / steps};
    }
    for (int element = 0; element < conv->tiling->elements; element++) {
        const float *in = tiles_partial(&g->work, conv->partial_in, chain.panel, element, 0);
        float *sums = conv->partial_out >= 0
                          ? tiles_partial(&g->work, conv->partial_out, chain.panel, element, 0)
                          : m + (size_t)element * m_element(e, b);
        const float *v = g->v + (size_t)element * v_element(conv, b);
        if (chain.start > 0) in = sums;
        for (int block = 0; block < b->blocks; block++) {
            size_t row = (size_t)(block * b->rows) * (size_t)width;
            int rows = blocking_rows(b, block);
            const float *here = v + (size_t)block * v_block(conv, b) + chain.start * rows * BLOCK;
            if (next && next->start != chain.start)
                ahead[1] = (struct fetch){here + blocks * rows * BLOCK, rows};
            e->kernels->gemm->packed(sums + row, in ? in + row : NULL, rows, here, blocks,
                                     u + (size_t)element * u_element(e, conv), ahead);
        }
    }
}

static void finish_panel(const struct streamed *s, const struct group *g, int panel,
                         const float *m) {
    int phase = panel / s->conv->tiling->panels;
    tiles_finish(&g->work, phase, panel % s->conv->tiling->panels, g->blocking.tiles, m,
                 m_element(s->engine, &g->blocking),
                 g->writes + (size_t)phase * phase_writes(s->conv, &g->blocking));
}

static int task_count(const struct streamed *s) {
    return (s->panels + s->step - 1) / s->step;
}

static void do_panels(void *context, int index, int worker) {
    const struct streamed *s = context;
    const struct engine *e = s->engine;
    const struct conv *conv = s->conv;
    const struct group *g = &s->groups[index / task_count(s)];
    int first = index % task_count(s) * s->step;
    int end = first + s->step < s->panels ? first + s->step : s->panels;
    size_t m_floats = m_panel(e, conv, &g->blocking);
    float *u = scratch_of(s, worker), *m = u + u_floats(e, conv);
    struct chain chain = {first, 0, tiles_chain(conv, 0, chain_blocks(conv))};
    while (chain.start < step_blocks(conv)) {
        struct chain next = {chain.panel + 1, chain.start, chain.end};
        if (next.panel == end) {
            next = (struct chain){first, chain.end, chain.end};
            if (next.start < step_blocks(conv))
                next.end = tiles_chain(conv, next.start, chain_blocks(conv));
        }
        e->kernels->winograd->stream[conv->tiling->n](u, u_element(e, conv),
                                                      weights_at(s, g, chain.panel, chain.start),
                                                      chain.end - chain.start);
        multiply_chain(s, g, chain, next.start < step_blocks(conv) ? &next : NULL, u,
                       m + (size_t)(chain.panel - first) * m_floats);
        chain = next;
    }
    for (int panel = first; panel < end && conv->partial_out < 0; panel++)
        finish_panel(s, g, panel, m + (size_t)(panel - first) * m_floats);
}

void streamed_run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    const struct tiling *t = conv->tiling;
    struct streamed s = lay_out(e, step, first, count);
    for (int i = 0; i < t->group_count && conv->partial_out < 0; i++) {
        const struct group *g = &s.groups[i];
        for (int phase = 0; phase < t->groups[i].phase_count; phase++)
            tiles_writes(&g->work, phase, 0, g->blocking.tiles,
                         g->writes + (size_t)phase * phase_writes(conv, &g->blocking));
    }
    int parts = conv->end_part - conv->first_part;
    pool_run(e->options.pool, do_input, &s, t->group_count * s.blocks * parts);
    pool_run(e->options.pool, do_panels, &s, t->group_count * task_count(&s));
}

size_t streamed_scratch(const struct engine *e, const struct conv *conv) {
    size_t reads = tiles_reads(e, conv), m = 0;
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct blocking b =
            tiles_block(e, tile_group_tiles(&conv->tiling->groups[i]) * e->options.batch);
        size_t floats = (size_t)panel_step(e, conv) * m_panel(e, conv, &b);
        if (floats > m) m = floats;
    }
    size_t products = u_floats(e, conv) + m;
    return products > reads ? products : reads;
}

size_t streamed_shared(const struct engine *e, const struct conv *conv) {
    size_t floats = 0;
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct blocking b =
            tiles_block(e, tile_group_tiles(&conv->tiling->groups[i]) * e->options.batch);
        floats += group_floats(conv, &b);
    }
    return floats;
}
