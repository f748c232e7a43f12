/* The geometry of convolutions, all of it: stride, padding, kernel size, output phases, pixel
 * shuffle. What comes out are lists of taps along each axis; everything in two dimensions is their
 * product. Kernels and executors know nothing else of a convolution's shape. */
#ifndef ENGINE_CONV_MAP_H
#define ENGINE_CONV_MAP_H

#include <stdbool.h>

#include "base/mem.h"

/* A convolution along one axis. */
struct conv_line {
    bool transposed;
    int in, out; /* positions; `out` after the shuffle */
    int kernel, stride, padding;
    int upsample; /* of the input, nearest, before the convolution; else 1 */
    int shuffle;  /* of the output: it has `shuffle` phases of own weights; else 1 */
};

/* Outputs first, first + step, ... (`outs` of them) share one list of taps. Output i reads, for
 * each tap t, input position in[i * taps + t] (-1: outside) with kernel index kernel[t]. Taps that
 * are outside for every output are not in the list. */
struct conv_phase {
    int first, step, outs;
    int shuffled; /* which of the shuffle's phases: its outputs have weights of their own */
    int taps;
    int *kernel, *in;
};

struct conv_axis {
    int count;
    struct conv_phase *phases;
};

/* Allocated in `arena`. */
struct conv_axis conv_axis_make(const struct conv_line *line, struct arena *arena);

/* The same as correlations of `taps` taps and stride 1, for Winograd: with
 *     z_phase[q] = sum over planes b, taps a of w[kernel(phase, b, a)] in[in_step (q + a) +
 * base(b)] output out_step q + out_base of the phase is z[q], low <= q < high. A convolution of
 * stride s is s planes (every s-th input), a transposed one s phases. */
#define TILE_STRIDE 3 /* the most */
struct tile_phase {
    int low, high, out_step, out_base;
    int shuffled;
    int kernel[TILE_STRIDE][4]; /* [plane][tap] */
};

struct tile_axis {
    int taps;
    int planes, in_step, base[TILE_STRIDE];
    int phase_count;
    struct tile_phase phases[TILE_STRIDE];
};

/* False when the convolution is not of that kind (kernel not a multiple of the stride, ...). */
bool tile_axis_make(const struct conv_line *line, struct tile_axis *axis);

#endif
