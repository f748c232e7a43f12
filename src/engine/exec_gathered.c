/* The direct convolution of an image of few channels: the values that an output needs, taps times
 * channels, are put side by side, as a sum over so few channels would not be worth the kernels' way
 * through a list of taps. */
#include <string.h>

#include "engine/algorithm.h"

#define CHANNELS_MOST 4

static bool fits(const struct algorithm *algorithm, const struct conv *conv) {
    (void)algorithm;
    return conv->part_count == 1 && conv->part_channels[0] <= CHANNELS_MOST && !conv->transposed &&
           conv->y.shuffle * conv->x.shuffle == 1;
}

static void map(struct engine *engine, struct conv *conv) {
    conv->rows = conv_axis_make(&conv->y, &engine->memory);
    conv->columns = conv_axis_make(&conv->x, &engine->memory);
}

static int products(const struct conv *conv) {
    return conv->rows.phases[0].taps * conv->columns.phases[0].taps * conv->part_channels[0];
}

/* Rows of BLOCK products for the packed kernel. */
static int product_blocks(const struct conv *conv) {
    return (products(conv) + BLOCK - 1) / BLOCK;
}

/* Weights: [panel][channel, row tap, column tap][width], products filled up to blocks. */
static size_t panel_floats(const struct conv *conv, int width) {
    return (size_t)product_blocks(conv) * BLOCK * (size_t)width;
}

static void measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    int width = engine->kernels->gemm->width;
    packed->panels = (conv->channels + width - 1) / width;
    packed->count = (size_t)packed->panels * panel_floats(conv, width);
}

static void pack(struct engine *engine, const struct packed *packed) {
    int width = engine->kernels->gemm->width;
    const struct conv *conv = packed->conv;
    const struct conv_phase *y = &conv->rows.phases[0], *x = &conv->columns.phases[0];
    memset(packed->w, 0, packed->count * sizeof *packed->w);
    for (int c = 0; c < conv->channels; c++) {
        float *w = packed->w + (size_t)(c / width) * panel_floats(conv, width) + c % width;
        for (int in = 0; in < conv->part_channels[0]; in++)
            for (int ty = 0; ty < y->taps; ty++)
                for (int tx = 0; tx < x->taps; tx++, w += width)
                    *w = (float)fold_weight(packed->fold, c, 0, in,
                                            y->kernel[ty] * conv->x.kernel + x->kernel[tx]);
    }
}

static size_t scratch(const struct engine *engine, const struct step *step) {
    const struct conv *conv = step->conv;
    const struct gemm_kernels *gemm = engine->kernels->gemm;
    size_t values = (size_t)product_blocks(conv) * (size_t)gemm->rows * BLOCK;
    return values + (size_t)gemm->rows * (size_t)gemm->width;
}

static size_t none(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    (void)conv;
    return 0;
}

static double macs(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    return (double)products(conv) * conv->channels * conv->y.out * conv->x.out;
}

struct work {
    struct engine *engine;
    const struct step *step;
    int first;
    int tiles; /* of an output row */
};

static const float *channel_at(const struct work *w, int image, int c) {
    int tensor = w->step->input[0];
    const struct tensor *t = &w->engine->tensors[tensor];
    return tensor_at(w->engine, tensor, image) + (size_t)(c / t->lanes) * t->plane +
           (size_t)(c % t->lanes);
}

/* The values of one row tap and all column taps for outputs ox .. ox + rows - 1, `product` being
 * the first's number; `line` is the row of the image, NULL outside it. Where taps lie side by side,
 * in a planar row and in one block of products, an output's are copied at once. */
static void gather_line(const struct conv_phase *x, const float *line, int lanes, int ox, int rows,
                        float *values, int product) {
    const int *in = x->in + ox * x->taps;
    float *to = values + (size_t)(product / BLOCK) * (size_t)rows * BLOCK + product % BLOCK;
    if (line && lanes == 1 && x->taps == 4 && product % BLOCK + 4 <= BLOCK) {
        for (int r = 0; r < rows; r++, to += BLOCK, in += 4) {
            if (in[0] >= 0 && in[3] == in[0] + 3)
                memcpy(to, line + in[0], 4 * sizeof *to);
            else
                for (int t = 0; t < 4; t++) to[t] = in[t] < 0 ? 0 : line[in[t]];
        }
        return;
    }
    for (int t = 0; t < x->taps; t++, product++) {
        to = values + (size_t)(product / BLOCK) * (size_t)rows * BLOCK + product % BLOCK;
        for (int r = 0; r < rows; r++, to += BLOCK) {
            int at = in[r * x->taps + t];
            *to = line && at >= 0 ? line[at * lanes] : 0;
        }
    }
}

/* The products of outputs ox .. ox + rows - 1 of row oy: [block][row][BLOCK]. */
static void gather(const struct work *w, int image, int oy, int ox, int rows, float *values) {
    const struct conv *conv = w->step->conv;
    const struct conv_phase *y = &conv->rows.phases[0], *x = &conv->columns.phases[0];
    const struct tensor *t = &w->engine->tensors[w->step->input[0]];
    int product = 0;
    for (int c = 0; c < conv->part_channels[0]; c++)
        for (int ty = 0; ty < y->taps; ty++, product += x->taps) {
            int in_y = y->in[oy * y->taps + ty];
            const float *line =
                in_y < 0 ? NULL : channel_at(w, image, c) + (ptrdiff_t)in_y * t->shape.w * t->lanes;
            gather_line(x, line, t->lanes, ox, rows, values, product);
        }
}

static void do_row(void *context, int index, int worker) {
    const struct work *w = context;
    struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct gemm_kernels *gemm = e->kernels->gemm;
    int image = w->first + index / conv->y.out, oy = index % conv->y.out,
        blocks = product_blocks(conv);
    size_t weights = (size_t)blocks * BLOCK * (size_t)gemm->width;
    float *values = e->scratch + (size_t)worker * e->scratch_floats;
    float *tile = values + (size_t)blocks * (size_t)gemm->rows * BLOCK;
    struct sink sink = step_sink(e, w->step, image);
    int most = (conv->x.out + w->tiles - 1) / w->tiles;
    memset(values, 0, (size_t)blocks * (size_t)gemm->rows * BLOCK * sizeof(float));
    for (int ox = 0; ox < conv->x.out; ox += most) {
        int rows = conv->x.out - ox < most ? conv->x.out - ox : most;
        int32_t to[GEMM_TILE];
        for (int r = 0; r < rows; r++) to[r] = (oy * conv->x.out + ox + r) * BLOCK;
        gather(w, image, oy, ox, rows, values);
        for (int panel = 0; panel < conv->packed->panels; panel++) {
            gemm->packed(tile, NULL, rows, values, blocks,
                         conv->packed->w + (size_t)panel * weights, NULL);
            sink.channel = panel * gemm->width;
            sink.bias = conv->packed->bias + (size_t)panel * (size_t)gemm->width;
            gemm->store(tile, rows, to, &sink);
        }
    }
}

static void run(struct engine *engine, const struct step *step, int first, int count) {
    int rows = engine->kernels->gemm->rows;
    struct work w = {engine, step, first, (step->conv->x.out + rows - 1) / rows};
    step_seal(engine, step, first, count);
    pool_run(engine->options.pool, do_row, &w, step->conv->y.out * count);
}

const struct algorithm algorithm_gathered = {.name = "gathered",
                                             .planar_in = true,
                                             .fits = fits,
                                             .map = map,
                                             .measure = measure,
                                             .pack = pack,
                                             .scratch = scratch,
                                             .partial = none,
                                             .macs = macs,
                                             .run = run};
