/* The vector kernels: plain functions of their arguments, one table of them per instruction set.
 *
 * Activations are channel-blocked: [image][block][pixel][16], a block being 16 channels, and every
 * block has one more pixel than the image, which is zero: the address of every read outside the
 * image. Images of few channels may also be planar, [channel][pixel][1]. A kernel never sees
 * stride, padding or borders; it is given lists of offsets (in floats). */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/isa.h"

#define BLOCK 16  /* channels of a block */
#define LINE  16  /* floats of a cache line */
#define CHAIN 256 /* products of a chain: sums are then as accurate as PyTorch's */

enum curve { /* activation functions, y = f(x) */
             CURVE_NONE,
             CURVE_RELU,
             CURVE_LEAKY, /* x > 0 ? x : slope x */
             CURVE_SILU,  /* x / (1 + e^-x) */
             CURVE_ELU,   /* x > 0 ? x : e^x - 1 */
             CURVE_GELU,  /* x (1 + erf(x / sqrt 2)) / 2 */
             CURVE_TANH,
             CURVE_SIGMOID, /* 1 / (1 + e^-x) */
             CURVE_EXP
};

/* One copy of a result: an activation of it, stored at `base`. */
struct form {
    float *base; /* block 0 of image 0 */
    enum curve curve;
    float slope;
};
#define FORMS 4

/* Where a panel of outputs goes. */
struct sink {
    const float *bias; /* of the panel's outputs */
    size_t plane;      /* floats from one block to the next */
    int channel;       /* the panel's first output channel */
    int channels;      /* of the whole result, rounded up to BLOCK: what lies beyond is dropped */
    int form_count;
    struct form forms[FORMS];
};

/* A run of the sum: the channels of one tap, for every row of a tile. */
struct gemm_span {
    const float *a;    /* block 0 */
    const int32_t *at; /* offset of each row's pixel */
    ptrdiff_t step;    /* floats from one block to the next */
    int channels;      /* in all blocks; the last one may be partly used */
    int lanes;         /* channels of a block: BLOCK or 1 */
};

/* What will be read soon, and is fetched into the second-level cache: `lines` cache lines (may be
 * 0) for every block, from `at` on, which moves. */
struct fetch {
    const float *at;
    int lines;
};
#define FETCHES 2

/* Matrix products of a tile of `rows` pixels and a panel of `width` outputs. Sums run over spans,
 * then channels, in that order, in one chain per output, which is then added to `in` (NULL: zero).
 * `in` and `out` are [rows][width], may be equal. The rounding error of a chain grows with its
 * length: a long sum takes several calls, of some CHAIN products each (blocked summation; Higham,
 * Accuracy and Stability of Numerical Algorithms, 4.2), and its bits depend on where it was split.
 */
struct gemm_kernels {
    int rows;  /* the most rows of a tile */
    int width; /* outputs of a panel; a multiple or a divisor of BLOCK */
    /* Row r of span s reads s.a + s.at[row + r]. w: [channels of all spans][width]. */
    void (*tile)(float *out, const float *in, int rows, const struct gemm_span *spans, int count,
                 int row, const float *w);
    /* a: [blocks][rows][BLOCK], w: [blocks][BLOCK][width]. On the way it fetches what is `ahead`,
     * which may be NULL. */
    void (*packed)(float *out, const float *in, int rows, const float *a, int blocks,
                   const float *w, struct fetch ahead[FETCHES]);
    /* Half a panel (`width` / 2 outputs, for all three strides) of rows that follow each other:
     * channel k of row r is at a[k / BLOCK step + r BLOCK + k % BLOCK]. w: [channels][width / 2].
     */
    void (*narrow)(float *out, const float *in, int rows, const float *a, ptrdiff_t step,
                   int channels, const float *w);
    /* tile + bias, in every form of the sink; row r goes to pixel offset at[r]. */
    void (*store)(const float *tile, int rows, const int32_t *at, const struct sink *sink);
};

/* Winograd's minimal filtering F(m, r): m outputs of an r-tap correlation from n = m + r - 1 inputs
 * with n multiplies, by way of the values of polynomials at n - 1 points and infinity. In two
 * dimensions a tile is m x m outputs from n x n inputs, n^2 products ("elements"). The transform of
 * inputs depends on n alone, that of outputs on n and m, that of weights on n and r. The first
 * point is 0, and its rows are scaled so that its value of the weights is their first tap; that at
 * infinity is the last. */
#define WINOGRAD_MIN 3 /* n */
#define WINOGRAD_MAX 6
extern const float winograd_points[WINOGRAD_MAX + 1][WINOGRAD_MAX]; /* [n][n - 1] */

/* The tap 2 a + b that element e of two taps is, the same at both ends of an axis; -1 when it is
 * none. */
static inline int winograd_tap(int n, int e) {
    int i = e / n, j = e % n, last = n - 1;
    if ((i != 0 && i != last) || (j != 0 && j != last)) return -1;
    return (i ? 2 : 0) + (j ? 1 : 0);
}

struct winograd_kernels {
    /* B^T d B of the BLOCK channels of some tiles: d[i][j] of tile t is at
     * src + at[(t n + i) n + j], through max(x, 0) if `relu`; element e of it goes to
     * v + e element + t BLOCK. Meanwhile it fetches what lies `ahead` floats further on. [n] */
    void (*input[WINOGRAD_MAX + 1])(float *v, size_t element, const float *src, const int32_t *at,
                                    int tiles, ptrdiff_t ahead, bool relu);
    /* A^T M A of some tiles and one panel of outputs: element e of tile t is at
     * m + e element + t width. Output [i][j] of it goes to pixel offset at[(t m + i) m + j], or
     * nowhere where that is negative. [n][m] */
    void (*output[WINOGRAD_MAX + 1][WINOGRAD_MAX])(const float *m, size_t element, int tiles,
                                                   const int32_t *at, const struct sink *sink);
    /* scale[i % width] G g G^T, in double, for `count` kernels side by side: g[a][b] of kernel i is
     * at g + (a taps + b) tap + i, element e of it goes to u + e element + i. `count` is a multiple
     * of `width`, the panel's. [n] */
    void (*weights[WINOGRAD_MAX + 1])(float *u, size_t element, const float *g, size_t tap,
                                      int taps, int count, int width, const double *matrix,
                                      const double *scale);
    /* G g G^T of two taps, in float, of `blocks` blocks of BLOCK products and a panel: taps are
     * g[a][b][block][BLOCK][width], element e goes to u + e element, [block][BLOCK][width]. Not
     * the four elements that are taps themselves: winograd_tap. [n] */
    void (*stream[WINOGRAD_MAX + 1])(float *u, size_t element, const float *g, int blocks);
};

/* Passes over whole vectors; counts of floats are multiples of BLOCK. */
struct vector_kernels {
    void (*curve)(float *y, const float *x, size_t count, enum curve curve, float slope);
    void (*add)(float *y, const float *a, const float *b, size_t count);
    void (*scale_add)(float *y, float scale, const float *a, const float *b, size_t count);
    /* y[p][c] = x[p][c] gate[p][0] */
    void (*gate)(float *y, const float *x, const float *gate, size_t pixels);
    /* x[p][c] scale[c] + shift[c], in every form of the sink at its offset `at` + p BLOCK */
    void (*affine)(const float *x, const float *scale, const float *shift, size_t pixels, size_t at,
                   const struct sink *sink);
    /* sum[c] = the sum over the pixels of (x[p][c] - mean[c])^power, power 1 or 2 */
    void (*moment)(double sum[BLOCK], const float *x, const double mean[BLOCK], int power,
                   size_t pixels);
    /* y[c] = sum over t of weight[t] x[at[t] + c], for BLOCK channels */
    void (*blend)(float *y, const float *x, const int32_t *at, const float *weight, int count);
    /* x = e^(x - max), and the sum of that; of the first `count` of x, the rest becomes 0 */
    float (*softmax)(float *x, size_t count);
};

#define GEMM_TILE (14 * 32) /* the most floats of a tile, rows x width */

extern const struct gemm_kernels gemm_kernels_base, gemm_kernels_avx2, gemm_kernels_avx512;
extern const struct winograd_kernels winograd_kernels_base, winograd_kernels_avx2,
    winograd_kernels_avx512;
extern const struct vector_kernels vector_kernels_base, vector_kernels_avx2, vector_kernels_avx512;

/* `rounds` times as many independent multiply-adds, all in registers, as keep the units busy.
 * Returns the floating point operations made: two a multiply-add. */
double peak_base(long rounds), peak_avx2(long rounds), peak_avx512(long rounds);

struct kernels {
    enum isa isa;
    const struct gemm_kernels *gemm;
    const struct winograd_kernels *winograd;
    const struct vector_kernels *vector;
    double (*peak)(long rounds);
};
/* Those of the best instruction set up to `isa` that is compiled in (never ISA_REF's: it has none).
 */
const struct kernels *kernels_for(enum isa isa);

#endif
