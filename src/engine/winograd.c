#include "engine/winograd.h"

#include <string.h>

bool winograd_fits(const struct algorithm *algorithm, const struct conv *conv) {
    struct tile_axis y, x;
    if (!tile_axis_make(&conv->y, &y) || !tile_axis_make(&conv->x, &x)) return false;
    if (y.taps != algorithm->taps || x.taps != algorithm->taps) return false;
    bool several = conv->transposed && y.phase_count * x.phase_count > 1;
    return several || !algorithm->shared;
}

static void add_phase(struct tile_group *g, const struct tile_phase *y,
                      const struct tile_phase *x) {
    g->owner_phase[g->phase_count] = g->phase_count;
    g->y[g->phase_count] = y;
    g->x[g->phase_count++] = x;
}

/* Outputs low .. high - 1 along an axis. */
struct range {
    int low, high;
};

static void extend(struct range *r, const struct tile_phase *phase) {
    if (phase->low < r->low) r->low = phase->low;
    if (phase->high > r->high) r->high = phase->high;
}

/* The outputs that any of the group's phases has. */
static void find_ranges(const struct tile_group *g, struct range *y, struct range *x) {
    *y = (struct range){g->y[0]->low, g->y[0]->high};
    *x = (struct range){g->x[0]->low, g->x[0]->high};
    for (int p = 1; p < g->phase_count; p++) {
        extend(y, g->y[p]);
        extend(x, g->x[p]);
    }
}

static void cover(struct tile_group *g, int m, struct range y, struct range x) {
    g->first_y = y.low;
    g->first_x = x.low;
    g->tiles_y = (y.high - y.low + m - 1) / m;
    g->tiles_x = (x.high - x.low + m - 1) / m;
}

/* Whether tiles end one short of the range, with an output that reads one live input. */
static bool has_edge(const struct tile_axis *axis, const struct conv_line *line, int m,
                     struct range r) {
    return r.high - r.low > m && (r.high - r.low) % m == 1 &&
           axis->in_step * r.high + axis->base[0] >= line->in;
}

/* The phases of `owner` that have the output y.low, x.low, as a group of their own. */
static void add_edge(struct tiling *t, const struct tile_group *owner, bool is_row, struct range y,
                     struct range x) {
    struct tile_group *g = &t->groups[t->group_count++];
    for (int p = 0; p < owner->phase_count; p++) {
        if (is_row ? owner->y[p]->high < y.high : owner->x[p]->high < x.high) continue;
        add_phase(g, owner->y[p], owner->x[p]);
        g->owner_phase[g->phase_count - 1] = p;
    }
    cover(g, t->m, y, x);
    g->owner = owner;
    g->live_y = is_row ? 1 : t->n;
    g->live_x = is_row ? t->n : 1;
}

/* All phases from the same tiles: of a transposed convolution of stride 2 from N inputs, each has N
 * of N + 1 outputs. Where that is one more than tiles would take, the last row and the last column,
 * which read one row or column of the input, are groups of their own, of few elements. */
static void cover_shared(struct tiling *t, const struct conv *conv) {
    struct tile_group *g = &t->groups[0];
    struct range y, x;
    find_ranges(g, &y, &x);
    bool row = has_edge(&t->y, &conv->y, t->m, y), column = has_edge(&t->x, &conv->x, t->m, x);
    struct range last_y = {y.high - 1, y.high}, last_x = {x.high - 1, x.high};
    if (row) {
        add_edge(t, g, true, last_y, x);
        y.high--;
    }
    if (column) {
        add_edge(t, g, false, y, last_x);
        x.high--;
    }
    cover(g, t->m, y, x);
}

void winograd_map(struct engine *engine, struct conv *conv) {
    const struct algorithm *a = conv->algorithm;
    struct tiling *t = arena_alloc(&engine->memory, sizeof *t);
    int width = engine->kernels->gemm->width;
    conv->tiling = t;
    tile_axis_make(&conv->y, &t->y);
    tile_axis_make(&conv->x, &t->x);
    t->m = a->m;
    t->n = t->m + a->taps - 1;
    t->elements = t->n * t->n;
    t->kept = a->streamed ? a->taps * a->taps : t->elements;
    t->planes = t->y.planes * t->x.planes;
    t->panels = (conv->channels + width - 1) / width;
    bool one = a->shared || !conv->transposed;
    for (int y = 0; y < t->y.phase_count; y++)
        for (int x = 0; x < t->x.phase_count; x++) {
            if (!one || t->group_count == 0) t->group_count++;
            add_phase(&t->groups[t->group_count - 1], &t->y.phases[y], &t->x.phases[x]);
        }
    size_t weights = 0, rows = 0;
    for (int i = 0; i < t->group_count; i++) {
        struct tile_group *g = &t->groups[i];
        struct range y, x;
        find_ranges(g, &y, &x);
        cover(g, t->m, y, x);
        g->owner = g;
        g->live_y = g->live_x = t->n;
        g->weights = weights;
        weights = winograd_weights(conv, g, t->kept, 0, width);
    }
    if (a->shared && !a->streamed) cover_shared(t, conv);
    for (int i = 0; i < t->group_count; i++) {
        struct tile_group *g = &t->groups[i];
        g->rows = rows;
        rows += (size_t)(g->phase_count * t->panels * t->elements) * (size_t)tile_group_tiles(g);
    }
}

int winograd_chain_most(const struct conv *conv) {
    bool halved = conv->algorithm->streamed && conv->tiling->n > 3;
    return CHAIN / BLOCK / (halved ? 2 : 1);
}

struct block_range winograd_chain(const struct conv *conv, int block) {
    int most = winograd_chain_most(conv), part = 0;
    while (winograd_blocks(conv, part + 1) <= block) part++;
    int start = winograd_blocks(conv, part), end = winograd_blocks(conv, part + 1);
    start += (block - start) / most * most;
    return (struct block_range){start, end < start + most ? end : start + most};
}

size_t winograd_streamed(const struct conv *conv, const struct tile_group *g, int panel, int block,
                         int tap, int width) {
    struct block_range chain = winograd_chain(conv, block);
    size_t before = (size_t)panel * winograd_products(conv) + (size_t)chain.start * BLOCK;
    size_t row = (size_t)(tap * (chain.end - chain.start) + block - chain.start) * BLOCK;
    return g->weights + (before * (size_t)conv->tiling->kept + row) * (size_t)width;
}

size_t winograd_partial(const struct engine *engine, const struct conv *conv) {
    const struct tiling *t = conv->tiling;
    const struct tile_group *last = &t->groups[t->group_count - 1];
    size_t rows = last->rows + (size_t)(last->phase_count * t->panels * t->elements) *
                                   (size_t)tile_group_tiles(last);
    return rows * (size_t)engine->kernels->gemm->width;
}

double winograd_macs(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    const struct tiling *t = conv->tiling;
    int blocks = winograd_blocks(conv, conv->end_part) - winograd_blocks(conv, conv->first_part);
    double rows = 0;
    for (int i = 0; i < t->group_count; i++) {
        const struct tile_group *g = &t->groups[i];
        rows += (double)tile_group_tiles(g) * g->phase_count * g->live_y * g->live_x;
    }
    return rows * blocks * BLOCK * conv->channels;
}

void winograd_measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    const struct tiling *t = conv->tiling;
    packed->panels = t->panels;
    for (int i = 0; i < t->group_count; i++)
        if (t->groups[i].owner == &t->groups[i])
            packed->count =
                winograd_weights(conv, &t->groups[i], t->kept, 0, engine->kernels->gemm->width);
}

#define WINOGRAD(title, outs, filter, one_tile, late, error)                                       \
    {                                                                                              \
        .name = title, .accuracy = ACCURACY_##error, .m = outs, .taps = filter,                    \
        .reads_relu = true, .shared = one_tile, .streamed = late, .siblings = late,                \
        .fits = winograd_fits, .map = winograd_map, .measure = winograd_measure,                   \
        .pack = winograd_pack, .scratch = winograd_scratch, .shared_floats = winograd_shared,      \
        .partial = winograd_partial, .macs = winograd_macs, .run = winograd_run                    \
    }
#define SEPARATE(m, taps, error) WINOGRAD("f" #m "x" #taps, m, taps, false, false, error)
#define SHARED(m, error)         WINOGRAD("f" #m "x2 shared", m, 2, true, false, error)
#define STREAMED(m, error)                                                                         \
    WINOGRAD("f" #m "x2 streamed", m, 2, false, true, error),                                      \
        WINOGRAD("f" #m "x2 shared streamed", m, 2, true, true, error)

const struct algorithm algorithm_winograd[] = {
    SEPARATE(2, 2, DIRECT), SEPARATE(3, 2, DIRECT), SEPARATE(4, 2, USUAL), SEPARATE(5, 2, COARSE),
    SHARED(2, DIRECT),      SHARED(3, DIRECT),      SHARED(4, USUAL),      SHARED(5, COARSE),
    STREAMED(2, DIRECT),    STREAMED(3, DIRECT),    STREAMED(4, USUAL),    SEPARATE(2, 3, DIRECT),
    SEPARATE(3, 3, USUAL),  SEPARATE(4, 3, COARSE),
};
const int algorithm_winograd_count = sizeof algorithm_winograd / sizeof *algorithm_winograd;
