#include "engine/winograd_multiply.h"

#include <string.h>

static const float *weights_at(const struct work *w, int element, int panel) {
    const struct conv *conv = w->step->conv;
    int width = w->engine->kernels->gemm->width;
    return conv->packed->w + winograd_weights(conv, w->group, element, panel, width) +
           (size_t)winograd_blocks(conv, conv->first_part) * BLOCK * (size_t)width;
}

/* Evenly, over all product blocks of all tile blocks. */
static struct fetch fetch(const struct work *w, const struct blocking *b, const float *at,
                          size_t lines) {
    size_t steps = (size_t)b->blocks * (size_t)step_blocks(w->step->conv);
    return (struct fetch){at, (int)((lines + steps - 1) / steps)};
}

struct fetch multiply_fetch_weights(const struct work *w, const struct blocking *b, int element,
                                    int panel) {
    int floats = step_blocks(w->step->conv) * BLOCK * w->engine->kernels->gemm->width;
    if (!tile_group_lives(w->group, w->step->conv->tiling->n, element)) return (struct fetch){0};
    return fetch(w, b, weights_at(w, element, panel), (size_t)floats / LINE);
}

struct fetch multiply_fetch_map(const struct work *w, const struct blocking *b, const float *v,
                                int element, int slice, int slices) {
    size_t floats = v_element(w->step->conv, b), piece = floats / LINE / (size_t)slices + 1;
    return fetch(w, b, v + (size_t)element * floats + (size_t)slice * piece * LINE, piece);
}

void multiply_packed(const struct work *w, const struct blocking *b, int first, int panel,
                     int element, struct fetch ahead[FETCHES], const float *v, float *m) {
    const struct gemm_kernels *gemm = w->engine->kernels->gemm;
    const struct conv *conv = w->step->conv;
    size_t width = (size_t)gemm->width;
    if (!tile_group_lives(w->group, conv->tiling->n, element)) {
        if (conv->partial_out < 0) memset(m, 0, (size_t)b->tiles * width * sizeof *m);
        return;
    }
    const float *weights = weights_at(w, element, panel);
    const float *in = tiles_partial(w, conv->partial_in, panel, element, first);
    if (conv->partial_out >= 0) m = tiles_partial(w, conv->partial_out, panel, element, first);
    v += (size_t)element * v_element(conv, b);
    int before = winograd_blocks(conv, conv->first_part);
    for (int block = 0; block < b->blocks; block++) {
        size_t row = (size_t)(block * b->rows) * width;
        int rows = blocking_rows(b, block);
        const float *a = v + (size_t)block * v_block(conv, b), *sums = in ? in + row : NULL;
        for (int start = 0, end; start < step_blocks(conv); start = end, sums = m + row) {
            end = winograd_chain(conv, before + start).end - before;
            gemm->packed(m + row, sums, rows, a + start * rows * BLOCK, end - start,
                         weights + (size_t)(start * BLOCK) * width, ahead);
        }
    }
}
