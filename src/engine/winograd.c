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
    g->y[g->phase_count] = y;
    g->x[g->phase_count++] = x;
}

/* The tiles of a group: from the first output that any of its phases has to the last. */
static void cover(struct tile_group *g, int m) {
    int high_y = g->y[0]->high, high_x = g->x[0]->high;
    g->first_y = g->y[0]->low;
    g->first_x = g->x[0]->low;
    for (int p = 1; p < g->phase_count; p++) {
        if (g->y[p]->low < g->first_y) g->first_y = g->y[p]->low;
        if (g->x[p]->low < g->first_x) g->first_x = g->x[p]->low;
        if (g->y[p]->high > high_y) high_y = g->y[p]->high;
        if (g->x[p]->high > high_x) high_x = g->x[p]->high;
    }
    g->tiles_y = (high_y - g->first_y + m - 1) / m;
    g->tiles_x = (high_x - g->first_x + m - 1) / m;
}

void winograd_map(struct engine *engine, struct conv *conv) {
    struct tiling *t = arena_alloc(&engine->memory, sizeof *t);
    int width = engine->kernels->gemm->width;
    conv->tiling = t;
    tile_axis_make(&conv->y, &t->y);
    tile_axis_make(&conv->x, &t->x);
    t->m = conv->algorithm->m;
    t->n = t->m + conv->algorithm->taps - 1;
    t->elements = t->n * t->n;
    t->kept =
        conv->algorithm->streamed ? conv->algorithm->taps * conv->algorithm->taps : t->elements;
    t->planes = t->y.planes * t->x.planes;
    t->panels = (conv->channels + width - 1) / width;
    bool one = conv->algorithm->shared || !conv->transposed;
    for (int y = 0; y < t->y.phase_count; y++)
        for (int x = 0; x < t->x.phase_count; x++) {
            if (!one || t->group_count == 0) t->group_count++;
            add_phase(&t->groups[t->group_count - 1], &t->y.phases[y], &t->x.phases[x]);
        }
    size_t weights = 0, rows = 0;
    for (int i = 0; i < t->group_count; i++) {
        struct tile_group *g = &t->groups[i];
        cover(g, t->m);
        g->weights = weights;
        g->rows = rows;
        weights = winograd_weights(conv, g, t->kept, 0, width);
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
    for (int i = 0; i < t->group_count; i++)
        rows += (double)tile_group_tiles(&t->groups[i]) * t->groups[i].phase_count;
    return rows * t->elements * blocks * BLOCK * conv->channels;
}

void winograd_measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    const struct tiling *t = conv->tiling;
    packed->panels = t->panels;
    packed->count = winograd_weights(conv, &t->groups[t->group_count - 1], t->kept, 0,
                                     engine->kernels->gemm->width);
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
