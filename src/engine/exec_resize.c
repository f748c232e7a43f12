/* Resizing (as torch.nn.functional.interpolate with a size, align_corners=False) and windows: every
 * output is a weighted sum of a few inputs, along rows and columns. */
#include <assert.h>
#include <math.h>

#include "engine/exec.h"

#define TAPS 4

struct axis_taps { /* of one output position */
    int count;
    int at[TAPS]; /* -1: the zero pixel */
    double weight[TAPS];
};

struct resample {
    struct axis_taps *rows, *columns;
};

/* As PyTorch has it: the scale is rounded to single precision first. */
static int nearest(int i, int in, int out) {
    int at = (int)floorf((float)i * ((float)in / (float)out));
    return at < in ? at : in - 1;
}

bool exec_nearest_is_exact(int in, int out) {
    if (out % in) return false;
    for (int i = 0; i < out; i++)
        if (nearest(i, in, out) != i / (out / in)) return false;
    return true;
}

static int clamp(int i, int size) {
    return i < 0 ? 0 : i >= size ? size - 1 : i;
}

/* Keys' cubic convolution (1981) with a = -3/4, at distance x. */
static double cubic(double x) {
    const double a = -0.75;
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

static struct axis_taps taps_of(const struct node *node, int i, int in, int out) {
    struct axis_taps taps = {.count = 1, .weight = {1}};
    double at = ((double)i + 0.5) * in / out - 0.5;
    if (node->op == OP_WINDOW) {
        taps.at[0] = i < in ? i : -1;
    } else if (node->mode == MODE_NEAREST) {
        taps.at[0] = nearest(i, in, out);
    } else if (node->mode == MODE_BILINEAR) {
        int first = at > 0 ? (int)at : 0;
        double t = at > 0 ? at - first : 0;
        taps = (struct axis_taps){2, {first, clamp(first + 1, in)}, {1 - t, t}};
    } else {
        int first = (int)floor(at);
        taps.count = 4;
        for (int k = 0; k < 4; k++) {
            taps.at[k] = clamp(first - 1 + k, in);
            taps.weight[k] = cubic(fabs(at - (first - 1 + k)));
        }
    }
    return taps;
}

static struct axis_taps *axis(struct engine *engine, const struct node *node, int in, int out) {
    struct axis_taps *taps = arena_alloc(&engine->memory, (size_t)out * sizeof *taps);
    for (int i = 0; i < out; i++) taps[i] = taps_of(node, i, in, out);
    return taps;
}

void exec_prepare_resample(struct engine *engine, struct step *step, struct shape in) {
    step->resample = arena_alloc(&engine->memory, sizeof *step->resample);
    step->resample->rows = axis(engine, &step->node, in.h, step->node.out.h);
    step->resample->columns = axis(engine, &step->node, in.w, step->node.out.w);
}

static void resample_pixel(const struct exec_range *range, const float *from, float *to, int y,
                           int x) {
    const struct step *step = range->step;
    const struct tensor *in = &range->engine->tensors[step->input[0]];
    const struct axis_taps *row = &step->resample->rows[y], *column = &step->resample->columns[x];
    int32_t at[TAPS * TAPS];
    float weight[TAPS * TAPS];
    int count = 0;
    for (int i = 0; i < row->count; i++)
        for (int j = 0; j < column->count; j++) {
            bool inside = row->at[i] >= 0 && column->at[j] >= 0;
            int pixel = inside ? row->at[i] * in->shape.w + column->at[j] : (int)tensor_pixels(in);
            at[count] = pixel * BLOCK;
            weight[count++] = (float)(row->weight[i] * column->weight[j]);
        }
    range->engine->kernels->vector->blend(to, from, at, weight, count);
}

static void resample_block(const struct exec_range *range, int image, int block) {
    const struct engine *e = range->engine;
    const struct tensor *in = &e->tensors[range->step->input[0]];
    const struct tensor *out = &e->tensors[range->step->output];
    const float *from = tensor_at(e, range->step->input[0], image) + (size_t)block * in->plane;
    float *to = tensor_at(e, range->step->output, image) + (size_t)block * out->plane;
    for (int y = 0; y < out->shape.h; y++)
        for (int x = 0; x < out->shape.w; x++, to += BLOCK) resample_pixel(range, from, to, y, x);
}

void exec_resample(struct engine *engine, const struct step *step, int first, int count) {
    tensor_seal(engine, step->output, first, count);
    exec_blocks(engine, step, first, count, tensor_blocks(&engine->tensors[step->output]),
                resample_block);
}
