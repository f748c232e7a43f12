/* Execution of Winograd convolutions: streamed weights, or group by group: by chunks of tiles, or
 * all tiles at once. */
#include "engine/winograd_tiles.h"

void winograd_run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    step_seal(e, step, first, count);
    if (conv->algorithm->streamed) {
        streamed_run(e, step, first, count);
        return;
    }
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct work w = {
            .engine = e, .step = step, .group = &conv->tiling->groups[i], .first = first};
        w.tiles = tile_group_tiles(w.group) * count;
        if (chunks_pay(&w))
            chunks_run(&w);
        else
            elements_run(&w);
    }
}

/* By elements a worker only needs the offsets of reads, for which chunks have room. */
size_t winograd_scratch(const struct engine *e, const struct step *step) {
    bool streamed = step->conv->algorithm->streamed;
    return streamed ? streamed_scratch(e, step) : chunks_scratch(e, step->conv);
}

size_t winograd_shared(const struct engine *e, const struct step *step) {
    bool streamed = step->conv->algorithm->streamed;
    return streamed ? streamed_shared(e, step) : elements_shared(e, step->conv);
}
