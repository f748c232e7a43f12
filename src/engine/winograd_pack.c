#include "engine/winograd.h"

#include <string.h>

/* The first row as it is: see kernels.h. */
void winograd_weight_matrix(int n, int taps, double g[WINOGRAD_MAX][4]) {
    const float *a = winograd_points[n];
    for (int i = 0; i < n - 1; i++) {
        double product = 1, power = 1;
        for (int j = 0; j < n - 1; j++)
            if (i != 0 && j != i) product *= (double)a[i] - (double)a[j];
        for (int k = 0; k < taps; k++) {
            g[i][k] = power / product;
            power *= (double)a[i];
        }
    }
    for (int k = 0; k < taps; k++) g[n - 1][k] = k == taps - 1;
}

#define TAPS_MAX (PHASES_MAX * 9) /* of all planes */

struct packing {
    const struct packed *packed;
    const struct winograd_kernels *kernels;
    int width;
    double matrix[WINOGRAD_MAX][4];
};

/* The weights of one phase for a panel of outputs. */
struct phase_panel {
    const struct tile_group *group;
    int panel;       /* among those of all phases of the group */
    int shuffled;    /* the shuffle phase */
    int k[TAPS_MAX]; /* list_taps */
};

struct panel {
    const struct packing *packing;
    int c, outs;     /* the first output, and how many there are */
    int taps;        /* of all planes of a phase */
    double *scale;   /* [width] */
    float *gathered; /* [tap][BLOCK][width]; columns without an output stay zero; NULL: streamed */
    int phase_count;
    struct phase_panel phases[PHASES_MAX];
};

/* The kernel indices of all taps of all planes of a phase: [plane][a][b]. */
static void list_taps(const struct conv *conv, const struct tile_phase *y,
                      const struct tile_phase *x, int k[TAPS_MAX]) {
    int taps = conv->algorithm->taps, planes_x = conv->tiling->x.planes;
    for (int plane = 0; plane < conv->tiling->planes; plane++)
        for (int a = 0; a < taps; a++)
            for (int b = 0; b < taps; b++)
                *k++ = y->kernel[plane / planes_x][a] * conv->x.kernel +
                       x->kernel[plane % planes_x][b];
}

static void add_phases(struct panel *panel, const struct tile_group *g, int number) {
    const struct packing *p = panel->packing;
    const struct conv *conv = p->packed->conv;
    int panels = conv->tiling->panels;
    for (int i = 0; i < g->phase_count; i++) {
        struct phase_panel *phase = &panel->phases[panel->phase_count++];
        phase->group = g;
        phase->panel = i * panels + number;
        phase->shuffled = g->y[i]->shuffled * conv->x.shuffle + g->x[i]->shuffled;
        list_taps(conv, g->y[i], g->x[i], phase->k);
    }
}

/* `taps` of those listed, from `first` on: tap t of an input goes to w + t tap. */
static void gather(const struct panel *panel, const struct phase_panel *phase, int in, int count,
                   int first, int taps, float *w, size_t tap) {
    fold_gather(panel->packing->packed->fold, panel->c, panel->outs, phase->shuffled, in, count,
                phase->k + first, taps, w, tap, (size_t)panel->packing->width);
}

static void scale_outputs(float *w, size_t rows, size_t width, const double *scale) {
    for (size_t r = 0; r < rows; r++, w += width)
        for (size_t o = 0; o < width; o++) w[o] = (float)((double)w[o] * scale[o]);
}

/* The folded g of a block of inputs in all planes, for streaming, from product block `block` on. */
static void keep_block(const struct panel *panel, const struct phase_panel *phase, int block,
                       int in, int count) {
    const struct packing *p = panel->packing;
    const struct conv *conv = p->packed->conv;
    int planes = conv->tiling->planes, taps = panel->taps / planes;
    size_t width = (size_t)p->width, floats = BLOCK * width;
    for (int plane = 0; plane < planes; plane++) {
        size_t at[2]; /* of the first two taps */
        for (int tap = 0; tap < 2; tap++)
            at[tap] =
                winograd_streamed(conv, phase->group, phase->panel, block + plane, tap, p->width);
        float *w = p->packed->w + at[0];
        size_t next_tap = at[1] - at[0];
        for (int tap = 0; tap < taps && (count < BLOCK || panel->outs < p->width); tap++)
            memset(w + (size_t)tap * next_tap, 0, floats * sizeof *w);
        gather(panel, phase, in, count, plane * taps, taps, w, next_tap);
        for (int tap = 0; tap < taps; tap++)
            scale_outputs(w + (size_t)tap * next_tap, BLOCK, width, panel->scale);
    }
}

/* U = G g G^T of a block of inputs in all planes, from product block `block` on. */
static void transform_block(const struct panel *panel, const struct phase_panel *phase, int block,
                            int in, int count) {
    const struct packing *p = panel->packing;
    const struct conv *conv = p->packed->conv;
    const struct tiling *t = conv->tiling;
    const struct tile_group *g = phase->group;
    size_t width = (size_t)p->width, floats = BLOCK * width, filled = (size_t)count * width;
    size_t plane_taps = (size_t)(panel->taps / t->planes);
    size_t element = winograd_weights(conv, g, 1, 0, p->width) - g->weights;
    float *w = p->packed->w + winograd_weights(conv, g, 0, phase->panel, p->width) +
               (size_t)block * floats;
    gather(panel, phase, in, count, 0, panel->taps, panel->gathered, floats);
    for (size_t plane = 0; plane < (size_t)t->planes; plane++, w += floats) {
        for (size_t e = 0; count < BLOCK && e < (size_t)t->elements; e++)
            memset(w + e * element + filled, 0, (floats - filled) * sizeof *w);
        p->kernels->weights[t->n](w, element, panel->gathered + plane * plane_taps * floats, floats,
                                  conv->algorithm->taps, count * p->width, p->width, p->matrix[0],
                                  panel->scale);
    }
}

/* A block of inputs at a time, and all phases of it: few enough that neither its weights nor what
 * is gathered of them leave the cache. */
static void pack_panel(void *context, int index, int worker) {
    (void)worker;
    const struct packing *p = context;
    const struct conv *conv = p->packed->conv;
    const struct tiling *t = conv->tiling;
    size_t width = (size_t)p->width;
    struct panel panel = {.packing = p,
                          .c = index * p->width,
                          .taps = t->planes * conv->algorithm->taps * conv->algorithm->taps};
    panel.outs = conv->channels - panel.c < p->width ? conv->channels - panel.c : p->width;
    if (!conv->algorithm->streamed)
        panel.gathered = mem_aligned((size_t)panel.taps * BLOCK * width * sizeof(float));
    panel.scale = mem_aligned(width * sizeof *panel.scale);
    memcpy(panel.scale, p->packed->fold->scale + panel.c, (size_t)panel.outs * sizeof(double));
    for (int i = 0; i < t->group_count; i++)
        if (t->groups[i].owner == &t->groups[i]) add_phases(&panel, &t->groups[i], index);
    for (int part = 0, start = 0; part < conv->part_count; start += conv->part_channels[part++])
        for (int in = 0; in < conv->part_channels[part]; in += BLOCK) {
            int left = conv->part_channels[part] - in, count = left < BLOCK ? left : BLOCK;
            int block = winograd_blocks(conv, part) + in / BLOCK * t->planes;
            for (int i = 0; i < panel.phase_count; i++)
                if (conv->algorithm->streamed)
                    keep_block(&panel, &panel.phases[i], block, start + in, count);
                else
                    transform_block(&panel, &panel.phases[i], block, start + in, count);
        }
    mem_free(panel.gathered);
    mem_free(panel.scale);
}

void winograd_pack(struct engine *engine, const struct packed *packed) {
    struct packing p = {.packed = packed,
                        .kernels = engine->kernels->winograd,
                        .width = engine->kernels->gemm->width};
    const struct tiling *t = packed->conv->tiling;
    winograd_weight_matrix(t->n, packed->conv->algorithm->taps, p.matrix);
    pool_run(engine->options.pool, pack_panel, &p, t->panels);
}
