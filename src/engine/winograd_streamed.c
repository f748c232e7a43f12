/* Winograd convolutions with streamed weights: these stay as they are, and are transformed a chain
 * and panel at a time into the worker's second-level cache: some arithmetic for not reading several
 * times as many weights from memory. All groups go together. V and the offsets of outputs lie in
 * the scratch that workers share; M of the panels that a worker is at stays with it. */
#include "engine/winograd_tiles.h"

/* U: transformed weights of a chain and panel, [element][block][BLOCK][width]. The places of
 * elements that are taps themselves are not used. */
static size_t u_element(const struct engine *e, const struct conv *conv) {
    return odd_lines((size_t)(winograd_chain_most(conv) * BLOCK) * (size_t)e->kernels->gemm->width);
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
static int panel_step(const struct engine *e, const struct step *step) {
    const struct conv *conv = step->conv;
    int tasks = 4 * pool_threads(e->options.pool), panels = panel_count(conv);
    int even = (conv->tiling->group_count * panels + tasks - 1) / tasks;
    int most = step->siblings < 4 ? 4 / step->siblings : 1;
    if (most > panels) most = panels;
    return even < most ? even : most;
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

struct group { /* of a step or one of its siblings */
    struct work work;
    struct blocking blocking;
    float *v;
    int32_t *writes; /* [phase][tile][m][m] */
};

struct streamed {
    struct engine *engine;
    const struct step *step; /* with its siblings */
    const struct conv *conv; /* the step's; what siblings differ in is in `groups` */
    struct group groups[SIBLINGS_MOST][PHASES_MAX];
    int blocks;             /* the most of a group */
    int panels, panel_step; /* of a group, of a task */
};

static struct streamed lay_out(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    struct streamed s = {.engine = e,
                         .step = step,
                         .conv = conv,
                         .panels = panel_count(conv),
                         .panel_step = panel_step(e, step)};
    float *at = e->shared;
    for (int i = 0; i < step->siblings * conv->tiling->group_count; i++) {
        int sibling = i / conv->tiling->group_count, index = i % conv->tiling->group_count;
        const struct tile_group *group = &step[sibling].conv->tiling->groups[index];
        struct blocking b = tiles_block(e, tile_group_tiles(group) * count);
        s.groups[sibling][index] = (struct group){{e, step + sibling, group, first, b.tiles},
                                                  b,
                                                  at,
                                                  (int32_t *)(at + v_floats(conv, &b))};
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
    int parts = s->conv->end_part - s->conv->first_part, groups = s->conv->tiling->group_count;
    int part = s->conv->first_part + index % parts, block = index / parts % s->blocks,
        group = index / parts / s->blocks;
    const struct group *g = &s->groups[group / groups][group % groups];
    if (block >= g->blocking.blocks) return;
    tiles_transform(&g->work, &g->blocking, block, 0, part, g->v, (int32_t *)scratch_of(s, worker));
}

/* A chain of products, blocks start .. end - 1 of the step, of a panel. */
struct chain {
    int panel, start, end;
    const float *taps; /* its weights: [tap][block][BLOCK][width] */
};

static struct chain chain_at(const struct streamed *s, const struct group *g, int panel,
                             int start) {
    const struct conv *conv = s->conv;
    int before = winograd_blocks(conv, conv->first_part), width = s->engine->kernels->gemm->width;
    int end = winograd_chain(conv, before + start).end - before;
    const float *taps =
        conv->packed->w + winograd_streamed(conv, g->work.group, panel, before + start, 0, width);
    return (struct chain){panel, start, end, taps};
}

/* Its weights of an element, in U or as they are. */
static const float *chain_weights(const struct streamed *s, const struct chain *chain, int element,
                                  const float *u) {
    int tap = winograd_tap(s->conv->tiling->n, element);
    size_t tap_floats =
        (size_t)((chain->end - chain->start) * BLOCK) * (size_t)s->engine->kernels->gemm->width;
    return tap < 0 ? u + (size_t)element * u_element(s->engine, s->conv)
                   : chain->taps + (size_t)tap * tap_floats;
}

/* The weights of the `next` chain, while `chain` is multiplied, by siblings too. */
static struct fetch fetch_weights(const struct streamed *s, const struct group *g,
                                  const struct chain *chain, const struct chain *next) {
    int width = s->engine->kernels->gemm->width;
    int lines = s->conv->tiling->kept * BLOCK * width / LINE * (next->end - next->start);
    int steps = s->step->siblings * s->conv->tiling->elements * g->blocking.blocks *
                (chain->end - chain->start);
    return (struct fetch){next->taps, (lines + steps - 1) / steps};
}

/* Adds a chain to `m`, M of its panel, of all elements. Meanwhile it fetches `weights`, and V for
 * the chain that comes next, if `new_products`. */
static void multiply_chain(const struct streamed *s, const struct group *g,
                           const struct chain *chain, bool new_products, struct fetch *weights,
                           const float *u, float *m) {
    const struct engine *e = s->engine;
    const struct conv *conv = g->work.step->conv;
    const struct blocking *b = &g->blocking;
    int width = e->kernels->gemm->width, blocks = chain->end - chain->start;
    struct fetch ahead[FETCHES] = {*weights};
    for (int element = 0; element < conv->tiling->elements; element++) {
        const float *in = tiles_partial(&g->work, conv->partial_in, chain->panel, element, 0);
        float *sums = conv->partial_out >= 0
                          ? tiles_partial(&g->work, conv->partial_out, chain->panel, element, 0)
                          : m + (size_t)element * m_element(e, b);
        const float *v = g->v + (size_t)element * v_element(conv, b);
        const float *w = chain_weights(s, chain, element, u);
        if (chain->start > 0) in = sums;
        for (int block = 0; block < b->blocks; block++) {
            size_t row = (size_t)(block * b->rows) * (size_t)width;
            int rows = blocking_rows(b, block);
            const float *here = v + (size_t)block * v_block(conv, b) + chain->start * rows * BLOCK;
            if (new_products) ahead[1] = (struct fetch){here + blocks * rows * BLOCK, rows};
            e->kernels->gemm->packed(sums + row, in ? in + row : NULL, rows, here, blocks, w,
                                     ahead);
        }
    }
    *weights = ahead[0];
}

static void finish_panel(const struct streamed *s, const struct group *g, int panel,
                         const float *m) {
    int phase = panel / s->conv->tiling->panels;
    tiles_finish(&g->work, phase, panel % s->conv->tiling->panels, g->blocking.tiles, m,
                 m_element(s->engine, &g->blocking),
                 g->writes + (size_t)phase * phase_writes(s->conv, &g->blocking));
}

static int task_count(const struct streamed *s) {
    return (s->panels + s->panel_step - 1) / s->panel_step;
}

/* The chain after `chain`, of the panels first .. end - 1: one that ends where it starts when there
 * is none. */
static struct chain next_chain(const struct streamed *s, const struct group *g,
                               const struct chain *chain, int first, int end) {
    if (chain->panel + 1 < end) return chain_at(s, g, chain->panel + 1, chain->start);
    if (chain->end < step_blocks(s->conv)) return chain_at(s, g, first, chain->end);
    return (struct chain){first, chain->end, chain->end, chain->taps};
}

static void do_panels(void *context, int index, int worker) {
    const struct streamed *s = context;
    const struct engine *e = s->engine;
    const struct conv *conv = s->conv;
    int group = index / task_count(s), siblings = s->step->siblings;
    const struct group *g = &s->groups[0][group];
    int first = index % task_count(s) * s->panel_step;
    int end = first + s->panel_step < s->panels ? first + s->panel_step : s->panels;
    size_t m_floats = m_panel(e, conv, &g->blocking);
    float *u = scratch_of(s, worker), *m = u + u_floats(e, conv);
    struct chain chain = chain_at(s, g, first, 0);
    for (struct chain next; chain.start < chain.end; chain = next) {
        next = next_chain(s, g, &chain, first, end);
        struct fetch weights = fetch_weights(s, g, &chain, &next);
        e->kernels->winograd->stream[conv->tiling->n](u, u_element(e, conv), chain.taps,
                                                      chain.end - chain.start);
        bool new_products = next.start != chain.start && next.start < next.end;
        float *sums = m + (size_t)((chain.panel - first) * siblings) * m_floats;
        for (int i = 0; i < siblings; i++, sums += m_floats)
            multiply_chain(s, &s->groups[i][group], &chain, new_products, &weights, u, sums);
    }
    for (int panel = first; panel < end && conv->partial_out < 0; panel++)
        for (int i = 0; i < siblings; i++, m += m_floats)
            finish_panel(s, &s->groups[i][group], panel, m);
}

static void find_writes(const struct streamed *s, const struct group *g) {
    for (int phase = 0; phase < g->work.group->phase_count; phase++)
        tiles_writes(&g->work, phase, 0, g->blocking.tiles,
                     g->writes + (size_t)phase * phase_writes(s->conv, &g->blocking));
}

void streamed_run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    struct streamed s = lay_out(e, step, first, count);
    int parts = conv->end_part - conv->first_part, groups = conv->tiling->group_count;
    for (int i = 0; i < step->siblings * groups && conv->partial_out < 0; i++)
        find_writes(&s, &s.groups[i / groups][i % groups]);
    pool_run(e->options.pool, do_input, &s, step->siblings * groups * s.blocks * parts);
    pool_run(e->options.pool, do_panels, &s, groups * task_count(&s));
}

size_t streamed_scratch(const struct engine *e, const struct step *step) {
    const struct conv *conv = step->conv;
    size_t reads = tiles_reads(e, conv), m = 0;
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct blocking b =
            tiles_block(e, tile_group_tiles(&conv->tiling->groups[i]) * e->options.batch);
        size_t floats = (size_t)(panel_step(e, step) * step->siblings) * m_panel(e, conv, &b);
        if (floats > m) m = floats;
    }
    size_t products = u_floats(e, conv) + m;
    return products > reads ? products : reads;
}

size_t streamed_shared(const struct engine *e, const struct step *step) {
    const struct conv *conv = step->conv;
    size_t floats = 0;
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct blocking b =
            tiles_block(e, tile_group_tiles(&conv->tiling->groups[i]) * e->options.batch);
        floats += group_floats(conv, &b);
    }
    return (size_t)step->siblings * floats;
}
