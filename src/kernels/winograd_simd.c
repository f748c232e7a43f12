/* The transforms of Winograd's minimal filtering (see kernels.h). With points a_i and infinity:
 * row i of B^T holds the coefficients, ascending, of the product over j != i of (x - a_j), the last
 * row those of the product over all j; A^T[k][i] is a_i^k, and its last column is 1 in its last
 * row (Winograd 1980; Lavin and Gray 2015). Row 0 of B^T is divided by its value at a_0 = 0, and
 * that of G multiplied, which makes it a tap. The matrices are constants, so that zeros and ones
 * cost nothing once the loops are unrolled. */
#include "kernels/simd.h"

#define N_MAX    WINOGRAD_MAX
#define TAPS_MAX 3
#define WIDTH    (2 * VL) /* of gemm_simd.c */

static const float input_matrix[N_MAX + 1][N_MAX][N_MAX] = {
    [3] = {{1, -1, 0}, {0, 1, 0}, {0, -1, 1}},
    [4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}},
    [5] = {{1, -1.5f, -1.5f, 1, 0},
           {0, 1, -2.5f, 1, 0},
           {0, -2, -1, 1, 0},
           {0, -0.5f, 0.5f, 1, 0},
           {0, 1, -1.5f, -1.5f, 1}},
    [6] = {{1, -1.5f, -2, 1.5f, 1, 0},
           {0, -1, 0.5f, 2.5f, 1, 0},
           {0, 1, -2.5f, 0.5f, 1, 0},
           {0, -2, -1, 2, 1, 0},
           {0, 0.5f, -1, -0.5f, 1, 0},
           {0, 1, -1.5f, -2, 1.5f, 1}},
};

static const float output_matrix[N_MAX + 1][N_MAX][N_MAX] = {
    [3] = {{1, 1}, {0, 1}},
    [4] = {{1, 1, 1}, {0, 1, -1}, {0, 1, 1}},
    [5] = {{1, 1, 1, 1}, {0, -1, 0.5f, 2}, {0, 1, 0.25f, 4}, {0, -1, 0.125f, 8}},
    [6] = {{1, 1, 1, 1, 1},
           {0, 1, -1, 0.5f, -2},
           {0, 1, 1, 0.25f, 4},
           {0, 1, -1, 0.125f, -8},
           {0, 1, 1, 0.0625f, 16}},
};

/* G of two taps: winograd_weight_matrix's. */
static const float weight_matrix[N_MAX + 1][N_MAX][N_MAX] = {
    [3] = {{1, 0}, {1, 1}, {0, 1}},
    [4] = {{1, 0}, {0.5f, 0.5f}, {0.5f, -0.5f}, {0, 1}},
    [5] = {{1, 0},
           {-1 / 4.5f, 1 / 4.5f},
           {-1 / 1.125f, -0.5f / 1.125f},
           {1 / 9.0f, 2 / 9.0f},
           {0, 1}},
};

INLINE vec add_product(vec sum, const bool first, const float c, vec x) {
    if (first) return c == 1 ? x : c == -1 ? -x : c * x;
    return c == 1 ? sum + x : c == -1 ? sum - x : sum + c * x;
}

/* y[i ys] = sum over j of matrix[i][j] x[j xs], for `rows` of `columns` */
INLINE void line_of(const float (*matrix)[N_MAX], const int rows, const int columns, vec *y,
                    const int ys, const vec *x, const int xs) {
    UNROLL for (int i = 0; i < rows; i++) {
        vec sum = splat(0);
        bool first = true;
        UNROLL for (int j = 0; j < columns; j++) {
            const float c = matrix[i][j];
            if (c == 0) continue;
            sum = add_product(sum, first, c, x[j * xs]);
            first = false;
        }
        y[i * ys] = sum;
    }
}

INLINE void output_line(const int n, const int m, vec *y, const int ys, const vec *x,
                        const int xs) {
    UNROLL for (int i = 0; i < m; i++) {
        vec sum = splat(0);
        bool first = true;
        UNROLL for (int j = 0; j < n; j++) {
            const float c = j < n - 1 ? output_matrix[n][i][j] : i == m - 1 ? 1.0f : 0.0f;
            if (c == 0) continue;
            sum = add_product(sum, first, c, x[j * xs]);
            first = false;
        }
        y[i * ys] = sum;
    }
}

INLINE void input_of(const int n, float *v, size_t element, const float *src, const int32_t *at,
                     int tiles, ptrdiff_t ahead, const bool floored) {
    for (int t = 0; t < tiles; t++, v += BLOCK, at += n * n) {
        for (int part = 0; part < BLOCK; part += VL) {
            vec d[N_MAX], half[N_MAX * N_MAX];
            UNROLL for (int j = 0; j < n; j++) {
                UNROLL for (int i = 0; i < n; i++) {
                    if (part == 0) __builtin_prefetch(src + ahead + at[i * n + j], 0, 3);
                    d[i] = load(src + at[i * n + j] + part);
                    if (floored) d[i] = relu(d[i]);
                }
                line_of(input_matrix[n], n, n, half + j, n, d, 1);
            }
            UNROLL for (int i = 0; i < n; i++) {
                vec line[N_MAX];
                line_of(input_matrix[n], n, n, line, 1, half + i * n, 1);
                UNROLL for (int j = 0; j < n; j++)
                    store(v + (size_t)(i * n + j) * element + part, line[j]);
            }
        }
    }
}

/* `fetch`: there is a tile after this one. */
INLINE void output_tile(const int n, const int m, const float *p, size_t element, const int32_t *at,
                        bool fetch, const struct sink *sink) {
    for (int v = 0; v < WIDTH; v += VL) {
        int channel = sink->channel + v;
        if (channel >= sink->channels) break;
        size_t offset = (size_t)(channel / BLOCK) * sink->plane + (size_t)(channel % BLOCK);
        vec bias = load(sink->bias + v), half[N_MAX * N_MAX], out[N_MAX * N_MAX];
        UNROLL for (int j = 0; j < n; j++) {
            vec d[N_MAX];
            UNROLL for (int i = 0; i < n; i++) d[i] = load(p + (size_t)(i * n + j) * element + v);
            output_line(n, m, half + j, n, d, 1);
        }
        UNROLL for (int i = 0; i < m; i++) output_line(n, m, out + i * m, 1, half + i * n, 1);
        for (int f = 0; f < sink->form_count; f++) {
            const struct form form = sink->forms[f];
            float *to = form.base + offset;
            for (int i = m * m; fetch && v % LINE == 0 && i < 2 * m * m; i++)
                __builtin_prefetch(to + at[i], 1, 3);
            UNROLL for (int i = 0; i < m * m; i++) if (at[i] >= 0)
                store(to + at[i], curve_of(out[i] + bias, form.curve, form.slope));
        }
    }
}

INLINE void output_of(const int n, const int m, const float *p, size_t element, int tiles,
                      const int32_t *at, const struct sink *sink) {
    for (int t = 0; t < tiles; t++, p += WIDTH, at += m * m)
        output_tile(n, m, p, element, at, t + 1 < tiles, sink);
}

/* In double, as this is done once and its rounding errors would be in every output. */
typedef float half_vec __attribute__((vector_size(VL * 2), aligned(4), may_alias));
typedef double wide __attribute__((vector_size(VL * 4)));
typedef double loose_wide __attribute__((vector_size(VL * 4), aligned(8), may_alias));

INLINE void weights_of(const int n, const int taps, float *u, size_t element, const float *g,
                       size_t tap, int count, int width, const double *matrix,
                       const double *scale) {
    for (int first = 0; first < count; first += width)
        for (int v = first; v < first + width; v += VL / 2) {
            wide half[N_MAX * TAPS_MAX];
            wide factor = *(const loose_wide *)(scale + v - first);
            UNROLL for (int b = 0; b < taps; b++) {
                wide column[TAPS_MAX];
                UNROLL for (int a = 0; a < taps; a++) column[a] = __builtin_convertvector(
                    *(const half_vec *)(g + (size_t)(a * taps + b) * tap + v), wide);
                UNROLL for (int i = 0; i < n; i++) {
                    wide sum = column[0] * matrix[i * 4];
                    UNROLL for (int a = 1; a < taps; a++) sum += column[a] * matrix[i * 4 + a];
                    half[i * taps + b] = sum * factor;
                }
            }
            UNROLL for (int e = 0; e < n * n; e++) {
                wide sum = half[e / n * taps] * matrix[e % n * 4];
                UNROLL for (int b = 1; b < taps; b++) sum +=
                    half[e / n * taps + b] * matrix[e % n * 4 + b];
                *(half_vec *)(u + (size_t)e * element + v) = __builtin_convertvector(sum, half_vec);
            }
        }
}

#define WEIGHTS(n)                                                                                 \
    static void weights_##n(float *u, size_t element, const float *g, size_t tap, int taps,        \
                            int count, int width, const double *matrix, const double *scale) {     \
        if (taps == 2)                                                                             \
            weights_of(n, 2, u, element, g, tap, count, width, matrix, scale);                     \
        else                                                                                       \
            weights_of(n, 3, u, element, g, tap, count, width, matrix, scale);                     \
    }
WEIGHTS(3)
WEIGHTS(4)
WEIGHTS(5)
WEIGHTS(6)

INLINE void stream_of(const int n, float *u, size_t element, const float *g, int blocks) {
    const size_t tap = (size_t)blocks * BLOCK * WIDTH;
    for (size_t v = 0; v < tap; v += VL) {
        vec half[N_MAX * 2];
        UNROLL for (int b = 0; b < 2; b++) {
            vec column[2] = {load(g + (size_t)b * tap + v), load(g + (size_t)(2 + b) * tap + v)};
            line_of(weight_matrix[n], n, 2, half + b, 2, column, 1);
        }
        UNROLL for (int i = 0; i < n; i++) {
            vec line[N_MAX];
            line_of(weight_matrix[n], n, 2, line, 1, half + i * 2, 1);
            UNROLL for (int j = 0; j < n; j++) if (winograd_tap(n, i * n + j) < 0)
                store(u + (size_t)(i * n + j) * element + v, line[j]);
        }
    }
}

#define STREAM(n)                                                                                  \
    static void stream_##n(float *u, size_t element, const float *g, int blocks) {                 \
        stream_of(n, u, element, g, blocks);                                                       \
    }
STREAM(3)
STREAM(4)
STREAM(5)

#define INPUT(n)                                                                                   \
    static void input_##n(float *v, size_t element, const float *src, const int32_t *at,           \
                          int tiles, ptrdiff_t ahead, bool floored) {                              \
        if (floored)                                                                               \
            input_of(n, v, element, src, at, tiles, ahead, true);                                  \
        else                                                                                       \
            input_of(n, v, element, src, at, tiles, ahead, false);                                 \
    }
INPUT(3)
INPUT(4)
INPUT(5)
INPUT(6)

#define OUTPUT(n, m)                                                                               \
    static void output_##n##_##m(const float *p, size_t element, int tiles, const int32_t *at,     \
                                 const struct sink *sink) {                                        \
        output_of(n, m, p, element, tiles, at, sink);                                              \
    }
OUTPUT(3, 2)
OUTPUT(4, 3)
OUTPUT(5, 4)
OUTPUT(6, 5)
OUTPUT(4, 2)
OUTPUT(5, 3)
OUTPUT(6, 4)

const struct winograd_kernels FOR_ISA(winograd_kernels) = {
    .input = {[3] = input_3, [4] = input_4, [5] = input_5, [6] = input_6},
    .output = {[3] = {[2] = output_3_2},
               [4] = {[3] = output_4_3, [2] = output_4_2},
               [5] = {[4] = output_5_4, [3] = output_5_3},
               [6] = {[5] = output_6_5, [4] = output_6_4}},
    .stream = {[3] = stream_3, [4] = stream_4, [5] = stream_5},
    .weights = {[3] = weights_3, [4] = weights_4, [5] = weights_5, [6] = weights_6}};
