/* Passes over vectors: the curves to within their stated error, the same in every lane; sums. */
#include "kernels/kernels.h"

#include "base/check.h"
#include "kernels/guard.h"

static uint64_t seed = 1;

static double exact(enum curve curve, double x, double slope) {
    switch (curve) {
    case CURVE_NONE:
        return x;
    case CURVE_RELU:
        return x > 0 ? x : 0;
    case CURVE_LEAKY:
        return x > 0 ? x : slope * x;
    case CURVE_SILU:
        return x / (1 + exp(-x));
    case CURVE_ELU:
        return x > 0 ? x : expm1(x);
    case CURVE_GELU:
        return x * 0.5 * erfc(-x / sqrt(2.0));
    case CURVE_TANH:
        return tanh(x);
    case CURVE_SIGMOID:
        return 1 / (1 + exp(-x));
    case CURVE_EXP:
        return exp(x);
    }
    return 0;
}

/* In units of the last place; values below `floor` count as that large. GELU's 1 + erf cancels on
 * the left, as in PyTorch: there the error is that of the terms, x times 2^-24. */
static double ulps(enum curve curve, float x, float got, double want) {
    double floor = curve == CURVE_GELU ? fabs((double)x) : 0x1p-126;
    double unit = ldexp(1, ilogb(fmax(fabs(want), floor)) - 23);
    return fabs((double)got - want) / unit;
}

#define SAMPLES (1 << 16)

static void check_curve(const struct vector_kernels *k, enum curve curve, double most) {
    static float x[SAMPLES], y[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        guard_fill(&x[i], 1, &seed);
        x[i] = i % 4 == 0   ? x[i] * 80
               : i % 4 == 1 ? x[i] * 8
               : i % 4 == 2 ? x[i]
                            : ldexpf(x[i], -(i % 20));
    }
    k->curve(y, x, SAMPLES, curve, 0.2f);
    double worst = 0, at = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double error = ulps(curve, x[i], y[i], exact(curve, (double)x[i], (double)0.2f));
        if (!(error <= worst)) worst = error, at = (double)x[i];
    }
    if (!(worst <= most)) printf("curve %d: %g ulp at %g\n", (int)curve, worst, at);
    CHECK(worst <= most);
    /* Every lane alike. */
    int wrong = 0;
    for (int i = 0; i < 1000; i++) {
        float same[BLOCK], result[BLOCK];
        for (int j = 0; j < BLOCK; j++) same[j] = x[i];
        k->curve(result, same, BLOCK, curve, 0.2f);
        for (int j = 0; j < BLOCK; j++) wrong += !check_same_bits(&result[j], &y[i], sizeof y[i]);
    }
    CHECK_INT(wrong, 0);
}

static void check_limits(const struct vector_kernels *k) {
    float x[BLOCK] = {INFINITY, -INFINITY, 1000, -1000, NAN, 0, -0.0f, 88.7f, -87}, y[BLOCK];
    k->curve(y, x, BLOCK, CURVE_EXP, 0);
    CHECK(y[0] > 1e38f && y[2] > 1e38f);
    CHECK(y[1] < 1e-44f && y[3] < 1e-44f);
    CHECK(isnan(y[4]));
    CHECK(y[5] == 1 && y[6] == 1);
    CHECK_NEAR((double)y[7] / exp((double)88.7f), 1, 2e-7);
    k->curve(y, x, BLOCK, CURVE_TANH, 0);
    CHECK(y[0] == 1 && y[1] == -1 && y[2] == 1 && y[3] == -1 && isnan(y[4]) && y[5] == 0);
    k->curve(y, x, BLOCK, CURVE_SIGMOID, 0);
    CHECK(y[0] == 1 && y[1] < 1e-37f && isnan(y[4]) && y[5] == 0.5f);
}

#define PIXELS 5
#define COUNT  (PIXELS * BLOCK)

static void check_passes(const struct vector_kernels *k, int front) {
    struct guard a = guard_make(COUNT, front), b = guard_make(COUNT, front);
    struct guard y = guard_make(COUNT, front);
    guard_fill(a.data, COUNT, &seed);
    guard_fill(b.data, COUNT, &seed);
    int wrong = 0;
    k->add(y.data, a.data, b.data, COUNT);
    for (int i = 0; i < COUNT; i++) wrong += y.data[i] != a.data[i] + b.data[i];
    k->scale_add(y.data, 0.5f, a.data, b.data, COUNT); /* exact product: contracted or not */
    for (int i = 0; i < COUNT; i++) wrong += y.data[i] != 0.5f * a.data[i] + b.data[i];
    k->gate(y.data, a.data, b.data, PIXELS);
    for (int i = 0; i < COUNT; i++) wrong += y.data[i] != a.data[i] * b.data[i / BLOCK * BLOCK];
    struct sink sink = {.form_count = 1, .forms = {{y.data, CURVE_RELU, 0}}};
    float scale[BLOCK], shift[BLOCK];
    for (int c = 0; c < BLOCK; c++) scale[c] = 2, shift[c] = (float)c - 8;
    k->affine(a.data, scale, shift, PIXELS, 0, &sink);
    for (int i = 0; i < COUNT; i++) {
        float x = a.data[i] * 2 + (float)(i % BLOCK - 8);
        wrong += y.data[i] != (x > 0 ? x : 0);
    }
    int32_t at[2] = {BLOCK, 3 * BLOCK};
    float weight[2] = {0.25f, 0.5f};
    k->blend(y.data, a.data, at, weight, 2);
    for (int c = 0; c < BLOCK; c++)
        wrong +=
            fabsf(y.data[c] - (a.data[BLOCK + c] * 0.25f + a.data[3 * BLOCK + c] * 0.5f)) > 1e-7f;
    CHECK_INT(wrong, 0);
    double zero[BLOCK] = {0}, sum[BLOCK], squares[BLOCK];
    k->moment(sum, a.data, zero, 1, PIXELS);
    k->moment(squares, a.data, sum, 2, PIXELS);
    for (int c = 0; c < BLOCK; c++) {
        double s = 0, q = 0;
        for (int p = 0; p < PIXELS; p++) s += (double)a.data[p * BLOCK + c];
        for (int p = 0; p < PIXELS; p++) q += pow((double)a.data[p * BLOCK + c] - s, 2);
        CHECK_NEAR(sum[c], s, 1e-14);
        CHECK_NEAR(squares[c], q, 1e-13);
    }
    guard_free(&a);
    guard_free(&b);
    guard_free(&y);
}

static void check_softmax(const struct vector_kernels *k) {
    for (size_t count = 1; count <= 2 * BLOCK; count++) {
        size_t end = (count + BLOCK - 1) / BLOCK * BLOCK;
        struct guard x = guard_make(end, 0);
        guard_fill(x.data, count, &seed);
        double want[2 * BLOCK], total = 0, most = -1;
        for (size_t i = 0; i < count; i++) most = fmax(most, (double)x.data[i]);
        for (size_t i = 0; i < count; i++) total += want[i] = exp((double)x.data[i] - most);
        double sum = (double)k->softmax(x.data, count);
        CHECK_NEAR(sum, total, 1e-6 * total);
        for (size_t i = 0; i < count; i++) CHECK_NEAR((double)x.data[i], want[i], 3e-7);
        for (size_t i = count; i < end; i++) CHECK(x.data[i] == 0);
        guard_free(&x);
    }
}

int main(void) {
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        const struct vector_kernels *k = kernels_for(isa)->vector;
        static const double most[] = {[CURVE_NONE] = 0,   [CURVE_RELU] = 0,    [CURVE_LEAKY] = 0.5,
                                      [CURVE_SILU] = 3.5, [CURVE_ELU] = 2,     [CURVE_GELU] = 2,
                                      [CURVE_TANH] = 1.5, [CURVE_SIGMOID] = 3, [CURVE_EXP] = 1.5};
        for (int curve = CURVE_NONE; curve <= CURVE_EXP; curve++)
            check_curve(k, (enum curve)curve, most[curve]);
        check_limits(k);
        check_passes(k, 0);
        check_passes(k, 1);
        check_softmax(k);
    }
    return check_end();
}
