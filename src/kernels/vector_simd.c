/* Passes over vectors: activation functions, elementwise operations, sums. Every lane is computed
 * alike, so a value does not depend on where in a vector it lies; sums run in one fixed order. */
#include "kernels/simd.h"

typedef double dvec __attribute__((vector_size(VL * 8)));

#define LN2_HIGH 0.693145751953125f /* 14 bits, so that n LN2_HIGH is exact */
#define LN2_LOW  1.42860676533018518e-6f
#define LOG2_E   1.44269504088896341f
#define ROUNDER  12582912.0f /* 1.5 2^23: adding it rounds to an integer in the low bits */

INLINE vec least(vec a, vec b) {
    return choose(a < b, a, b);
}

INLINE vec greatest(vec a, vec b) {
    return choose(a > b, a, b);
}

INLINE vec magnitude(vec x) {
    return (vec)((ivec)x & 0x7fffffff);
}

INLINE vec with_sign_of(vec x, vec sign) {
    return (vec)((ivec)x | ((ivec)sign & (ivec)splat(-0.0f)));
}

INLINE vec power_of_two(ivec n) {
    return (vec)((n + 127) * (1 << 23)); /* a shift; gcc's analyzer misjudges those of vectors */
}

struct exponential { /* e^x = 2^n (1 + m), 2^n = high low, neither over- nor underflowing */
    vec m, high, low;
};

/* With n = round(x / ln 2), m = e^(x - n ln 2) - 1 by its Taylor polynomial of degree 7: the
 * remainder is below (ln 2 / 2)^8 / 8! = 6e-9. A NaN stays one, in m. */
INLINE struct exponential exponential_of(vec x) {
    vec bounded = greatest(least(x, splat(89.0f)), splat(-104.0f));
    vec shifted = bounded * LOG2_E + ROUNDER;
    vec count = shifted - ROUNDER;
    ivec n = (ivec)shifted - (ivec)splat(ROUNDER);
    vec r = bounded - count * LN2_HIGH;
    r = r - count * LN2_LOW;
    vec p = splat(1.0f / 5040);
    p = p * r + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    vec m = r + r * r * p;
    ivec half = n >> 1;
    return (struct exponential){choose(x == x, m, x), power_of_two(half), power_of_two(n - half)};
}

INLINE vec exp_of(vec x) {
    struct exponential e = exponential_of(x);
    return (e.m * e.high + e.high) * e.low;
}

/* e^x - 1 for x <= 0, accurate near zero too. */
INLINE vec exp_minus_1(vec x) {
    struct exponential e = exponential_of(x);
    vec scale = e.high * e.low;
    return e.m * scale + (scale - 1.0f);
}

INLINE vec sigmoid_of(vec x) {
    return 1.0f / (1.0f + exp_of(-x));
}

/* |x| < 0.625: x + x^3 P(x^2), P fitted to (tanh x - x) / x^3, relative error 1.5e-10;
 * else 1 - 2 / (e^2|x| + 1). */
INLINE vec tanh_of(vec x) {
    vec a = magnitude(x), s = x * x;
    vec p = splat(2.1475276211e-03f);
    p = p * s + -8.1826629554e-03f;
    p = p * s + 2.1702962281e-02f;
    p = p * s + -5.3947203288e-02f;
    p = p * s + 1.3333209755e-01f;
    p = p * s + -3.3333330906e-01f;
    vec small = x + x * s * p;
    vec large = 1.0f - 2.0f / (exp_of(a + a) + 1.0f);
    return choose(a < splat(0.625f), small, with_sign_of(large, x));
}

/* |x| < 0.9: x P(x^2), P fitted to erf(x) / x, relative error 3e-10;
 * else 1 - e^Q(|x|), Q fitted to ln erfc on [0.9, 4], error of the result 5e-11. */
INLINE vec erf_of(vec x) {
    vec a = magnitude(x), s = x * x;
    vec p = splat(8.5130947703e-05f);
    p = p * s + -8.1756370193e-04f;
    p = p * s + 5.2038589512e-03f;
    p = p * s + -2.6860508375e-02f;
    p = p * s + 1.1283715031e-01f;
    p = p * s + -3.7612634980e-01f;
    p = p * s + 1.1283791668e+00f;
    vec t = least(a, splat(4.0f));
    vec q = splat(-2.0909844831e-05f);
    q = q * t + 4.3230615467e-04f;
    q = q * t + -4.1605413409e-03f;
    q = q * t + 2.5091532253e-02f;
    q = q * t + -1.0823667078e-01f;
    q = q * t + -6.3338660275e-01f;
    q = q * t + -1.1294951794e+00f;
    q = q * t + 1.7055598539e-04f;
    vec large = 1.0f - exp_of(q);
    return choose(a < splat(0.9f), x * p, with_sign_of(large, x));
}

__attribute__((noinline)) vec FOR_ISA(curve_vec)(vec x, enum curve curve, float slope) {
    switch (curve) {
    case CURVE_NONE:
        return x;
    case CURVE_RELU:
        return relu(x);
    case CURVE_LEAKY:
        return choose(x > splat(0), x, x * slope);
    case CURVE_SILU:
        return x * sigmoid_of(x);
    case CURVE_ELU:
        return choose(x > splat(0), x, exp_minus_1(least(x, splat(0))));
    case CURVE_GELU:
        return x * (0.5f + 0.5f * erf_of(x * 0.70710678118654752f));
    case CURVE_TANH:
        return tanh_of(x);
    case CURVE_SIGMOID:
        return sigmoid_of(x);
    case CURVE_EXP:
        return exp_of(x);
    }
    return x;
}

static void curve(float *y, const float *x, size_t count, enum curve curve, float slope) {
    for (size_t i = 0; i < count; i += VL) store(y + i, curve_of(load(x + i), curve, slope));
}

static void add(float *y, const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i += VL) store(y + i, load(a + i) + load(b + i));
}

static void scale_add(float *y, float scale, const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i += VL) store(y + i, load(a + i) * scale + load(b + i));
}

static void gate(float *y, const float *x, const float *gate, size_t pixels) {
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < BLOCK; c += VL)
            store(y + p * BLOCK + c, load(x + p * BLOCK + c) * gate[p * BLOCK]);
}

static void affine(const float *x, const float *scale, const float *shift, size_t pixels, size_t at,
                   const struct sink *sink) {
    for (int f = 0; f < sink->form_count; f++) {
        const struct form form = sink->forms[f];
        for (int c = 0; c < BLOCK; c += VL) {
            vec factor = load(scale + c), term = load(shift + c);
            float *to = form.base + at + c;
            for (size_t p = 0; p < pixels; p++)
                store(to + p * BLOCK,
                      curve_of(load(x + p * BLOCK + c) * factor + term, form.curve, form.slope));
        }
    }
}

static void moment(double sum[BLOCK], const float *x, const double mean[BLOCK], int power,
                   size_t pixels) {
    for (int c = 0; c < BLOCK; c += VL) {
        dvec middle = {0}, total = {0};
        for (int i = 0; i < VL; i++) middle[i] = mean[c + i];
        for (size_t p = 0; p < pixels; p++) {
            dvec d = __builtin_convertvector(load(x + p * BLOCK + c), dvec) - middle;
            total += power == 1 ? d : d * d;
        }
        for (int i = 0; i < VL; i++) sum[c + i] = total[i];
    }
}

static void blend(float *y, const float *x, const int32_t *at, const float *weight, int count) {
    for (int c = 0; c < BLOCK; c += VL) {
        vec sum = splat(0);
        for (int t = 0; t < count; t++) sum += load(x + at[t] + c) * weight[t];
        store(y + c, sum);
    }
}

static float softmax(float *x, size_t count) {
    size_t end = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (size_t i = count; i < end; i++) x[i] = -INFINITY;
    vec lanes = load(x);
    for (size_t i = VL; i < end; i += VL) lanes = greatest(lanes, load(x + i));
    float most = lanes[0];
    for (int i = 1; i < VL; i++) most = lanes[i] > most ? lanes[i] : most;
    for (size_t i = 0; i < end; i += VL) store(x + i, exp_of(load(x + i) - most));
    for (size_t i = count; i < end; i++) x[i] = 0; /* the bound of exp_of leaves them tiny */
    dvec sums = {0};
    for (size_t i = 0; i < end; i += VL) sums += __builtin_convertvector(load(x + i), dvec);
    double sum = 0;
    for (int i = 0; i < VL; i++) sum += sums[i];
    return (float)sum;
}

const struct vector_kernels FOR_ISA(vector_kernels) = {.curve = curve,
                                                       .add = add,
                                                       .scale_add = scale_add,
                                                       .gate = gate,
                                                       .affine = affine,
                                                       .moment = moment,
                                                       .blend = blend,
                                                       .softmax = softmax};
