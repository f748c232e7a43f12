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

void winograd_weight_matrix(int n, int taps, double g[WINOGRAD_MAX][4]) {
    const float *a = winograd_points[n];
    for (int i = 0; i < n - 1; i++) {
        double product = 1, power = 1;
        for (int j = 0; j < n - 1; j++)
            if (j != i) product *= (double)a[i] - (double)a[j];
        for (int k = 0; k < taps; k++, power *= (double)a[i]) g[i][k] = power / product;
    }
    for (int k = 0; k < taps; k++) g[n - 1][k] = k == taps - 1;
}

void winograd_measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    const struct tiling *t = conv->tiling;
    packed->panels = t->panels;
    packed->count = winograd_weights(conv, &t->groups[t->group_count - 1], t->kept, 0,
                                     engine->kernels->gemm->width);
}

struct packing {
    const struct packed *packed;
    const struct tile_group *group;
    const struct winograd_kernels *kernels;
    int width;
    double matrix[WINOGRAD_MAX][4];
};

#define TAPS_MAX (PHASES_MAX * 9) /* of all planes */

/* The kernel indices of all taps of all planes of a phase: [plane][a][b]. Returns their number. */
static int list_taps(const struct packing *p, int phase, int k[TAPS_MAX]) {
    const struct conv *conv = p->packed->conv;
    const struct tile_phase *y = p->group->y[phase], *x = p->group->x[phase];
    int count = 0, taps = conv->algorithm->taps, planes_x = conv->tiling->x.planes;
    for (int plane = 0; plane < conv->tiling->planes; plane++)
        for (int a = 0; a < taps; a++)
            for (int b = 0; b < taps; b++)
                k[count++] = y->kernel[plane / planes_x][a] * conv->x.kernel +
                             x->kernel[plane % planes_x][b];
    return count;
}

static void scale_outputs(float *w, size_t rows, size_t width, const double *scale) {
    for (size_t r = 0; r < rows; r++, w += width)
        for (size_t o = 0; o < width; o++) w[o] = (float)((double)w[o] * scale[o]);
}

/* U = G g G^T for the outputs of one panel, or, for streaming, the folded g; a block of inputs at a
 * time: few enough that what was gathered stays in the cache. */
static void pack_panel(void *context, int panel, int worker) {
    (void)worker;
    const struct packing *p = context;
    const struct conv *conv = p->packed->conv;
    const struct tiling *t = conv->tiling;
    bool streamed = conv->algorithm->streamed;
    int phase = panel / t->panels, c = panel % t->panels * p->width, k[TAPS_MAX];
    const struct tile_phase *y = p->group->y[phase], *x = p->group->x[phase];
    int shuffled = y->shuffled * conv->x.shuffle + x->shuffled;
    int taps = list_taps(p, phase, k), plane_taps = taps / t->planes;
    int outs = conv->channels - c < p->width ? conv->channels - c : p->width;
    size_t width = (size_t)p->width, block = BLOCK * width;
    float *w = p->packed->w + (streamed ? winograd_streamed(conv, p->group, panel, 0, p->width)
                                        : winograd_weights(conv, p->group, 0, panel, p->width));
    size_t element = (size_t)(p->group->phase_count * t->panels) * winograd_products(conv) * width;
    float *gathered = mem_aligned((size_t)taps * block * sizeof *gathered);
    double *scale = mem_aligned(width * sizeof *scale);
    memcpy(scale, p->packed->fold->scale + c, (size_t)outs * sizeof *scale);
    for (int part = 0, start = 0; part < conv->part_count; start += conv->part_channels[part++])
        for (int in = 0; in < conv->part_channels[part]; in += BLOCK) {
            int left = conv->part_channels[part] - in, count = left < BLOCK ? left : BLOCK;
            fold_gather(p->packed->fold, c, outs, shuffled, start + in, count, k, taps,
                        streamed ? w : gathered, block, width);
            if (streamed) {
                scale_outputs(w, (size_t)taps * BLOCK, width, scale);
                w += (size_t)taps * block;
                continue;
            }
            for (int plane = 0; plane < t->planes; plane++, w += block)
                p->kernels->weights[t->n](
                    w, element, gathered + (size_t)(plane * plane_taps) * block, block,
                    conv->algorithm->taps, count * p->width, p->width, p->matrix[0], scale);
        }
    mem_free(gathered);
    mem_free(scale);
}

void winograd_pack(struct engine *engine, const struct packed *packed) {
    const struct tiling *t = packed->conv->tiling;
    struct packing p = {.packed = packed,
                        .kernels = engine->kernels->winograd,
                        .width = engine->kernels->gemm->width};
    winograd_weight_matrix(t->n, packed->conv->algorithm->taps, p.matrix);
    for (int i = 0; i < t->group_count; i++) {
        p.group = &t->groups[i];
        pool_run(engine->options.pool, pack_panel, &p, p.group->phase_count * t->panels);
    }
}

#define WINOGRAD(title, outs, filter, one_tile, late, error)                                       \
    {                                                                                              \
        .name = title, .accuracy = ACCURACY_##error, .m = outs, .taps = filter,                    \
        .shared = one_tile, .streamed = late, .fits = winograd_fits, .map = winograd_map,          \
        .measure = winograd_measure, .pack = winograd_pack, .scratch = winograd_scratch,           \
        .shared_floats = winograd_shared, .partial = winograd_partial, .macs = winograd_macs,      \
        .run = winograd_run                                                                        \
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
