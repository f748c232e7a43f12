/* Winograd convolutions: geometry in tiles, and weights. */
#ifndef ENGINE_WINOGRAD_H
#define ENGINE_WINOGRAD_H

#include "engine/algorithm.h"

#define PHASES_MAX (TILE_STRIDE * TILE_STRIDE)

/* Phases that are made from the same input tiles. Tile (ty, tx) gives outputs q of
 * first_y + m ty .. + m - 1 by first_x + m tx .. + m - 1 of every phase. Where all of a tile but
 * its first row is outside, only the first value of the transform of a column is not zero: no more
 * elements are multiplied than have such a row and column. */
struct tile_group {
    int first_y, first_x;
    int tiles_y, tiles_x;
    int live_y, live_x; /* n, or 1 */
    int phase_count;
    const struct tile_phase *y[PHASES_MAX], *x[PHASES_MAX];
    const struct tile_group *owner; /* whose weights it reads: its own, or of more phases */
    int owner_phase[PHASES_MAX];    /* which of the owner's phases each is */
    size_t weights;                 /* of an owner: floats before its own */
    size_t rows; /* rows of partial sums of one image before those of this group */
};
#define TILE_GROUPS (PHASES_MAX + 2)

struct tiling {
    int m, n, elements; /* n = m + taps - 1 inputs along an axis, n^2 elements */
    struct tile_axis y, x;
    int planes; /* of both axes */
    int panels; /* of one phase */
    int kept;   /* weights of a product that are packed: one an element, or the taps of a plane */
    int group_count;
    struct tile_group groups[TILE_GROUPS];
};

static inline int tile_group_tiles(const struct tile_group *g) {
    return g->tiles_y * g->tiles_x;
}

static inline bool tile_group_lives(const struct tile_group *g, int n, int element) {
    return element / n < g->live_y && element % n < g->live_x;
}

/* Blocks of BLOCK products that parts 0 .. part - 1 contribute to a sum: every part's channels in
 * blocks, each in all planes. */
static inline int winograd_blocks(const struct conv *conv, int part) {
    int blocks = 0;
    for (int i = 0; i < part; i++) blocks += (conv->part_channels[i] + BLOCK - 1) / BLOCK;
    return blocks * conv->tiling->planes;
}

/* Products of a whole sum, in whole blocks. */
static inline size_t winograd_products(const struct conv *conv) {
    return (size_t)winograd_blocks(conv, conv->part_count) * BLOCK;
}

/* Where the weights of an element and panel (of all phases of the group) begin:
 * [block][BLOCK][width] of [element][panel]. */
static inline size_t winograd_weights(const struct conv *conv, const struct tile_group *g,
                                      int element, int panel, int width) {
    int panels = conv->tiling->panels, all = g->owner->phase_count * panels;
    int owned = g->owner_phase[panel / panels] * panels + panel % panels;
    return g->owner->weights + ((size_t)element * (size_t)all + (size_t)owned) *
                                   winograd_products(conv) * (size_t)width;
}

/* Blocks start .. end - 1 of a whole sum. */
struct block_range {
    int start, end;
};

/* The most blocks of a chain: CHAIN products, or half as many where the transform of streamed
 * weights would not stay in the second-level cache. With panels of 32 it takes 160 or 340 KB. */
int winograd_chain_most(const struct conv *conv);

/* The chain that a block is in, all of one part. */
struct block_range winograd_chain(const struct conv *conv, int block);

/* Where streamed weights of a panel, block and tap lie: [tap][block][BLOCK][width] of
 * [panel][chain]. */
size_t winograd_streamed(const struct conv *conv, const struct tile_group *g, int panel, int block,
                         int tap, int width);

/* The transform of weights, U = G g G^T: [n][taps], see kernels.h. */
void winograd_weight_matrix(int n, int taps, double g[WINOGRAD_MAX][4]);

bool winograd_fits(const struct algorithm *algorithm, const struct conv *conv);
void winograd_map(struct engine *engine, struct conv *conv);
void winograd_measure(const struct engine *engine, const struct conv *conv, struct packed *packed);
void winograd_pack(struct engine *engine, const struct packed *packed);
size_t winograd_scratch(const struct engine *engine, const struct step *step);
size_t winograd_shared(const struct engine *engine, const struct step *step);
size_t winograd_partial(const struct engine *engine, const struct conv *conv);
double winograd_macs(const struct engine *engine, const struct conv *conv);
step_run winograd_run;

#endif
