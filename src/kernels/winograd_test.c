/* The transforms: their matrices are what the points say, and together they are a correlation. */
#include "kernels/kernels.h"

#include "base/check.h"
#include "kernels/guard.h"

#define N WINOGRAD_MAX

static uint64_t seed = 1;

/* Row i of B^T: the coefficients of the product over j != i of (x - a_j), the first divided by its
 * value at a_0 = 0; the last row: over all. */
static void input_matrix(int n, double b[N][N]) {
    for (int i = 0; i < n; i++) {
        double c[N + 1] = {1};
        int degree = 0;
        for (int j = 0; j < n - 1; j++) {
            if (j == i) continue;
            for (int k = ++degree; k >= 0; k--)
                c[k] = (k ? c[k - 1] : 0) - (double)winograd_points[n][j] * c[k];
        }
        for (int k = 0; k < n; k++) b[i][k] = k <= degree ? c[k] / (i ? 1 : c[0]) : 0;
    }
}

static double output_entry(int n, int m, int k, int i) {
    if (i == n - 1) return k == m - 1;
    return pow((double)winograd_points[n][i], k);
}

/* The kernel on a unit pulse at (y, x) gives column y and x of the matrix: exactly, as all entries
 * are short binary fractions. */
static void check_input(const struct winograd_kernels *k, int n) {
    double b[N][N];
    int32_t at[2 * N * N];
    input_matrix(n, b);
    for (int i = 0; i < 2 * n * n; i++) at[i] = i * BLOCK;
    size_t pixels = (size_t)(2 * n * n) * BLOCK;
    struct guard src = guard_make(pixels, 0);
    size_t element = 2 * BLOCK;
    struct guard v = guard_make((size_t)(n * n) * element, 0);
    int wrong = 0;
    for (int pulse = 0; pulse < n * n; pulse++) {
        memset(src.data, 0, pixels * sizeof(float));
        float *value = &src.data[(n * n + pulse) * BLOCK + pulse % BLOCK]; /* in the second tile */
        *value = -1;
        k->input[n](v.data, element, src.data, at, 2, 64, true);
        for (size_t i = 0; i < (size_t)(n * n) * element; i++) wrong += v.data[i] != 0;
        *value = 1;
        k->input[n](v.data, element, src.data, at, 2, 0, pulse % 2);
        for (int e = 0; e < n * n; e++)
            for (int c = 0; c < 2 * BLOCK; c++) {
                bool lane = c == BLOCK + pulse % BLOCK;
                double want = lane ? b[e / n][pulse / n] * b[e % n][pulse % n] : 0;
                wrong += (double)v.data[(size_t)e * element + (size_t)c] != want;
            }
    }
    CHECK_INT(wrong, 0);
    guard_free(&src);
    guard_free(&v);
}

static void check_output(const struct winograd_kernels *k, const struct gemm_kernels *gemm, int n,
                         int m) {
    size_t width = (size_t)gemm->width;
    int blocks = gemm->width > BLOCK ? gemm->width / BLOCK : 1;
    int pixels = 2 * m * m; /* of two tiles */
    size_t element = 2 * width + 5;
    size_t plane = (size_t)(pixels + 1) * BLOCK, map = (size_t)blocks * plane;
    struct guard p = guard_make((size_t)(n * n) * element, 0), bias = guard_make(width, 0);
    struct guard out = guard_make(map, 0);
    int32_t at[2 * N * N];
    for (int i = 0; i < pixels; i++) at[i] = i == 1 ? -1 : i * BLOCK;
    guard_fill(p.data, (size_t)(n * n) * element, &seed);
    guard_fill(bias.data, width, &seed);
    for (size_t i = 0; i < map; i++) out.data[i] = 7;
    struct sink sink = {.bias = bias.data,
                        .plane = plane,
                        .channels = blocks * BLOCK,
                        .form_count = 1,
                        .forms = {{out.data, CURVE_NONE, 0}}};
    k->output[n][m](p.data, element, 2, at, &sink);
    double worst = 0;
    for (size_t o = 0; o < width; o++)
        for (int i = 0; i < pixels; i++) {
            double want = (double)bias.data[o], scale = 1;
            size_t tile = (size_t)(i / (m * m)) * width;
            for (int e = 0; e < n * n; e++) {
                double factor =
                    output_entry(n, m, i / m % m, e / n) * output_entry(n, m, i % m, e % n);
                want += factor * (double)p.data[(size_t)e * element + tile + o];
                scale += fabs(factor);
            }
            double got = (double)out.data[o / BLOCK * plane + (size_t)(i * BLOCK) + o % BLOCK];
            if (i == 1) {
                CHECK(got == 7);
                continue;
            }
            worst = fmax(worst, fabs(got - want) / scale);
        }
    CHECK(worst < 2e-7);
    guard_free(&p);
    guard_free(&bias);
    guard_free(&out);
}

/* Of random matrices, as this transform is given its matrix. */
static void check_weights(const struct winograd_kernels *k, int width, int n, int taps) {
    size_t count = 3 * (size_t)width, element = count + 5, tap = count + 3;
    struct guard g = guard_make((size_t)(taps * taps) * tap, 0);
    struct guard u = guard_make((size_t)(n * n) * element, 0);
    float drawn[4 * N + 64];
    double matrix[4 * N], scale[64], worst = 0;
    guard_fill(drawn, sizeof drawn / sizeof *drawn, &seed);
    for (int i = 0; i < 4 * N; i++) matrix[i] = (double)drawn[i];
    for (int i = 0; i < 64; i++) scale[i] = (double)drawn[4 * N + i];
    guard_fill(g.data, (size_t)(taps * taps) * tap, &seed);
    k->weights[n](u.data, element, g.data, tap, taps, (int)count, width, matrix, scale);
    for (int e = 0; e < n * n; e++)
        for (size_t i = 0; i < count; i++) {
            double want = 0;
            for (int t = 0; t < taps * taps; t++)
                want += matrix[e / n * 4 + t / taps] * (double)g.data[(size_t)t * tap + i] *
                        matrix[e % n * 4 + t % taps];
            want *= scale[i % (size_t)width];
            worst = fmax(worst,
                         fabs((double)u.data[(size_t)e * element + i] - want) - 6e-8 * fabs(want));
        }
    CHECK(worst < 1e-12); /* nothing but the last rounding */
    guard_free(&g);
    guard_free(&u);
}

/* G[i][k] of two taps (see kernels.h). */
static double weight_value(int n, int i, int k) {
    if (i == 0 || i == n - 1) return k == (i > 0);
    double value = k ? (double)winograd_points[n][i] : 1;
    for (int j = 0; j < n - 1; j++)
        if (j != i) value /= (double)winograd_points[n][i] - (double)winograd_points[n][j];
    return value;
}

static void check_stream(const struct winograd_kernels *k, int width, int n) {
    int blocks = 3;
    size_t block = (size_t)(BLOCK * width), element = (size_t)blocks * block + 7;
    struct guard g = guard_make((size_t)blocks * 4 * block, 0);
    struct guard u = guard_make((size_t)(n * n - 1) * element + (size_t)blocks * block, 0);
    double worst = 0;
    guard_fill(g.data, (size_t)blocks * 4 * block, &seed);
    k->stream[n](u.data, element, g.data, blocks);
    for (int e = 0; e < n * n; e++)
        for (size_t i = 0; i < (size_t)blocks * block; i++) {
            int tap = winograd_tap(n, e);
            double want = 0;
            for (size_t t = 0; t < 4; t++) {
                double weight =
                    weight_value(n, e / n, (int)t / 2) * weight_value(n, e % n, (int)t % 2);
                want += weight * (double)g.data[t * (size_t)blocks * block + i];
                if (tap >= 0) CHECK(weight == (tap == (int)t));
            }
            if (tap >= 0) continue;
            worst = fmax(worst, fabs((double)u.data[(size_t)e * element + i] - want));
        }
    CHECK(worst < 3e-7);
    guard_free(&g);
    guard_free(&u);
}

int main(void) {
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        const struct kernels *k = kernels_for(isa);
        for (int n = WINOGRAD_MIN; n <= WINOGRAD_MAX; n++) {
            check_input(k->winograd, n);
            check_weights(k->winograd, k->gemm->width, n, 2);
            check_weights(k->winograd, k->gemm->width, n, 3);
            if (k->winograd->stream[n]) check_stream(k->winograd, k->gemm->width, n);
            int outs = 0;
            for (int m = 2; m < WINOGRAD_MAX; m++) {
                if (!k->winograd->output[n][m]) continue;
                check_output(k->winograd, k->gemm, n, m);
                outs++;
            }
            CHECK(outs >= 1);
        }
    }
    return check_end();
}
