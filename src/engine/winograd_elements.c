/* Winograd convolutions of all tiles at once, an element at a time. V, M and the offsets of outputs
 * lie in the scratch that workers share. */
#include "engine/winograd_multiply.h"

struct layout { /* of the shared scratch */
    float *v, *m;
    int32_t *writes;
    size_t floats;
};

static struct layout lay_out(const struct engine *e, const struct conv *conv, float *base) {
    const struct tiling *t = conv->tiling;
    size_t v = 0, m = 0, writes = 0;
    for (int i = 0; i < t->group_count; i++) {
        const struct tile_group *g = &t->groups[i];
        struct blocking b = tiles_block(e, tile_group_tiles(g) * e->options.batch);
        size_t v_i = (size_t)t->elements * v_element(conv, &b);
        size_t m_i = (size_t)(g->phase_count * t->panels) * m_panel(e, conv, &b);
        size_t writes_i = whole_lines((size_t)(g->phase_count * b.tiles) * (size_t)(t->m * t->m));
        if (v_i > v) v = v_i;
        if (m_i > m) m = m_i;
        if (writes_i > writes) writes = writes_i;
    }
    return (struct layout){base, base + v, (int32_t *)(base + v + m), v + m + writes};
}

struct elements {
    const struct work *work;
    struct blocking blocking;
    struct layout layout;
    int panels, step; /* of all phases, of a task */
};

static float *m_of_panel(const struct elements *a, int panel) {
    return a->layout.m +
           (size_t)panel * m_panel(a->work->engine, a->work->step->conv, &a->blocking);
}

static int32_t *writes_of(const struct elements *a, int phase) {
    int m = a->work->step->conv->tiling->m;
    return a->layout.writes + (size_t)phase * (size_t)(a->work->tiles * m * m);
}

static int part_count(const struct elements *a) {
    return a->work->step->conv->end_part - a->work->step->conv->first_part;
}

static void do_input(void *context, int index, int worker) {
    const struct elements *a = context;
    struct engine *e = a->work->engine;
    float *scratch = e->scratch + (size_t)worker * e->scratch_floats;
    tiles_transform(a->work, &a->blocking, index / part_count(a), 0,
                    a->work->step->conv->first_part + index % part_count(a), a->layout.v,
                    (int32_t *)scratch);
}

/* The panels of task `index` of those that share the panels. */
static int first_panel(const struct elements *a, int index) {
    return index * a->step < a->panels ? index * a->step : a->panels;
}

static int task_count(const struct elements *a) {
    return (a->panels + a->step - 1) / a->step;
}

static void do_packed(void *context, int index, int worker) {
    (void)worker;
    const struct elements *a = context;
    const struct work *w = a->work;
    int element = index / task_count(a), task = index % task_count(a);
    int first = first_panel(a, task), end = first_panel(a, task + 1);
    /* The element that this thread will take next, if all go on at the same pace. */
    int soon = element + pool_threads(w->engine->options.pool);
    bool fetched = task_count(a) == 1 && soon < w->step->conv->tiling->elements;
    for (int panel = first; panel < end; panel++) {
        struct fetch ahead[FETCHES] = {0};
        if (panel + 1 < end) ahead[0] = multiply_fetch_weights(w, &a->blocking, element, panel + 1);
        if (fetched)
            ahead[1] =
                multiply_fetch_map(w, &a->blocking, a->layout.v, soon, panel - first, end - first);
        multiply_packed(w, &a->blocking, 0, panel, element, ahead, a->layout.v,
                        m_of_panel(a, panel) +
                            (size_t)element * m_element(w->engine, &a->blocking));
    }
}

static void do_output(void *context, int panel, int worker) {
    (void)worker;
    const struct elements *a = context;
    const struct work *w = a->work;
    int panels = w->step->conv->tiling->panels, phase = panel / panels;
    tiles_finish(w, phase, panel % panels, w->tiles, m_of_panel(a, panel),
                 m_element(w->engine, &a->blocking), writes_of(a, phase));
}

void elements_run(struct work *w) {
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    struct elements a = {.work = w,
                         .blocking = tiles_block(e, w->tiles),
                         .layout = lay_out(e, conv, e->shared),
                         .panels = w->group->phase_count * t->panels};
    /* Some tasks a thread, so that none waits long for the last. */
    int threads = pool_threads(e->options.pool);
    int wanted = (4 * threads + t->elements - 1) / t->elements;
    a.step = (a.panels + wanted - 1) / wanted;
    pool_run(e->options.pool, do_input, &a, a.blocking.blocks * part_count(&a));
    pool_run(e->options.pool, do_packed, &a, t->elements * task_count(&a));
    if (conv->partial_out >= 0) return;
    for (int phase = 0; phase < w->group->phase_count; phase++)
        tiles_writes(w, phase, 0, w->tiles, writes_of(&a, phase));
    pool_run(e->options.pool, do_output, &a, a.panels);
}

size_t elements_shared(const struct engine *e, const struct conv *conv) {
    return lay_out(e, conv, NULL).floats;
}
