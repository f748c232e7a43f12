/* The simple operations: every one is a pass over the blocks of its result. */
#include <assert.h>
#include <string.h>

#include "engine/exec.h"
#include "engine/plan_graph.h"

void tensor_seal(const struct engine *engine, int tensor, int first, int count) {
    const struct tensor *t = &engine->tensors[tensor];
    size_t pixels = tensor_pixels(t) * (size_t)t->lanes;
    for (int i = first; i < first + count; i++)
        for (int b = 0; b < tensor_blocks(t); b++)
            memset(tensor_at(engine, tensor, i) + (size_t)b * t->plane + pixels, 0,
                   (size_t)t->lanes * sizeof(float));
}

void step_seal(const struct engine *engine, const struct step *step, int first, int count) {
    for (const struct step *s = step; s < step + step->siblings; s++)
        for (int f = 0; f < s->form_count; f++)
            tensor_seal(engine, s->forms[f].tensor, first, count);
}

struct sink step_sink(const struct engine *engine, const struct step *step, int first) {
    const struct tensor *t = &engine->tensors[step->forms[0].tensor];
    struct sink sink = {
        .plane = t->plane, .channels = tensor_blocks(t) * t->lanes, .form_count = step->form_count};
    for (int f = 0; f < step->form_count; f++)
        sink.forms[f] = (struct form){tensor_at(engine, step->forms[f].tensor, first),
                                      step->forms[f].curve, step->forms[f].slope};
    return sink;
}

struct blocks_work {
    struct exec_range range;
    void (*task)(const struct exec_range *range, int image, int block);
};

static void do_block(void *context, int index, int worker) {
    (void)worker;
    const struct blocks_work *work = context;
    const struct exec_range *range = &work->range;
    work->task(range, range->first + index / range->blocks, index % range->blocks);
}

void exec_blocks(struct engine *engine, const struct step *step, int first, int count, int blocks,
                 void (*task)(const struct exec_range *range, int image, int block)) {
    struct blocks_work work = {{engine, step, first, count, blocks}, task};
    pool_run(engine->options.pool, do_block, &work, count * blocks);
}

static const float *in_block(const struct exec_range *r, int input, int image, int block) {
    int tensor = r->step->input[input];
    return tensor_at(r->engine, tensor, image) + (size_t)block * r->engine->tensors[tensor].plane;
}

static float *out_block(const struct exec_range *r, int image, int block) {
    const struct tensor *t = &r->engine->tensors[r->step->output];
    return tensor_at(r->engine, r->step->output, image) + (size_t)block * t->plane;
}

static size_t block_floats(const struct exec_range *r) {
    return tensor_pixels(&r->engine->tensors[r->step->output]) * BLOCK;
}

static void over_output(struct engine *e, const struct step *step, int first, int count,
                        void (*task)(const struct exec_range *range, int image, int block)) {
    const struct tensor *t = &e->tensors[step->output];
    tensor_seal(e, step->output, first, count);
    exec_blocks(e, step, first, count, tensor_blocks(t), task);
}

/* Channels `from` .. of [c, h, w] floats to one block, and back. */

static void interleave(float *block, const float *planes, int channels, size_t pixels) {
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < BLOCK; c++)
            block[p * BLOCK + (size_t)c] = c < channels ? planes[(size_t)c * pixels + p] : 0;
}

static void deinterleave(float *planes, const float *block, int channels, size_t pixels) {
    for (int c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++)
            planes[(size_t)c * pixels + p] = block[p * BLOCK + (size_t)c];
}

static int channels_of_block(const struct tensor *t, int block) {
    int left = t->shape.c - block * t->lanes;
    return left < t->lanes ? left : t->lanes;
}

static void input_block(const struct exec_range *r, int image, int block) {
    const struct tensor *t = &r->engine->tensors[r->step->output];
    size_t pixels = tensor_pixels(t);
    const float *from = r->engine->images[image] + (size_t)block * (size_t)t->lanes * pixels;
    if (t->lanes == 1)
        memcpy(out_block(r, image, block), from, pixels * sizeof(float));
    else
        interleave(out_block(r, image, block), from, channels_of_block(t, block), pixels);
}

static void run_input(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, input_block);
}

static void output_block(const struct exec_range *r, int image, int block) {
    const struct engine *e = r->engine;
    const struct tensor *t = &e->tensors[r->step->input[0]];
    size_t pixels = tensor_pixels(t);
    float *to = e->outputs[r->step->root * e->image_count + image] +
                (size_t)block * (size_t)t->lanes * pixels;
    if (t->lanes == 1)
        memcpy(to, in_block(r, 0, image, block), pixels * sizeof(float));
    else
        deinterleave(to, in_block(r, 0, image, block), channels_of_block(t, block), pixels);
}

void exec_output(struct engine *e, const struct step *step, int first, int count) {
    exec_blocks(e, step, first, count, tensor_blocks(&e->tensors[step->input[0]]), output_block);
}

static void style_block(const struct exec_range *r, int image, int block) {
    const struct node *n = &r->step->node;
    int label = n->label >= 0 ? n->label : r->engine->labels[image];
    const float *row = r->step->weights[0] + (size_t)label * (size_t)n->out.c;
    const struct tensor *t = &r->engine->tensors[r->step->output];
    interleave(out_block(r, image, block), row + block * BLOCK, channels_of_block(t, block), 1);
}

static void run_style(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, style_block);
}

static void act_block(const struct exec_range *r, int image, int block) {
    const struct node *n = &r->step->node;
    r->engine->kernels->vector->curve(out_block(r, image, block), in_block(r, 0, image, block),
                                      block_floats(r), plan_curve(n->act), (float)n->value);
}

static void run_act(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, act_block);
}

static void add_block(const struct exec_range *r, int image, int block) {
    r->engine->kernels->vector->add(out_block(r, image, block), in_block(r, 0, image, block),
                                    in_block(r, 1, image, block), block_floats(r));
}

static void run_add(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, add_block);
}

static void gamma_block(const struct exec_range *r, int image, int block) {
    r->engine->kernels->vector->scale_add(out_block(r, image, block), r->step->weights[0][0],
                                          in_block(r, 0, image, block),
                                          in_block(r, 1, image, block), block_floats(r));
}

static void run_gamma(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, gamma_block);
}

static void mul_block(const struct exec_range *r, int image, int block) {
    bool broadcast = r->engine->tensors[r->step->input[1]].shape.c == 1;
    float *to = out_block(r, image, block);
    const float *x = in_block(r, 0, image, block);
    const float *y = in_block(r, 1, image, broadcast ? 0 : block);
    if (broadcast)
        r->engine->kernels->vector->gate(to, x, y, block_floats(r) / BLOCK);
    else
        for (size_t i = 0; i < block_floats(r); i++) to[i] = x[i] * y[i];
}

static void run_mul(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, mul_block);
}

static void expand_block(const struct exec_range *r, int image, int block) {
    float *to = out_block(r, image, block);
    const float *from = in_block(r, 0, image, block);
    for (size_t i = 0; i < block_floats(r); i += BLOCK) memcpy(to + i, from, BLOCK * sizeof *to);
}

static void run_expand(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, expand_block);
}

/* Channels first .. of the block from channels `from` .. of the input: they may straddle two of its
 * blocks. */
static void copy_channels(const struct exec_range *r, int input, int image, int block, int first,
                          int from, int count) {
    size_t pixels = block_floats(r) / BLOCK;
    float *to = out_block(r, image, block);
    for (int c = 0; c < count; c++) {
        const float *x = in_block(r, input, image, (from + c) / BLOCK) + (from + c) % BLOCK;
        float *y = to + first + c;
        for (size_t p = 0; p < pixels; p++) y[p * BLOCK] = x[p * BLOCK];
    }
}

static void concat_block(const struct exec_range *r, int image, int block) {
    const struct engine *e = r->engine;
    const struct tensor *out = &e->tensors[r->step->output];
    int boundary = e->tensors[r->step->input[0]].shape.c, first = block * BLOCK;
    int count = channels_of_block(out, block);
    int before = boundary - first < 0 ? 0 : boundary - first > count ? count : boundary - first;
    copy_channels(r, 0, image, block, 0, first, before);
    copy_channels(r, 1, image, block, before, first + before - boundary, count - before);
}

static void run_concat(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, concat_block);
}

static void slice_block(const struct exec_range *r, int image, int block) {
    const struct tensor *out = &r->engine->tensors[r->step->output];
    copy_channels(r, 0, image, block, 0, r->step->node.groups + block * BLOCK,
                  channels_of_block(out, block));
}

static void run_slice(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, slice_block);
}

/* out[c, y sh + dy, x sw + dx] = in[(c sh + dy) sw + dx, y, x]; mostly it is part of a convolution.
 */
static void shuffle_block(const struct exec_range *r, int image, int block) {
    const struct tensor *out = &r->engine->tensors[r->step->output];
    int sh = r->step->node.stride.h, sw = r->step->node.stride.w, w = out->shape.w / sw;
    float *to = out_block(r, image, block);
    for (int c = 0; c < channels_of_block(out, block); c++)
        for (int y = 0; y < out->shape.h; y++)
            for (int x = 0; x < out->shape.w; x++) {
                int from = ((block * BLOCK + c) * sh + y % sh) * sw + x % sw;
                size_t pixel = (size_t)(y / sh) * (size_t)w + (size_t)(x / sw);
                to[((size_t)y * (size_t)out->shape.w + (size_t)x) * BLOCK + (size_t)c] =
                    in_block(r, 0, image, from / BLOCK)[pixel * BLOCK + (size_t)(from % BLOCK)];
            }
}

static void run_shuffle(struct engine *e, const struct step *step, int first, int count) {
    over_output(e, step, first, count, shuffle_block);
}

const struct exec_op *exec_op_of(enum op op) {
    static const struct exec_op ops[] = {
        [OP_INPUT] = {"input", run_input, false, NULL},
        [OP_STYLE] = {"style", run_style, false, NULL},
        [OP_RESIZE] = {"resize", exec_resample, false, exec_prepare_resample},
        [OP_WINDOW] = {"window", exec_resample, false, exec_prepare_resample},
        [OP_PIXEL_SHUFFLE] = {"shuffle", run_shuffle, false, NULL},
        [OP_ACT] = {"activation", run_act, false, NULL},
        [OP_BATCH_NORM] = {"batch norm", exec_batch_norm, true, NULL},
        [OP_NORM] = {"norm", exec_norm, true, exec_prepare_norm},
        [OP_CHANNEL_NORM] = {"channel norm", exec_channel_norm, false, NULL},
        [OP_CONCAT] = {"concat", run_concat, false, NULL},
        [OP_ADD] = {"add", run_add, false, NULL},
        [OP_MUL] = {"multiply", run_mul, false, NULL},
        [OP_EXPAND] = {"expand", run_expand, false, NULL},
        [OP_FILM] = {"film", exec_film, true, NULL},
        [OP_SLICE] = {"slice", run_slice, false, NULL},
        [OP_ATTENTION] = {"attention", exec_attention, false, exec_prepare_attention},
        [OP_LINEAR_ATTENTION] = {"linear attention", exec_linear_attention, false,
                                 exec_prepare_linear_attention},
        [OP_GAMMA] = {"gamma", run_gamma, false, NULL},
    };
    assert(ops[op].run);
    return &ops[op];
}
