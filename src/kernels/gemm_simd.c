/* Register-blocked matrix products: a tile of up to ROWS pixels by VECTORS vectors of outputs lives
 * in registers while the sum runs. Per channel: VECTORS loads of weights, one broadcast a row,
 * rows x VECTORS multiply-adds. Every row count is compiled on its own, so that the accumulators
 * have constant indices. */
#include <assert.h>

#include "kernels/simd.h"

#define VECTORS 2
#define WIDTH   (VECTORS * VL)
#if VL == 16
#define ROWS        14 /* 28 accumulators, 2 weights, 1 broadcast of 32 registers */
#define EACH_ROW(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#elif defined(__aarch64__)
#define ROWS        12
#define EACH_ROW(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12)
#else
#define ROWS        6 /* 12 accumulators, 2 weights, 1 broadcast of 16 registers */
#define EACH_ROW(X) X(1) X(2) X(3) X(4) X(5) X(6)
#endif

/* Floats between the weights in use and those asked for, in `tile`: few rows use them up faster
 * than the processor foresees. */
#define AHEAD (192 * LINE)

struct sums {
    vec of[ROWS][VECTORS];
};

INLINE void start(struct sums *s, const int rows) {
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < VECTORS; v++) s->of[r][v] = splat(0);
    }
}

INLINE void finish(const struct sums *s, const int rows, float *out, const float *in) {
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < VECTORS; v++) {
            const int i = r * WIDTH + v * VL;
            store(out + i, in ? load(in + i) + s->of[r][v] : s->of[r][v]);
        }
    }
}

INLINE void tile_of(const int rows, float *out, const float *in, const struct gemm_span *spans,
                    int count, int row, const float *w) {
    struct sums s;
    start(&s, rows);
    for (const struct gemm_span *span = spans; span < spans + count; span++) {
        const int32_t *at = span->at + row;
        const float *block = span->a;
        for (int left = span->channels; left > 0; left -= span->lanes, block += span->step) {
            const float *a = block, *end = block + (left < span->lanes ? left : span->lanes);
            for (; a < end; a++, w += WIDTH) {
                vec w0 = load(w), w1 = load(w + VL);
                for (int i = 0; i < WIDTH; i += LINE) __builtin_prefetch(w + AHEAD + i, 0, 2);
                UNROLL for (int r = 0; r < rows; r++) {
                    vec x = splat(a[at[r]]);
                    s.of[r][0] += x * w0;
                    s.of[r][1] += x * w1;
                }
            }
        }
    }
    finish(&s, rows, out, in);
}

/* One vector of outputs. The rows after these are usually next, and are fetched. */
INLINE void narrow_of(const int rows, float *out, const float *in, const float *a, ptrdiff_t step,
                      int channels, const float *w) {
    vec sum[ROWS];
    UNROLL for (int r = 0; r < rows; r++) sum[r] = splat(0);
    for (; channels > 0; channels -= BLOCK, a += step) {
        for (int r = rows; r < 2 * rows; r++) __builtin_prefetch(a + r * BLOCK, 0, 3);
        for (int k = 0; k < (channels < BLOCK ? channels : BLOCK); k++, w += VL) {
            vec w0 = load(w);
            UNROLL for (int r = 0; r < rows; r++) sum[r] += splat(a[r * BLOCK + k]) * w0;
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        store(out + r * VL, in ? load(in + r * VL) + sum[r] : sum[r]);
}

INLINE void packed_of(const int rows, float *out, const float *in, const float *a, int blocks,
                      const float *w, struct fetch ahead[FETCHES]) {
    struct sums s;
    struct fetch first = {0}, second = {0};
    if (ahead) first = ahead[0], second = ahead[1];
    start(&s, rows);
    /* Sums begun by another step come from memory, and are asked for before they are needed. */
    for (int i = 0; in && i < rows * WIDTH; i += LINE) __builtin_prefetch(in + i, 0, 3);
    for (int b = 0; b < blocks; b++, a += rows * BLOCK) {
        for (int i = 0; i < first.lines; i++, first.at += LINE) __builtin_prefetch(first.at, 0, 2);
        for (int i = 0; i < second.lines; i++, second.at += LINE)
            __builtin_prefetch(second.at, 0, 2);
        UNROLL_4 for (int k = 0; k < BLOCK; k++, w += WIDTH) {
            vec w0 = load(w), w1 = load(w + VL);
            UNROLL for (int r = 0; r < rows; r++) {
                vec x = splat(a[r * BLOCK + k]);
                s.of[r][0] += x * w0;
                s.of[r][1] += x * w1;
            }
        }
    }
    if (ahead) ahead[0] = first, ahead[1] = second;
    finish(&s, rows, out, in);
}

#define DEFINE(n)                                                                                  \
    static void tile_##n(float *out, const float *in, const struct gemm_span *spans, int count,    \
                         int row, const float *w) {                                                \
        tile_of(n, out, in, spans, count, row, w);                                                 \
    }                                                                                              \
    static void packed_##n(float *out, const float *in, const float *a, int blocks,                \
                           const float *w, struct fetch ahead[FETCHES]) {                          \
        packed_of(n, out, in, a, blocks, w, ahead);                                                \
    }                                                                                              \
    static void narrow_##n(float *out, const float *in, const float *a, ptrdiff_t step,            \
                           int channels, const float *w) {                                         \
        narrow_of(n, out, in, a, step, channels, w);                                               \
    }
EACH_ROW(DEFINE)

static void tile(float *out, const float *in, int rows, const struct gemm_span *spans, int count,
                 int row, const float *w) {
    typedef void tile_rows(float *, const float *, const struct gemm_span *, int, int,
                           const float *);
#define ENTRY(n) tile_##n,
    static tile_rows *const by_rows[] = {EACH_ROW(ENTRY)};
#undef ENTRY
    assert(rows >= 1 && rows <= ROWS);
    by_rows[rows - 1](out, in, spans, count, row, w);
}

static void packed(float *out, const float *in, int rows, const float *a, int blocks,
                   const float *w, struct fetch ahead[FETCHES]) {
    typedef void packed_rows(float *, const float *, const float *, int, const float *,
                             struct fetch *);
#define ENTRY(n) packed_##n,
    static packed_rows *const by_rows[] = {EACH_ROW(ENTRY)};
#undef ENTRY
    assert(rows >= 1 && rows <= ROWS);
    by_rows[rows - 1](out, in, a, blocks, w, ahead);
}

static void narrow(float *out, const float *in, int rows, const float *a, ptrdiff_t step,
                   int channels, const float *w) {
    typedef void narrow_rows(float *, const float *, const float *, ptrdiff_t, int, const float *);
#define ENTRY(n) narrow_##n,
    static narrow_rows *const by_rows[] = {EACH_ROW(ENTRY)};
#undef ENTRY
    assert(rows >= 1 && rows <= ROWS);
    by_rows[rows - 1](out, in, a, step, channels, w);
}

static void store_tile(const float *tile, int rows, const int32_t *at, const struct sink *sink) {
    for (int f = 0; f < sink->form_count; f++) {
        const struct form form = sink->forms[f];
        for (int v = 0; v < VECTORS; v++) {
            int channel = sink->channel + v * VL;
            if (channel >= sink->channels) break;
            float *to = form.base + (size_t)(channel / BLOCK) * sink->plane + channel % BLOCK;
            vec bias = load(sink->bias + v * VL);
            for (int r = 0; r < rows; r++)
                store(to + at[r],
                      curve_of(load(tile + r * WIDTH + v * VL) + bias, form.curve, form.slope));
        }
    }
}

const struct gemm_kernels FOR_ISA(gemm_kernels) = {.rows = ROWS,
                                                   .width = WIDTH,
                                                   .tile = tile,
                                                   .packed = packed,
                                                   .narrow = narrow,
                                                   .store = store_tile};
