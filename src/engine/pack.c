#include "engine/pack.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/algorithm.h"

static const float *slot_data(const struct graph *graph, int slot) {
    return slot >= 0 ? graph->slots[slot].data : NULL;
}

void fold_make(struct fold *fold, const struct graph *graph, const struct node *conv,
               const struct node *batch_norm, int shuffle) {
    const struct slot *weight = &graph->slots[conv->weights[0]];
    bool transposed = conv->op == OP_CONV_TRANSPOSE;
    *fold = (struct fold){.graph = graph, .conv = conv, .batch_norm = batch_norm};
    fold->in_channels = weight->dims[transposed ? 0 : 1];
    fold->out_channels = weight->dims[transposed ? 1 : 0];
    fold->shuffle = shuffle;
    size_t channels = (size_t)(fold->out_channels / shuffle);
    fold->scale = mem_array(channels, sizeof *fold->scale);
    fold->shift = mem_array(channels, sizeof *fold->shift);
    for (size_t c = 0; c < channels; c++) {
        fold->scale[c] = 1;
        if (!batch_norm) continue;
        const float *gamma = slot_data(graph, batch_norm->weights[0]);
        const float *beta = slot_data(graph, batch_norm->weights[1]);
        const float *mean = slot_data(graph, batch_norm->weights[2]);
        const float *variance = slot_data(graph, batch_norm->weights[3]);
        assert(mean && variance); /* unlike gamma and beta every batch norm has them */
        fold->scale[c] =
            (gamma ? (double)gamma[c] : 1) / sqrt((double)variance[c] + batch_norm->value);
        fold->shift[c] = (beta ? (double)beta[c] : 0) - (double)mean[c] * fold->scale[c];
    }
}

void fold_free(struct fold *fold) {
    mem_free(fold->scale);
    mem_free(fold->shift);
    *fold = (struct fold){0};
}

/* Of one shuffle phase: that of output c and input `in` is at w + in * input + c * output. */
struct kernels_of {
    const float *w;
    size_t input, output;
};

static struct kernels_of kernels_of(const struct fold *fold, int phase) {
    const float *w = fold->graph->slots[fold->conv->weights[0]].data;
    size_t kernel = (size_t)fold->conv->kernel.h * (size_t)fold->conv->kernel.w;
    bool transposed = fold->conv->op == OP_CONV_TRANSPOSE;
    size_t input = transposed ? (size_t)fold->out_channels * kernel : kernel;
    size_t output = transposed ? kernel : (size_t)fold->in_channels * kernel;
    return (struct kernels_of){w + (size_t)phase * output, input, output * (size_t)fold->shuffle};
}

double fold_weight(const struct fold *fold, int c, int phase, int in, int k) {
    struct kernels_of kernels = kernels_of(fold, phase);
    const float *w = kernels.w + (size_t)in * kernels.input + (size_t)c * kernels.output;
    return (double)w[k] * fold->scale[c];
}

/* Four outputs at a time: more of their kernels, a power of two apart, would share a set of L1. */
void fold_gather(const struct fold *fold, int c, int outs, int phase, int in, int count,
                 const int *k, int taps, float *w, size_t tap, size_t row) {
    struct kernels_of kernels = kernels_of(fold, phase);
    size_t out = kernels.output;
    for (int i = 0; i < count; i++, w += row) {
        const float *from =
            kernels.w + (size_t)(in + i) * kernels.input + (size_t)c * kernels.output;
        int o = 0;
        for (; o + 4 <= outs; o += 4, from += 4 * out)
            for (int t = 0; t < taps; t++) {
                const float *v = from + k[t];
                const float four[4] = {v[0], v[out], v[2 * out], v[3 * out]};
                memcpy(w + (size_t)t * tap + o, four, sizeof four);
            }
        for (; o < outs; o++, from += out)
            for (int t = 0; t < taps; t++) w[(size_t)t * tap + (size_t)o] = from[k[t]];
    }
}

double fold_bias(const struct fold *fold, int c, int phase) {
    const float *bias = slot_data(fold->graph, fold->conv->weights[1]);
    double b = bias ? (double)bias[(size_t)c * (size_t)fold->shuffle + (size_t)phase] : 0;
    return b * fold->scale[c] + fold->shift[c];
}

static void pack_bias(int width, struct packed *packed) {
    const struct fold *fold = packed->fold;
    size_t row = (size_t)packed->panels * (size_t)width;
    packed->bias = mem_aligned(row * (size_t)fold->shuffle * sizeof(float));
    for (int phase = 0; phase < fold->shuffle; phase++)
        for (int c = 0; c < packed->conv->channels; c++)
            packed->bias[(size_t)phase * row + (size_t)c] = (float)fold_bias(fold, c, phase);
}

static int *put_line(int *key, const struct conv_line *line) {
    const int values[] = {line->in,      line->out,      line->kernel, line->stride,
                          line->padding, line->upsample, line->shuffle};
    memcpy(key, values, sizeof values);
    return key + sizeof values / sizeof *values;
}

/* What the packed weights depend on: slots, the fold, the algorithm, the taps, the parts. */
static void make_key(const struct conv *conv, const struct fold *fold, int key[32]) {
    memset(key, 0, 32 * sizeof *key);
    *key++ = (int)fold->conv->op;
    *key++ = fold->conv->weights[0];
    *key++ = fold->conv->weights[1];
    for (int i = 0; i < NODE_WEIGHTS; i++)
        *key++ = fold->batch_norm ? fold->batch_norm->weights[i] : -1;
    double eps = fold->batch_norm ? fold->batch_norm->value : 0;
    memcpy(key, &eps, sizeof eps);
    key += 2;
    for (int i = 0; algorithm_at(i) != conv->algorithm; i++) (*key)++;
    key = put_line(put_line(key + 1, &conv->y), &conv->x);
    memcpy(key, conv->part_channels, sizeof conv->part_channels);
}

const struct packed *pack_find(struct engine *engine, const struct conv *conv, struct fold *fold) {
    int key[32];
    make_key(conv, fold, key);
    for (struct packed *p = engine->packs; p; p = p->next)
        if (memcmp(p->key, key, sizeof key) == 0) {
            fold_free(fold);
            return p;
        }
    struct packed *packed = mem_alloc(sizeof *packed);
    memcpy(packed->key, key, sizeof key);
    packed->conv = conv;
    packed->fold = mem_alloc(sizeof *packed->fold);
    *packed->fold = *fold;
    packed->next = engine->packs;
    engine->packs = packed;
    conv->algorithm->measure(engine, conv, packed);
    engine->weight_floats += packed->count;
    return packed;
}

static void drop_fold(struct packed *packed) {
    if (packed->fold) fold_free(packed->fold);
    mem_free(packed->fold);
    packed->fold = NULL;
}

static bool overlap(const struct slot *a, const struct slot *b) {
    return a->data < b->data + slot_count(b) && b->data < a->data + slot_count(a);
}

/* Whether something of `kernel`'s data is still to be packed. */
static bool is_needed(const struct packed *p, const struct slot *kernel) {
    for (; p; p = p->next)
        for (int i = 0; !p->w && i < 2; i++) { /* kernel and bias; norms are in the fold */
            int slot = p->fold->conv->weights[i];
            if (slot >= 0 && overlap(&p->fold->graph->slots[slot], kernel)) return true;
        }
    return false;
}

/* The smallest of those not yet packed, or NULL. */
static struct packed *next_to_pack(struct packed *packs) {
    struct packed *smallest = NULL;
    for (struct packed *p = packs; p; p = p->next)
        if (!p->w && (!smallest || p->count < smallest->count)) smallest = p;
    return smallest;
}

/* The smallest first, and each in memory that those before need no more: little is fresh. */
void pack_all(struct engine *engine) {
    struct spent spent = {0};
    for (struct packed *p; (p = next_to_pack(engine->packs));) {
        p->memory = large_reuse(p->count, &spent);
        p->w = p->memory.floats;
        p->conv->algorithm->pack(engine, p);
        pack_bias(engine->kernels->gemm->width, p);
        const struct slot *kernel = &p->fold->graph->slots[p->fold->conv->weights[0]];
        if (engine->options.spent && !is_needed(engine->packs, kernel))
            spent_add(&spent, engine->options.spent(engine->options.spent_context, kernel->data,
                                                    slot_count(kernel)));
        drop_fold(p);
    }
    spent_free(&spent);
}

void pack_free(struct packed *packs) {
    while (packs) {
        struct packed *next = packs->next;
        drop_fold(packs);
        large_free(&packs->memory);
        mem_free(packs->bias);
        mem_free(packs->offset);
        mem_free(packs);
        packs = next;
    }
}
