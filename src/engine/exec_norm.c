/* Norms with statistics of the image, and per-channel scale and shift. Statistics are sums in
 * double over whole planes, each in one fixed order. */
#include <math.h>
#include <string.h>

#include "engine/exec.h"

struct statistics { /* per image and channel, blocks padded */
    double *mean, *squares;
};

void exec_prepare_norm(struct engine *engine, struct step *step, struct shape in) {
    size_t channels = (size_t)(in.c + BLOCK - 1) / BLOCK * BLOCK;
    size_t count = channels * (size_t)engine->options.batch;
    step->statistics = arena_alloc(&engine->memory, sizeof *step->statistics);
    step->statistics->mean = arena_alloc(&engine->memory, count * sizeof(double));
    step->statistics->squares = arena_alloc(&engine->memory, count * sizeof(double));
}

static const struct tensor *input_tensor(const struct exec_range *r) {
    return &r->engine->tensors[r->step->input[0]];
}

static const float *input_block(const struct exec_range *r, int image, int block) {
    return tensor_at(r->engine, r->step->input[0], image) + (size_t)block * input_tensor(r)->plane;
}

static size_t place(const struct exec_range *r, int image, int block) {
    return ((size_t)image * (size_t)r->blocks + (size_t)block) * BLOCK;
}

static void sum_block(const struct exec_range *r, int image, int block) {
    static const double zero[BLOCK];
    r->engine->kernels->vector->moment(r->step->statistics->mean + place(r, image, block),
                                       input_block(r, image, block), zero, 1,
                                       tensor_pixels(input_tensor(r)));
}

static void square_block(const struct exec_range *r, int image, int block) {
    size_t at = place(r, image, block);
    r->engine->kernels->vector->moment(r->step->statistics->squares + at,
                                       input_block(r, image, block), r->step->statistics->mean + at,
                                       2, tensor_pixels(input_tensor(r)));
}

/* Replaces every channel's sum by the mean over its group. */
static void average_groups(const struct step *step, double *sums, size_t pixels) {
    int size = step->node.out.c / step->node.groups;
    for (int first = 0; first < step->node.out.c; first += size) {
        double sum = 0;
        for (int c = first; c < first + size; c++) sum += sums[c];
        double mean = sum / ((double)size * (double)pixels);
        for (int c = first; c < first + size; c++) sums[c] = mean;
    }
}

static void average_images(const struct exec_range *r, double *sums) {
    for (int i = r->first; i < r->first + r->count; i++)
        average_groups(r->step, sums + place(r, i, 0), tensor_pixels(input_tensor(r)));
}

/* x scale + shift for the channels of a block. */
static void affine_block(const struct exec_range *r, int image, int block, const float *scale,
                         const float *shift) {
    struct sink sink = step_sink(r->engine, r->step, image);
    r->engine->kernels->vector->affine(input_block(r, image, block), scale, shift,
                                       tensor_pixels(input_tensor(r)), (size_t)block * sink.plane,
                                       &sink);
}

static void normalise(const struct exec_range *r, int image, int block, const double *mean,
                      const double *variance, const float *gamma, const float *beta) {
    float scale[BLOCK] = {0}, shift[BLOCK] = {0};
    for (int c = 0; c < BLOCK && block * BLOCK + c < r->step->node.out.c; c++) {
        int channel = block * BLOCK + c;
        double factor =
            (gamma ? (double)gamma[channel] : 1) / sqrt(variance[c] + r->step->node.value);
        scale[c] = (float)factor;
        shift[c] = (float)((beta ? (double)beta[channel] : 0) - mean[c] * factor);
    }
    affine_block(r, image, block, scale, shift);
}

static void norm_block(const struct exec_range *r, int image, int block) {
    size_t at = place(r, image, block);
    const struct statistics *s = r->step->statistics;
    normalise(r, image, block, s->mean + at, s->squares + at, r->step->weights[0],
              r->step->weights[1]);
}

static void seal_forms(const struct engine *e, const struct step *step, int first, int count) {
    step_seal(e, step, first, count);
}

void exec_norm(struct engine *engine, const struct step *step, int first, int count) {
    int blocks = tensor_blocks(&engine->tensors[step->input[0]]);
    struct exec_range range = {engine, step, first, count, blocks};
    seal_forms(engine, step, first, count);
    exec_blocks(engine, step, first, count, blocks, sum_block);
    average_images(&range, step->statistics->mean);
    exec_blocks(engine, step, first, count, blocks, square_block);
    average_images(&range, step->statistics->squares);
    exec_blocks(engine, step, first, count, blocks, norm_block);
}

static void batch_norm_block(const struct exec_range *r, int image, int block) {
    const struct step *step = r->step;
    double mean[BLOCK] = {0}, variance[BLOCK] = {0};
    for (int c = 0; c < BLOCK && block * BLOCK + c < step->node.out.c; c++) {
        mean[c] = (double)step->weights[2][block * BLOCK + c];
        variance[c] = (double)step->weights[3][block * BLOCK + c];
    }
    normalise(r, image, block, mean, variance, step->weights[0], step->weights[1]);
}

void exec_batch_norm(struct engine *engine, const struct step *step, int first, int count) {
    seal_forms(engine, step, first, count);
    exec_blocks(engine, step, first, count, tensor_blocks(&engine->tensors[step->input[0]]),
                batch_norm_block);
}

/* One pixel's value of channel c: FiLM's parameters are a map of one position. */
static float parameter(const struct exec_range *r, int image, int c) {
    int tensor = r->step->input[1];
    size_t plane = r->engine->tensors[tensor].plane;
    return tensor_at(r->engine, tensor, image)[(size_t)(c / BLOCK) * plane + (size_t)(c % BLOCK)];
}

static void film_block(const struct exec_range *r, int image, int block) {
    float scale[BLOCK] = {0}, shift[BLOCK] = {0};
    int channels = r->step->node.out.c;
    for (int c = 0; c < BLOCK && block * BLOCK + c < channels; c++) {
        scale[c] = parameter(r, image, block * BLOCK + c);
        shift[c] = parameter(r, image, channels + block * BLOCK + c);
    }
    affine_block(r, image, block, scale, shift);
}

void exec_film(struct engine *engine, const struct step *step, int first, int count) {
    seal_forms(engine, step, first, count);
    exec_blocks(engine, step, first, count, tensor_blocks(&engine->tensors[step->input[0]]),
                film_block);
}

/* Over the channels of each position of row `y`. */
static void channel_norm_row(const struct exec_range *r, int image, int y) {
    const struct step *step = r->step;
    const struct tensor *t = input_tensor(r);
    size_t row = (size_t)y * (size_t)t->shape.w * BLOCK;
    const float *from = tensor_at(r->engine, step->input[0], image) + row;
    float *to = tensor_at(r->engine, step->output, image) + row;
    size_t channels = (size_t)t->shape.c;
    for (int x = 0; x < t->shape.w; x++, from += BLOCK, to += BLOCK) {
        double sum = 0, squares = 0;
        for (size_t c = 0; c < channels; c++) sum += (double)from[c / BLOCK * t->plane + c % BLOCK];
        double mean = sum / (double)channels;
        for (size_t c = 0; c < channels; c++) {
            double d = (double)from[c / BLOCK * t->plane + c % BLOCK] - mean;
            squares += d * d;
        }
        double factor = 1 / sqrt(squares / (double)channels + step->node.value);
        for (size_t c = 0; c < channels; c++) {
            size_t at = c / BLOCK * t->plane + c % BLOCK;
            double gamma = step->weights[0] ? (double)step->weights[0][c] : 1;
            double beta = step->weights[1] ? (double)step->weights[1][c] : 0;
            to[at] = (float)(((double)from[at] - mean) * factor * gamma + beta);
        }
    }
}

void exec_channel_norm(struct engine *engine, const struct step *step, int first, int count) {
    tensor_seal(engine, step->output, first, count);
    exec_blocks(engine, step, first, count, step->node.out.h, channel_norm_row);
}
