/* Attention over the positions of a map: q, k [d, h, w] and v [c, h, w], n = h * w positions. */
#include <math.h>

#include "base/mem.h"
#include "engine/ref_ops.h"

static size_t positions(const struct ref_args *a) {
    return (size_t)a->node->out.h * (size_t)a->node->out.w;
}

/* weight[j] = softmax over j of q[:, i] . k[:, j] * scale, for the `depth` channels at q and k. */
static void softmax_row(const float *q, const float *k, size_t i, size_t n, size_t depth,
                        double scale, double *weight) {
    double largest = -HUGE_VAL, sum = 0;
    for (size_t j = 0; j < n; j++) {
        double dot = 0;
        for (size_t d = 0; d < depth; d++) dot += (double)q[d * n + i] * (double)k[d * n + j];
        weight[j] = dot * scale;
        if (weight[j] > largest) largest = weight[j];
    }
    for (size_t j = 0; j < n; j++) sum += weight[j] = exp(weight[j] - largest);
    for (size_t j = 0; j < n; j++) weight[j] /= sum;
}

/* Scaled dot product attention (Vaswani et al. 2017, equation 1), the channels of q, k and v split
 * into heads in order. */
void ref_attention(const struct ref_args *a) {
    size_t n = positions(a), heads = (size_t)a->node->groups;
    size_t depth = (size_t)a->shape[0].c / heads, width = (size_t)a->node->out.c / heads;
    double scale = 1 / sqrt((double)depth);
    double *weight = mem_array(n, sizeof *weight);
    for (size_t head = 0; head < heads; head++) {
        const float *q = a->in[0] + head * depth * n, *k = a->in[1] + head * depth * n;
        const float *v = a->in[2] + head * width * n;
        float *out = a->out + head * width * n;
        for (size_t i = 0; i < n; i++) {
            softmax_row(q, k, i, n, depth, scale, weight);
            for (size_t c = 0; c < width; c++) {
                double sum = 0;
                for (size_t j = 0; j < n; j++) sum += weight[j] * (double)v[c * n + j];
                out[c * n + i] = (float)sum;
            }
        }
    }
    mem_free(weight);
}

static double phi(float u) { /* elu(u) + 1 */
    return u > 0 ? (double)u + 1 : exp((double)u);
}

/* Linear attention (Katharopoulos et al. 2020, equation 5) without a residual:
 * out[:, i] = (sum_j v[:, j] phi(k[:, j])^T) phi(q[:, i]) / max(phi(q[:, i]) . sum_j phi(k[:, j]),
 * 1e-6). */
void ref_linear_attention(const struct ref_args *a) {
    size_t n = positions(a), depth = (size_t)a->shape[0].c, width = (size_t)a->node->out.c;
    const float *q = a->in[0], *k = a->in[1], *v = a->in[2];
    double *keys = mem_array(depth, sizeof *keys);
    double *context = mem_array(width * depth, sizeof *context);
    for (size_t d = 0; d < depth; d++)
        for (size_t j = 0; j < n; j++) {
            double key = phi(k[d * n + j]);
            keys[d] += key;
            for (size_t c = 0; c < width; c++) context[c * depth + d] += (double)v[c * n + j] * key;
        }
    for (size_t i = 0; i < n; i++) {
        double total = 0;
        for (size_t d = 0; d < depth; d++) total += phi(q[d * n + i]) * keys[d];
        for (size_t c = 0; c < width; c++) {
            double sum = 0;
            for (size_t d = 0; d < depth; d++) sum += context[c * depth + d] * phi(q[d * n + i]);
            a->out[c * n + i] = (float)(sum / fmax(total, 1e-6));
        }
    }
    mem_free(keys);
    mem_free(context);
}
