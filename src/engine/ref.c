#include "engine/ref.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/ref_ops.h"

static size_t count_of(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

static double act(enum act kind, double slope, double x) {
    switch (kind) {
    case ACT_NONE:
        return x;
    case ACT_RELU:
        return x > 0 ? x : 0;
    case ACT_LEAKY_RELU:
        return x > 0 ? x : slope * x;
    case ACT_SILU:
        return x / (1 + exp(-x));
    case ACT_ELU:
        return x > 0 ? x : expm1(x);
    case ACT_GELU:
        return 0.5 * x * (1 + erf(x / sqrt(2.0)));
    case ACT_TANH:
        return tanh(x);
    case ACT_SIGMOID:
        return 1 / (1 + exp(-x));
    }
    return x;
}

void ref_act(const struct ref_args *a) {
    size_t count = count_of(a->node->out);
    for (size_t i = 0; i < count; i++)
        a->out[i] = (float)act(a->node->act, a->node->value, (double)a->in[0][i]);
}

static void style(const struct ref_args *a, int image_label) {
    int label = a->node->label == -1 ? image_label : a->node->label;
    assert(label >= 0);
    size_t dim = (size_t)a->node->out.c;
    memcpy(a->out, a->w[0] + (size_t)label * dim, dim * sizeof(float));
}

static void concat(const struct ref_args *a) {
    size_t first = count_of(a->shape[0]), second = count_of(a->shape[1]);
    memcpy(a->out, a->in[0], first * sizeof(float));
    memcpy(a->out + first, a->in[1], second * sizeof(float));
}

static void slice(const struct ref_args *a) {
    size_t area = (size_t)a->node->out.h * (size_t)a->node->out.w;
    memcpy(a->out, a->in[0] + (size_t)a->node->groups * area,
           count_of(a->node->out) * sizeof(float));
}

/* The operations that take each value on its own; `c` and `p` are its channel and position. */
static double pointwise(const struct ref_args *a, size_t c, size_t p, size_t area) {
    size_t i = c * area + p, half = (size_t)a->node->out.c;
    switch (a->node->op) {
    case OP_ADD:
        return (double)a->in[0][i] + (double)a->in[1][i];
    case OP_MUL:
        return (double)a->in[0][i] * (double)a->in[1][a->shape[1].c == 1 ? p : i];
    case OP_EXPAND:
        return (double)a->in[0][c];
    case OP_FILM:
        return (double)a->in[1][c] * (double)a->in[0][i] + (double)a->in[1][half + c];
    case OP_GAMMA:
        return (double)a->w[0][0] * (double)a->in[0][i] + (double)a->in[1][i];
    default:
        assert(false && "not a pointwise operation");
        return 0;
    }
}

static void each_value(const struct ref_args *a) {
    size_t area = (size_t)a->node->out.h * (size_t)a->node->out.w;
    for (size_t c = 0; c < (size_t)a->node->out.c; c++)
        for (size_t p = 0; p < area; p++) a->out[c * area + p] = (float)pointwise(a, c, p, area);
}

static void run_node(const struct ref_args *a, const float *image, int label) {
    switch (a->node->op) {
    case OP_INPUT:
        memcpy(a->out, image, count_of(a->node->out) * sizeof(float));
        break;
    case OP_STYLE:
        style(a, label);
        break;
    case OP_CONV:
        ref_conv(a);
        break;
    case OP_CONV_TRANSPOSE:
        ref_conv_transpose(a);
        break;
    case OP_RESIZE:
        ref_resize(a);
        break;
    case OP_WINDOW:
        ref_window(a);
        break;
    case OP_PIXEL_SHUFFLE:
        ref_pixel_shuffle(a);
        break;
    case OP_ACT:
        ref_act(a);
        break;
    case OP_BATCH_NORM:
        ref_batch_norm(a);
        break;
    case OP_NORM:
        ref_norm(a);
        break;
    case OP_CHANNEL_NORM:
        ref_channel_norm(a);
        break;
    case OP_CONCAT:
        concat(a);
        break;
    case OP_SLICE:
        slice(a);
        break;
    case OP_ATTENTION:
        ref_attention(a);
        break;
    case OP_LINEAR_ATTENTION:
        ref_linear_attention(a);
        break;
    case OP_ADD:
    case OP_MUL:
    case OP_EXPAND:
    case OP_FILM:
    case OP_GAMMA:
        each_value(a);
        break;
    }
}

static struct ref_args args_of(const struct graph *graph, int node, float *const *tensors) {
    struct ref_args a = {.node = &graph->nodes[node], .out = tensors[node]};
    for (int i = 0; i < NODE_INPUTS; i++) {
        int input = a.node->inputs[i];
        if (input < 0) continue;
        a.in[i] = tensors[input];
        a.shape[i] = graph->nodes[input].out;
    }
    for (int i = 0; i < NODE_WEIGHTS; i++) {
        if (a.node->weights[i] < 0) continue;
        a.w[i] = graph->slots[a.node->weights[i]].data;
        assert(a.w[i]);
    }
    return a;
}

/* uses[i] is how many live nodes and roots read node i; 0 for nodes that nothing needs. */
static int *count_uses(const struct graph *graph, const int *roots, int root_count) {
    int *uses = mem_array((size_t)graph->node_count, sizeof *uses);
    for (int i = 0; i < root_count; i++) uses[roots[i]]++;
    for (int n = graph->node_count - 1; n >= 0; n--)
        for (int i = 0; uses[n] && i < NODE_INPUTS; i++)
            if (graph->nodes[n].inputs[i] >= 0) uses[graph->nodes[n].inputs[i]]++;
    return uses;
}

static void release(float **tensors, int *uses, int node) {
    if (--uses[node] > 0) return;
    mem_free(tensors[node]);
    tensors[node] = NULL;
}

static void deliver(const struct graph *graph, int node, float **tensors, int *uses,
                    const int *roots, int root_count, float *const *outputs) {
    for (int i = 0; i < root_count; i++) {
        if (roots[i] != node) continue;
        assert(tensors[node]); /* every root counts among its uses */
        memcpy(outputs[i], tensors[node], count_of(graph->nodes[node].out) * sizeof(float));
        release(tensors, uses, node);
    }
}

void ref_run(const struct graph *graph, const int *roots, int root_count, const float *image,
             int label, float *const *outputs, void (*tap)(void *context, int node, float *tensor),
             void *context) {
    float **tensors = mem_array((size_t)graph->node_count, sizeof *tensors);
    int *uses = count_uses(graph, roots, root_count);
    for (int n = 0; n < graph->node_count; n++) {
        if (!uses[n]) continue;
        tensors[n] = mem_array(count_of(graph->nodes[n].out), sizeof(float));
        struct ref_args a = args_of(graph, n, tensors);
        run_node(&a, image, label);
        if (tap) tap(context, n, tensors[n]);
        for (int i = 0; i < NODE_INPUTS; i++)
            if (a.node->inputs[i] >= 0) release(tensors, uses, a.node->inputs[i]);
        deliver(graph, n, tensors, uses, roots, root_count, outputs);
    }
    mem_free(uses);
    mem_free(tensors);
}
