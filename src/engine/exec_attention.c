/* Attention over the positions of a map, as two matrix products; and linear attention. One image
 * after the other: queries, keys and values of all heads are first put in the kernels' order. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/exec.h"

/* Buffers of one image. Rows are [row][stride], stride a multiple of BLOCK; panels are
 * [panel][k][width] as the kernels read weights. */
struct attention {
    int positions, heads;
    int depth, depth_stride; /* of q and k, one head */
    int channels;            /* of v, one head */
    float *queries;          /* rows [head][position][depth] */
    float *keys;             /* panels: [head][panel of positions][depth][width]; linear: rows
                                [depth][position] */
    float *values;           /* panels: [head][panel of channels][position][width] */
    float *context;          /* linear: panels [panel of channels][depth][width] */
    double *key_sums;        /* linear: [depth] */
    float *scores;           /* [worker][rows of a tile][position stride] */
    int32_t *query_rows, *score_rows;
    size_t head_queries, head_keys, head_values; /* floats of one head */
    int position_stride;
};

static int padded(int n, int to) {
    return (n + to - 1) / to * to;
}

/* On a cache line, as vectors that lie across two are loaded twice. */
static float *buffer(struct arena *memory, size_t floats) {
    uintptr_t at = (uintptr_t)arena_alloc(memory, (floats + LINE) * sizeof(float));
    size_t line = LINE * sizeof(float);
    return (float *)((at + line - 1) / line * line);
}

static struct attention *prepare(struct engine *engine, struct step *step, int heads) {
    const struct gemm_kernels *gemm = engine->kernels->gemm;
    struct arena *memory = &engine->memory;
    struct attention *a = arena_alloc(memory, sizeof *a);
    struct shape q = engine->tensors[step->input[0]].shape;
    struct shape v = engine->tensors[step->input[2]].shape;
    a->positions = q.h * q.w;
    a->heads = heads;
    a->depth = q.c / heads;
    a->channels = v.c / heads;
    a->depth_stride = (int)odd_lines((size_t)a->depth);
    a->position_stride = (int)odd_lines((size_t)padded(a->positions, gemm->width));
    size_t n = (size_t)a->positions, h = (size_t)heads;
    a->head_queries = n * (size_t)a->depth_stride;
    a->head_keys = (size_t)padded(a->positions, gemm->width) * (size_t)a->depth;
    a->head_values = (size_t)padded(a->channels, gemm->width) * n;
    a->queries = buffer(memory, h * a->head_queries);
    a->keys = buffer(memory, h * a->head_keys);
    a->values = buffer(memory, h * a->head_values);
    a->query_rows = arena_alloc(memory, n * sizeof(int32_t));
    for (int i = 0; i < a->positions; i++) a->query_rows[i] = i * a->depth_stride;
    step->attention = a;
    return a;
}

void exec_prepare_attention(struct engine *engine, struct step *step, struct shape in) {
    (void)in;
    struct attention *a = prepare(engine, step, step->node.groups);
    size_t rows = (size_t)engine->kernels->gemm->rows;
    size_t tile = rows * (size_t)a->position_stride;
    size_t workers = (size_t)pool_threads(engine->options.pool);
    a->scores = buffer(&engine->memory, workers * tile);
    a->score_rows = arena_alloc(&engine->memory, rows * sizeof(int32_t));
    for (size_t i = 0; i < rows; i++) a->score_rows[i] = (int32_t)i * a->position_stride;
}

void exec_prepare_linear_attention(struct engine *engine, struct step *step, struct shape in) {
    (void)in;
    struct attention *a = prepare(engine, step, 1);
    int width = engine->kernels->gemm->width;
    size_t panels = (size_t)padded(a->channels, width);
    a->context = buffer(&engine->memory, panels * (size_t)a->depth);
    a->key_sums = arena_alloc(&engine->memory, (size_t)a->depth * sizeof(double));
    a->keys = buffer(&engine->memory, (size_t)a->depth * (size_t)a->position_stride);
    a->score_rows = arena_alloc(&engine->memory, (size_t)a->depth * sizeof(int32_t));
    for (int i = 0; i < a->depth; i++) a->score_rows[i] = i * a->position_stride;
}

struct work {
    struct engine *engine;
    const struct step *step;
    const struct attention *a;
    int image;
};

static const float *channel_of(const struct work *w, int input, int c) {
    int tensor = w->step->input[input];
    return tensor_at(w->engine, tensor, w->image) +
           (size_t)(c / BLOCK) * w->engine->tensors[tensor].plane + (size_t)(c % BLOCK);
}

static void gather_head(void *context, int head, int worker) {
    (void)worker;
    const struct work *w = context;
    const struct attention *a = w->a;
    int width = w->engine->kernels->gemm->width;
    float scale = (float)(1 / sqrt((double)a->depth));
    float *queries = a->queries + (size_t)head * a->head_queries;
    float *keys = a->keys + (size_t)head * a->head_keys;
    float *values = a->values + (size_t)head * a->head_values;
    for (int d = 0; d < a->depth; d++) {
        const float *q = channel_of(w, 0, head * a->depth + d);
        const float *k = channel_of(w, 1, head * a->depth + d);
        for (int i = 0; i < a->positions; i++) {
            queries[i * a->depth_stride + d] = q[i * BLOCK] * scale;
            keys[(i / width * a->depth + d) * width + i % width] = k[i * BLOCK];
        }
    }
    for (int c = 0; c < a->channels; c++) {
        const float *v = channel_of(w, 2, head * a->channels + c);
        for (int i = 0; i < a->positions; i++)
            values[(c / width * a->positions + i) * width + c % width] = v[i * BLOCK];
    }
}

/* Channels c .. c + count - 1 of the result at a position: scale x. */
static void put_channels(const struct work *w, int c, int position, const float *x, int count,
                         float scale) {
    int tensor = w->step->output;
    size_t plane = w->engine->tensors[tensor].plane;
    float *out = tensor_at(w->engine, tensor, w->image) + (size_t)position * BLOCK;
    for (int end, i = 0; i < count; i = end) { /* of one block */
        float *to = out + (size_t)((c + i) / BLOCK) * plane + (size_t)((c + i) % BLOCK) - i;
        end = i + BLOCK - (c + i) % BLOCK;
        if (end > count) end = count;
        for (int k = i; k < end; k++) to[k] = x[k] * scale;
    }
}

static void attend(void *context, int index, int worker) {
    const struct work *w = context;
    const struct attention *a = w->a;
    const struct gemm_kernels *gemm = w->engine->kernels->gemm;
    int tiles = (a->positions + gemm->rows - 1) / gemm->rows, head = index / tiles;
    int first = index % tiles * gemm->rows, width = gemm->width;
    int rows = a->positions - first < gemm->rows ? a->positions - first : gemm->rows;
    float *scores = a->scores + (size_t)worker * (size_t)gemm->rows * (size_t)a->position_stride;
    float tile[GEMM_TILE], sum[GEMM_TILE];
    struct gemm_span span = {a->queries + (size_t)head * a->head_queries, a->query_rows, BLOCK,
                             a->depth, BLOCK};
    for (int j = 0; j < a->positions; j += width) {
        gemm->tile(tile, NULL, rows, &span, 1, first,
                   a->keys + (size_t)head * a->head_keys + (size_t)(j * a->depth));
        for (int r = 0; r < rows; r++)
            memcpy(scores + r * a->position_stride + j, tile + r * width,
                   (size_t)width * sizeof *tile);
    }
    for (int r = 0; r < rows; r++)
        sum[r] = w->engine->kernels->vector->softmax(scores + r * a->position_stride,
                                                     (size_t)a->positions);
    span = (struct gemm_span){scores, a->score_rows, BLOCK, a->positions, BLOCK};
    for (int c = 0; c < a->channels; c += width) {
        gemm->tile(tile, NULL, rows, &span, 1, 0,
                   a->values + (size_t)head * a->head_values + (size_t)c * (size_t)a->positions);
        int count = a->channels - c < width ? a->channels - c : width;
        for (int r = 0; r < rows; r++)
            put_channels(w, head * a->channels + c, first + r, tile + r * width, count, 1 / sum[r]);
    }
}

void exec_attention(struct engine *engine, const struct step *step, int first, int count) {
    const struct attention *a = step->attention;
    int rows = engine->kernels->gemm->rows, tiles = (a->positions + rows - 1) / rows;
    tensor_seal(engine, step->output, first, count);
    for (int i = first; i < first + count; i++) {
        struct work w = {engine, step, a, i};
        pool_run(engine->options.pool, gather_head, &w, a->heads);
        pool_run(engine->options.pool, attend, &w, a->heads * tiles);
    }
}

/* phi(u) = elu(u) + 1, of `count` values, a multiple of BLOCK. */
static void phi(const struct work *w, float *x, size_t count) {
    for (size_t i = 0; i < count; i += BLOCK) {
        float e[BLOCK];
        w->engine->kernels->vector->curve(e, x + i, BLOCK, CURVE_EXP, 0);
        for (size_t j = 0; j < BLOCK; j++) x[i + j] = x[i + j] > 0 ? x[i + j] + 1 : e[j];
    }
}

static void gather_linear(const struct work *w) {
    const struct attention *a = w->a;
    int width = w->engine->kernels->gemm->width;
    for (int d = 0; d < a->depth; d++) {
        const float *q = channel_of(w, 0, d), *k = channel_of(w, 1, d);
        float *row = a->keys + (size_t)d * (size_t)a->position_stride;
        for (int i = 0; i < a->positions; i++) {
            a->queries[i * a->depth_stride + d] = q[i * BLOCK];
            row[i] = k[i * BLOCK];
        }
        phi(w, row, (size_t)a->position_stride);
        a->key_sums[d] = 0;
        for (int i = 0; i < a->positions; i++) a->key_sums[d] += (double)row[i];
    }
    phi(w, a->queries, a->head_queries);
    for (int c = 0; c < a->channels; c++) {
        const float *v = channel_of(w, 2, c);
        for (int i = 0; i < a->positions; i++)
            a->values[(c / width * a->positions + i) * width + c % width] = v[i * BLOCK];
    }
}

/* context = phi(keys)^T values, a tile of depths and a panel of channels at a time. */
static void make_context(void *context, int index, int worker) {
    (void)worker;
    const struct work *w = context;
    const struct attention *a = w->a;
    const struct gemm_kernels *gemm = w->engine->kernels->gemm;
    struct gemm_span span = {a->keys, a->score_rows, BLOCK, a->positions, BLOCK};
    size_t c = (size_t)index * (size_t)gemm->width;
    for (int d = 0; d < a->depth; d += gemm->rows) {
        int rows = a->depth - d < gemm->rows ? a->depth - d : gemm->rows;
        gemm->tile(a->context + c * (size_t)a->depth + (size_t)(d * gemm->width), NULL, rows, &span,
                   1, d, a->values + c * (size_t)a->positions);
    }
}

static void attend_linear(void *context, int index, int worker) {
    (void)worker;
    const struct work *w = context;
    const struct attention *a = w->a;
    const struct gemm_kernels *gemm = w->engine->kernels->gemm;
    int first = index * gemm->rows, width = gemm->width;
    int rows = a->positions - first < gemm->rows ? a->positions - first : gemm->rows;
    float tile[GEMM_TILE], scale[GEMM_TILE];
    for (int r = 0; r < rows; r++) {
        const float *q = a->queries + (size_t)(first + r) * (size_t)a->depth_stride;
        double total = 0;
        for (int d = 0; d < a->depth; d++) total += (double)q[d] * a->key_sums[d];
        scale[r] = (float)(1 / fmax(total, 1e-6));
    }
    struct gemm_span span = {a->queries, a->query_rows, BLOCK, a->depth, BLOCK};
    for (int c = 0; c < a->channels; c += width) {
        gemm->tile(tile, NULL, rows, &span, 1, first, a->context + (size_t)c * (size_t)a->depth);
        int count = a->channels - c < width ? a->channels - c : width;
        for (int r = 0; r < rows; r++)
            put_channels(w, c, first + r, tile + r * width, count, scale[r]);
    }
}

void exec_linear_attention(struct engine *engine, const struct step *step, int first, int count) {
    const struct attention *a = step->attention;
    const struct gemm_kernels *gemm = engine->kernels->gemm;
    tensor_seal(engine, step->output, first, count);
    for (int i = first; i < first + count; i++) {
        struct work w = {engine, step, a, i};
        gather_linear(&w);
        pool_run(engine->options.pool, make_context, &w,
                 (a->channels + gemm->width - 1) / gemm->width);
        pool_run(engine->options.pool, attend_linear, &w,
                 (a->positions + gemm->rows - 1) / gemm->rows);
    }
}
