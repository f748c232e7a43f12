/* Resizing as torch.nn.functional.interpolate(size=..., align_corners=False), and windows. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "engine/ref_ops.h"

/* One output position along an axis: up to four input positions and their weights. */
struct taps {
    int count;
    int at[4];
    double weight[4];
};

static int clamp(int i, int size) {
    return i < 0 ? 0 : i >= size ? size - 1 : i;
}

/* The nearest position is floor(i * in / out) in single precision, as PyTorch has it: where the
 * product is nearly an integer its rounding decides. */
static struct taps taps_nearest(int i, int in, int out) {
    float scale = (float)in / (float)out;
    return (struct taps){
        .count = 1, .at = {clamp((int)floorf((float)i * scale), in)}, .weight = {1}};
}

static struct taps taps_bilinear(int i, int in, int out) {
    double at = ((double)i + 0.5) * in / out - 0.5;
    if (at < 0) at = 0;
    int first = clamp((int)at, in);
    double t = at - first;
    return (struct taps){.count = 2, .at = {first, clamp(first + 1, in)}, .weight = {1 - t, t}};
}

/* Keys' cubic convolution kernel (1981) with a = -0.75, at distance x. */
static double cubic(double x) {
    const double a = -0.75;
    x = fabs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
}

static struct taps taps_bicubic(int i, int in, int out) {
    double at = ((double)i + 0.5) * in / out - 0.5;
    int first = (int)floor(at);
    double t = at - first;
    struct taps taps = {.count = 4};
    for (int k = 0; k < 4; k++) {
        taps.at[k] = clamp(first - 1 + k, in);
        taps.weight[k] = cubic(t + 1 - k);
    }
    return taps;
}

static struct taps *axis(enum mode mode, int in, int out) {
    struct taps *taps = mem_array((size_t)out, sizeof *taps);
    for (int i = 0; i < out; i++)
        taps[i] = mode == MODE_NEAREST    ? taps_nearest(i, in, out)
                  : mode == MODE_BILINEAR ? taps_bilinear(i, in, out)
                                          : taps_bicubic(i, in, out);
    return taps;
}

static double sample(const float *plane, int width, const struct taps *y, const struct taps *x) {
    double sum = 0;
    for (int i = 0; i < y->count; i++)
        for (int j = 0; j < x->count; j++)
            sum += y->weight[i] * x->weight[j] *
                   (double)plane[(size_t)y->at[i] * (size_t)width + (size_t)x->at[j]];
    return sum;
}

void ref_resize(const struct ref_args *a) {
    struct shape out = a->node->out, in = a->shape[0];
    struct taps *ys = axis(a->node->mode, in.h, out.h), *xs = axis(a->node->mode, in.w, out.w);
    float *to = a->out;
    for (int c = 0; c < out.c; c++) {
        const float *plane = a->in[0] + (size_t)c * (size_t)in.h * (size_t)in.w;
        for (int y = 0; y < out.h; y++)
            for (int x = 0; x < out.w; x++) *to++ = (float)sample(plane, in.w, &ys[y], &xs[x]);
    }
    mem_free(ys);
    mem_free(xs);
}

void ref_window(const struct ref_args *a) {
    struct shape out = a->node->out, in = a->shape[0];
    float *to = a->out;
    for (int c = 0; c < out.c; c++)
        for (int y = 0; y < out.h; y++)
            for (int x = 0; x < out.w; x++)
                *to++ = y < in.h && x < in.w
                            ? a->in[0][((size_t)c * (size_t)in.h + (size_t)y) * (size_t)in.w +
                                       (size_t)x]
                            : 0.0f;
}
