/* Convolutions, each as its definition says: a convolution gathers, a transposed one scatters. */
#include "base/mem.h"
#include "engine/ref_ops.h"

static size_t area(struct shape s) {
    return (size_t)s.h * (size_t)s.w;
}

static void store(const double *sum, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) out[i] = (float)sum[i];
}

static void fill(double *sum, size_t count, const float *bias, int channel) {
    for (size_t i = 0; i < count; i++) sum[i] = bias ? (double)bias[channel] : 0.0;
}

/* sum[y, x] += weight * in[y * stride + ky - padding, x * stride + kx - padding] */
static void gather(const struct node *n, struct shape in_shape, const float *in, int ky, int kx,
                   double weight, double *sum) {
    for (int y = 0; y < n->out.h; y++) {
        int iy = y * n->stride.h + ky - n->padding.h;
        if (iy < 0 || iy >= in_shape.h) continue;
        for (int x = 0; x < n->out.w; x++) {
            int ix = x * n->stride.w + kx - n->padding.w;
            if (ix < 0 || ix >= in_shape.w) continue;
            sum[(size_t)y * (size_t)n->out.w + (size_t)x] +=
                weight * (double)in[(size_t)iy * (size_t)in_shape.w + (size_t)ix];
        }
    }
}

/* sum[iy * stride + ky - padding, ix * stride + kx - padding] += weight * in[iy, ix] */
static void scatter(const struct node *n, struct shape in_shape, const float *in, int ky, int kx,
                    double weight, double *sum) {
    for (int iy = 0; iy < in_shape.h; iy++) {
        int y = iy * n->stride.h + ky - n->padding.h;
        if (y < 0 || y >= n->out.h) continue;
        for (int ix = 0; ix < in_shape.w; ix++) {
            int x = ix * n->stride.w + kx - n->padding.w;
            if (x < 0 || x >= n->out.w) continue;
            sum[(size_t)y * (size_t)n->out.w + (size_t)x] +=
                weight * (double)in[(size_t)iy * (size_t)in_shape.w + (size_t)ix];
        }
    }
}

static void convolve(const struct ref_args *a, bool transposed) {
    const struct node *n = a->node;
    size_t kernel = (size_t)n->kernel.h * (size_t)n->kernel.w;
    size_t in_area = area(a->shape[0]), out_area = area(n->out);
    double *sum = mem_array(out_area, sizeof *sum);
    for (int oc = 0; oc < n->out.c; oc++) {
        fill(sum, out_area, a->w[1], oc);
        for (int ic = 0; ic < a->shape[0].c; ic++) {
            const float *in = a->in[0] + (size_t)ic * in_area;
            size_t pair = transposed ? (size_t)ic * (size_t)n->out.c + (size_t)oc
                                     : (size_t)oc * (size_t)a->shape[0].c + (size_t)ic;
            const float *w = a->w[0] + pair * kernel;
            for (int k = 0; k < (int)kernel; k++) {
                int ky = k / n->kernel.w, kx = k % n->kernel.w;
                (transposed ? scatter : gather)(n, a->shape[0], in, ky, kx, (double)w[k], sum);
            }
        }
        store(sum, out_area, a->out + (size_t)oc * out_area);
    }
    mem_free(sum);
}

void ref_conv(const struct ref_args *a) {
    convolve(a, false);
}

void ref_conv_transpose(const struct ref_args *a) {
    convolve(a, true);
}

/* out[c, y * sh + dy, x * sw + dx] = in[(c * sh + dy) * sw + dx, y, x] */
void ref_pixel_shuffle(const struct ref_args *a) {
    struct shape out = a->node->out, in = a->shape[0];
    int sh = a->node->stride.h, sw = a->node->stride.w;
    float *to = a->out;
    for (int c = 0; c < out.c; c++)
        for (int y = 0; y < out.h; y++)
            for (int x = 0; x < out.w; x++) {
                size_t from =
                    ((size_t)c * (size_t)sh + (size_t)(y % sh)) * (size_t)sw + (size_t)(x % sw);
                *to++ =
                    a->in[0][from * area(in) + (size_t)(y / sh) * (size_t)in.w + (size_t)(x / sw)];
            }
}
