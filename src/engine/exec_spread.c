/* Convolutions with few outputs: every input pixel gives the products of all taps at once (one
 * panel of taps x outputs instead of mostly empty panels of outputs), then every output adds up the
 * products that belong to it. */
#include "engine/algorithm.h"

#include <string.h>

#define COLUMNS_MOST 64

/* Weights of one kernel position: of all shuffle phases. */
static int raw_outs(const struct conv *conv) {
    return conv->channels * conv->y.shuffle * conv->x.shuffle;
}

static int columns(const struct conv *conv) {
    return conv->y.kernel * conv->x.kernel * raw_outs(conv);
}

static bool fits(const struct algorithm *algorithm, const struct conv *conv) {
    (void)algorithm;
    bool every_pixel = conv->transposed || (conv->y.stride == 1 && conv->x.stride == 1);
    return every_pixel && columns(conv) <= COLUMNS_MOST;
}

static void map(struct engine *engine, struct conv *conv) {
    conv->rows = conv_axis_make(&conv->y, &engine->memory);
    conv->columns = conv_axis_make(&conv->x, &engine->memory);
}

/* Panels are half as wide as the kernels' where all columns fit into one of these. */
static int panel_width(const struct engine *engine, const struct conv *conv) {
    int width = engine->kernels->gemm->width;
    return columns(conv) <= width / 2 ? width / 2 : width;
}

static int panel_count(const struct engine *engine, const struct conv *conv) {
    int width = panel_width(engine, conv);
    return (columns(conv) + width - 1) / width;
}

static size_t pixels_of(const struct conv *conv) {
    return (size_t)conv->y.in * (size_t)conv->x.in;
}

static int part_start(const struct conv *conv, int part) {
    int channels = 0;
    for (int i = 0; i < part; i++) channels += conv->part_channels[i];
    return channels;
}

/* Weights: [panel][channel][panel width], a column being (kernel position, shuffle phase, output).
 */
static void measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    int width = panel_width(engine, conv), whole = engine->kernels->gemm->width;
    packed->panels = (conv->channels + whole - 1) / whole; /* of biases */
    packed->count = (size_t)panel_count(engine, conv) * (size_t)part_start(conv, conv->part_count) *
                    (size_t)width;
}

static void pack(struct engine *engine, const struct packed *packed) {
    const struct conv *conv = packed->conv;
    int width = panel_width(engine, conv), raw = raw_outs(conv);
    size_t channels = (size_t)part_start(conv, conv->part_count);
    memset(packed->w, 0, packed->count * sizeof *packed->w);
    for (int column = 0; column < columns(conv); column++)
        for (size_t in = 0; in < channels; in++) {
            int k = column / raw, phase = column % raw / conv->channels;
            size_t row = (size_t)(column / width) * channels + in;
            packed->w[row * (size_t)width + (size_t)(column % width)] =
                (float)fold_weight(packed->fold, column % conv->channels, phase, (int)in, k);
        }
}

static size_t scratch(const struct engine *engine, const struct step *step) {
    const struct conv *conv = step->conv;
    size_t row = (size_t)(conv->x.out + BLOCK - 1) / BLOCK * BLOCK;
    size_t output = 2 * row * (size_t)conv->channels, tile = 0;
    for (int i = 0; i < conv->part_count; i++) { /* the largest part of a tile */
        size_t floats = (size_t)(conv->part_channels[i] + BLOCK - 1) / BLOCK * BLOCK *
                        (size_t)engine->kernels->gemm->rows;
        if (floats > tile) tile = floats;
    }
    return output > tile ? output : tile;
}

/* Products of all pixels: [panel][pixel of all images][panel width]. */
static size_t partial(const struct engine *engine, const struct conv *conv) {
    return pixels_of(conv) * (size_t)panel_count(engine, conv) * (size_t)panel_width(engine, conv);
}

static size_t shared(const struct engine *engine, const struct step *step) {
    return partial(engine, step->conv) * (size_t)engine->options.batch;
}

static double macs(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    int channels = part_start(conv, conv->end_part) - part_start(conv, conv->first_part);
    return (double)pixels_of(conv) * channels * columns(conv);
}

struct work {
    struct engine *engine;
    const struct step *step;
    int first, count;
    int width, panels;
    int tiles;            /* of one image */
    size_t slots, before; /* images that the products have room for, and before the first */
    const float *in;      /* products to start from, or NULL */
    float *out;
};

#define TILES_OF_TASK 8

static float *row_of(const struct work *w, const float *base, int panel, int image, size_t pixel) {
    size_t pixels = pixels_of(w->step->conv);
    size_t row = ((size_t)panel * w->slots + w->before + (size_t)image) * pixels + pixel;
    return (float *)base + row * (size_t)w->width;
}

/* max(x, 0) of the pixels of a tile: [block][rows][BLOCK]. Those of the next are fetched. */
static void floor_tile(const struct work *w, const float *a, ptrdiff_t step, int channels, int rows,
                       float *to) {
    size_t floats = (size_t)rows * BLOCK;
    for (int c = 0; c < channels; c += BLOCK, a += step, to += floats) {
        for (size_t i = floats; i < 2 * floats; i += BLOCK) __builtin_prefetch(a + i);
        w->engine->kernels->vector->curve(to, a, floats, CURVE_RELU, 0);
    }
}

static void multiply_tile(const struct work *w, int image, size_t pixel, int rows, float *floored) {
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct gemm_kernels *gemm = e->kernels->gemm;
    bool narrow = w->width < gemm->width;
    static const int32_t at[] = {0,          BLOCK,      2 * BLOCK,  3 * BLOCK, 4 * BLOCK,
                                 5 * BLOCK,  6 * BLOCK,  7 * BLOCK,  8 * BLOCK, 9 * BLOCK,
                                 10 * BLOCK, 11 * BLOCK, 12 * BLOCK, 13 * BLOCK};
    size_t channels = (size_t)part_start(conv, conv->part_count);
    for (int panel = 0; panel < w->panels; panel++) {
        float *out = row_of(w, w->out, panel, image, pixel);
        const float *in = w->in ? row_of(w, w->in, panel, image, pixel) : NULL;
        for (int part = conv->first_part; part < conv->end_part; part++, in = out) {
            int tensor = w->step->input[part - conv->first_part];
            const float *a = tensor_at(e, tensor, w->first + image) + pixel * BLOCK;
            ptrdiff_t step = (ptrdiff_t)e->tensors[tensor].plane;
            if (w->step->relu[part - conv->first_part]) {
                floor_tile(w, a, step, conv->part_channels[part], rows, floored);
                a = floored;
                step = (ptrdiff_t)rows * BLOCK;
            }
            const float *weights =
                conv->packed->w +
                ((size_t)panel * channels + (size_t)part_start(conv, part)) * (size_t)w->width;
            struct gemm_span span = {a, at, step, conv->part_channels[part], BLOCK};
            if (narrow)
                gemm->narrow(out, in, rows, a, step, conv->part_channels[part], weights);
            else
                gemm->tile(out, in, rows, &span, 1, 0, weights);
        }
    }
}

static void do_tiles(void *context, int index, int worker) {
    const struct work *w = context;
    float *floored = w->engine->scratch + (size_t)worker * w->engine->scratch_floats;
    int most = w->engine->kernels->gemm->rows;
    int tasks = (w->tiles + TILES_OF_TASK - 1) / TILES_OF_TASK;
    int image = index / tasks, tile = index % tasks * TILES_OF_TASK;
    for (int end = tile + TILES_OF_TASK; tile < end && tile < w->tiles; tile++) {
        size_t pixel = (size_t)tile * (size_t)most, left = pixels_of(w->step->conv) - pixel;
        multiply_tile(w, image, pixel, left < (size_t)most ? (int)left : most, floored);
    }
}

/* Adds up one row of one output channel. */
static void add_row(const struct work *w, int image, int oy, int c, float *row) {
    const struct conv *conv = w->step->conv;
    const struct conv_phase *y = &conv->rows.phases[oy % conv->rows.count];
    int line = oy / conv->rows.count, raw = raw_outs(conv);
    size_t biases = (size_t)conv->packed->panels * (size_t)w->engine->kernels->gemm->width;
    for (int px = 0; px < conv->columns.count; px++) {
        const struct conv_phase *x = &conv->columns.phases[px];
        int shuffled = y->shuffled * conv->x.shuffle + x->shuffled;
        float bias = conv->packed->bias[(size_t)shuffled * biases + (size_t)c];
        for (int i = 0; i < x->outs; i++) row[x->first + i * x->step] = bias;
        for (int ty = 0; ty < y->taps; ty++)
            for (int tx = 0; tx < x->taps; tx++) {
                int in_y = y->in[line * y->taps + ty];
                int k = y->kernel[ty] * conv->x.kernel + x->kernel[tx];
                int column = k * raw + shuffled * conv->channels + c;
                if (in_y < 0) continue;
                const float *from =
                    row_of(w, w->out, column / w->width, image, (size_t)in_y * (size_t)conv->x.in) +
                    column % w->width;
                const int *in_x = x->in + tx;
                float *to = row + x->first;
                for (int i = 0; i < x->outs; i++, in_x += x->taps, to += x->step)
                    if (*in_x >= 0) *to += from[*in_x * w->width];
            }
    }
}

static void do_row(void *context, int index, int worker) {
    const struct work *w = context;
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    int image = index / conv->y.out, oy = index % conv->y.out;
    size_t length = (size_t)(conv->x.out + BLOCK - 1) / BLOCK * BLOCK;
    float *row = e->scratch + (size_t)worker * e->scratch_floats;
    float *active = row + length;
    for (int c = 0; c < conv->channels; c++) {
        memset(row, 0, length * sizeof *row);
        add_row(w, image, oy, c, row);
        for (int f = 0; f < w->step->form_count; f++) {
            const struct plan_form *form = &w->step->forms[f];
            const struct tensor *t = &e->tensors[form->tensor];
            e->kernels->vector->curve(active, row, length, form->curve, form->slope);
            float *to = tensor_at(e, form->tensor, w->first + image) +
                        (size_t)(c / t->lanes) * t->plane + (size_t)(c % t->lanes) +
                        (size_t)oy * (size_t)conv->x.out * (size_t)t->lanes;
            for (int x = 0; x < conv->x.out; x++) to[x * t->lanes] = active[x];
        }
    }
}

static void run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    int rows = e->kernels->gemm->rows;
    struct work w = {.engine = e,
                     .step = step,
                     .first = first,
                     .count = count,
                     .width = panel_width(e, conv),
                     .panels = panel_count(e, conv),
                     .tiles = (int)((pixels_of(conv) + (size_t)rows - 1) / (size_t)rows),
                     .slots = (size_t)count,
                     .out = e->shared};
    int tasks = (w.tiles + TILES_OF_TASK - 1) / TILES_OF_TASK;
    int sums = conv->partial_in >= 0 ? conv->partial_in : conv->partial_out;
    if (sums >= 0) { /* these are added to in place */
        const struct tensor *t = &e->tensors[sums];
        w.slots = t->single ? 1 : (size_t)e->options.batch;
        w.before = t->single ? 0 : (size_t)first;
    }
    if (conv->partial_out >= 0) w.out = e->arena + e->tensors[sums].offset;
    if (conv->partial_in >= 0) w.in = e->arena + e->tensors[sums].offset;
    pool_run(e->options.pool, do_tiles, &w, tasks * count);
    if (conv->partial_out >= 0) return;
    step_seal(e, step, first, count);
    pool_run(e->options.pool, do_row, &w, conv->y.out * count);
}

const struct algorithm algorithm_spread = {.name = "spread",
                                           .planar_out = true,
                                           .reads_relu = true,
                                           .fits = fits,
                                           .map = map,
                                           .measure = measure,
                                           .pack = pack,
                                           .scratch = scratch,
                                           .shared_floats = shared,
                                           .partial = partial,
                                           .macs = macs,
                                           .run = run};
