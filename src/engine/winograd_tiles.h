/* What the ways to run a Winograd convolution have in common: tiles of the input are transformed
 * (V), every element is multiplied by its weights (M), and M is transformed back and stored. */
#ifndef ENGINE_WINOGRAD_TILES_H
#define ENGINE_WINOGRAD_TILES_H

#include "engine/winograd.h"

/* Tiles in blocks for the kernel, all of the same number of rows but the last. */
struct blocking {
    int tiles, rows, blocks;
};
struct blocking tiles_block(const struct engine *e, int tiles);

static inline int blocking_rows(const struct blocking *b, int block) {
    int left = b->tiles - block * b->rows;
    return left < b->rows ? left : b->rows;
}

static inline size_t whole_lines(size_t floats) {
    return (floats + LINE - 1) / LINE * LINE;
}

/* Product blocks of the parts that the step does. */
static inline int step_blocks(const struct conv *conv) {
    return winograd_blocks(conv, conv->end_part) - winograd_blocks(conv, conv->first_part);
}

/* V: [element][tile block][product block][rows][BLOCK]; M: [panel][element][tile][width]. */

static inline size_t v_block(const struct conv *conv, const struct blocking *b) {
    return (size_t)step_blocks(conv) * (size_t)b->rows * BLOCK;
}

static inline size_t v_element(const struct conv *conv, const struct blocking *b) {
    return odd_lines((size_t)b->blocks * v_block(conv, b));
}

static inline size_t m_element(const struct engine *e, const struct blocking *b) {
    return odd_lines((size_t)b->tiles * (size_t)e->kernels->gemm->width);
}

static inline size_t m_panel(const struct engine *e, const struct conv *conv,
                             const struct blocking *b) {
    return (size_t)conv->tiling->elements * m_element(e, b);
}

/* One group of a step's tiles. */
struct work {
    struct engine *engine;
    const struct step *step;
    const struct tile_group *group;
    int first; /* image */
    int tiles; /* of all images at hand */
};

/* Floats for the offsets that tiles_transform makes. */
size_t tiles_reads(const struct engine *e, const struct conv *conv);
/* V of tile block `block` for the tiles first .. of one part; `reads` is scratch. */
void tiles_transform(const struct work *w, const struct blocking *b, int block, int first, int part,
                     float *v, int32_t *reads);

/* The place of the partial sums of an element and panel, from tile `first` on; NULL for none. */
float *tiles_partial(const struct work *w, int tensor, int panel, int element, int first);

/* Offsets of the outputs of one phase of the tiles first .. + count - 1, [tile][m][m]. */
void tiles_writes(const struct work *w, int phase, int first, int count, int32_t *at);
/* Transforms M of a panel back and stores `count` tiles of it. */
void tiles_finish(const struct work *w, int phase, int panel, int count, const float *m,
                  size_t element, const int32_t *writes);

/* winograd_chunks.c: a task does all of that for some tiles, V and M staying in its cache. */
bool chunks_pay(const struct work *w);
void chunks_run(struct work *w);
size_t chunks_scratch(const struct engine *e, const struct conv *conv); /* floats a worker */

/* winograd_elements.c: all tiles are transformed, then multiplied, then transformed back; for few
 * tiles. The same bits as by chunks. */
void elements_run(struct work *w);
size_t elements_shared(const struct engine *e, const struct conv *conv); /* of all workers */

/* winograd_streamed.c: all groups of a step and its siblings, with streamed weights. */
void streamed_run(struct engine *e, const struct step *step, int first, int count);
size_t streamed_scratch(const struct engine *e, const struct step *step);
size_t streamed_shared(const struct engine *e, const struct step *step);

#endif
