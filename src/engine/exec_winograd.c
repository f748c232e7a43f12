/* Execution of Winograd convolutions, group by group: by chunks of tiles, or all tiles at once. */
#include "engine/winograd_tiles.h"

void winograd_run(struct engine *e, const struct step *step, int first, int count) {
    const struct conv *conv = step->conv;
    for (int f = 0; f < step->form_count; f++) tensor_seal(e, step->forms[f].tensor, first, count);
    for (int i = 0; i < conv->tiling->group_count; i++) {
        struct work w = {
            .engine = e, .step = step, .group = &conv->tiling->groups[i], .first = first};
        w.tiles = tile_group_tiles(w.group) * count;
        if (!conv->algorithm->streamed && chunks_pay(&w))
            chunks_run(&w);
        else
            elements_run(&w);
    }
}

size_t winograd_scratch(const struct engine *e, const struct conv *conv) {
    size_t elements = elements_scratch(e, conv);
    size_t chunks = conv->algorithm->streamed ? 0 : chunks_scratch(e, conv);
    return elements > chunks ? elements : chunks;
}

size_t winograd_shared(const struct engine *e, const struct conv *conv) {
    return elements_shared(e, conv);
}
