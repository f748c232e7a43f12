#include "engine/winograd_tiles.h"

struct blocking tiles_block(const struct engine *e, int tiles) {
    int most = e->kernels->gemm->rows, blocks = (tiles + most - 1) / most;
    int rows = (tiles + blocks - 1) / blocks;
    return (struct blocking){tiles, rows, (tiles + rows - 1) / rows};
}

/* Where tile `tile` of the group lies. */
struct corner {
    int image, y, x; /* in q, see conv_map.h */
};

static struct corner corner_of(const struct work *w, int tile) {
    const struct tile_group *g = w->group;
    int image = tile / tile_group_tiles(g), rest = tile % tile_group_tiles(g);
    int m = w->step->conv->tiling->m;
    return (struct corner){image, g->first_y + rest / g->tiles_x * m,
                           g->first_x + rest % g->tiles_x * m};
}

/* at[tile][i][j] for the tiles first .. first + count - 1 in one plane of input `t`. */
static void fill_reads(const struct work *w, const struct tensor *t, int plane, int first,
                       int count, int32_t *at) {
    const struct tiling *tiling = w->step->conv->tiling;
    const struct tile_axis *ay = &tiling->y, *ax = &tiling->x;
    int base_y = ay->base[plane / ax->planes], base_x = ax->base[plane % ax->planes];
    for (int tile = first; tile < first + count; tile++) {
        struct corner c = corner_of(w, tile);
        int32_t image = (int32_t)((size_t)c.image * t->image);
        for (int i = 0; i < tiling->n; i++)
            for (int j = 0; j < tiling->n; j++) {
                int y = ay->in_step * (c.y + i) + base_y, x = ax->in_step * (c.x + j) + base_x;
                bool inside = y >= 0 && y < t->shape.h && x >= 0 && x < t->shape.w;
                int pixel = inside ? y * t->shape.w + x : t->shape.h * t->shape.w;
                *at++ = image + pixel * BLOCK;
            }
    }
}

void tiles_writes(const struct work *w, int phase, int first, int count, int32_t *at) {
    const struct tensor *t = &w->engine->tensors[w->step->forms[0].tensor];
    const struct tile_phase *py = w->group->y[phase], *px = w->group->x[phase];
    int m = w->step->conv->tiling->m;
    for (int tile = first; tile < first + count; tile++) {
        struct corner c = corner_of(w, tile);
        int32_t image = (int32_t)((size_t)c.image * t->image);
        for (int y = c.y; y < c.y + m; y++)
            for (int x = c.x; x < c.x + m; x++) {
                bool inside = y >= py->low && y < py->high && x >= px->low && x < px->high;
                int out_y = py->out_step * y + py->out_base,
                    out_x = px->out_step * x + px->out_base;
                *at++ = inside ? image + (out_y * t->shape.w + out_x) * BLOCK : -1;
            }
    }
}

/* From the first plane's pixels to those of another; for the one after the last, the first. */
static ptrdiff_t plane_offset(const struct tiling *tiling, const struct tensor *t, int plane) {
    const struct tile_axis *y = &tiling->y, *x = &tiling->x;
    if (plane == tiling->planes) plane = 0;
    int rows = y->base[plane / x->planes] - y->base[0],
        columns = x->base[plane % x->planes] - x->base[0];
    return ((ptrdiff_t)rows * t->shape.w + columns) * BLOCK;
}

size_t tiles_reads(const struct engine *e, const struct conv *conv) {
    return whole_lines((size_t)e->kernels->gemm->rows * (size_t)conv->tiling->elements);
}

void tiles_transform(const struct work *w, const struct blocking *b, int block, int first, int part,
                     float *v, int32_t *reads) {
    const struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *tiling = conv->tiling;
    int tensor = w->step->input[part - conv->first_part];
    bool relu = w->step->relu[part - conv->first_part];
    const struct tensor *t = &e->tensors[tensor];
    int rows = blocking_rows(b, block);
    size_t step = (size_t)rows * BLOCK;
    const float *src = tensor_at(e, tensor, w->first);
    v += (size_t)block * v_block(conv, b) +
         (size_t)(winograd_blocks(conv, part) - winograd_blocks(conv, conv->first_part)) * step;
    int blocks = tensor_blocks(t);
    for (int plane = 0; plane < tiling->planes; plane++) {
        fill_reads(w, t, plane, first + block * b->rows, rows, reads);
        ptrdiff_t next_block = (ptrdiff_t)t->plane, from_last_to_first = (1 - blocks) * next_block,
                  next_plane = plane_offset(tiling, t, plane + 1) - plane_offset(tiling, t, plane);
        for (int c = 0; c < blocks; c++) {
            ptrdiff_t ahead = c + 1 < blocks ? next_block : next_plane + from_last_to_first;
            e->kernels->winograd->input[tiling->n](v + (size_t)(c * tiling->planes + plane) * step,
                                                   v_element(conv, b), src + (size_t)c * t->plane,
                                                   reads, rows, ahead, relu);
        }
    }
}

float *tiles_partial(const struct work *w, int tensor, int panel, int element, int first) {
    if (tensor < 0) return NULL;
    const struct engine *e = w->engine;
    const struct tiling *tiling = w->step->conv->tiling;
    const struct tensor *t = &e->tensors[tensor];
    size_t tiles = (size_t)tile_group_tiles(w->group);
    size_t slots = t->single ? 1 : (size_t)e->options.batch;
    size_t before = t->single ? 0 : (size_t)w->first * tiles;
    size_t line = (size_t)panel * (size_t)tiling->elements + (size_t)element;
    size_t row = (w->group->rows + line * tiles) * slots + before + (size_t)first;
    return e->arena + t->offset + row * (size_t)e->kernels->gemm->width;
}

void tiles_finish(const struct work *w, int phase, int panel, int count, const float *m,
                  size_t element, const int32_t *writes) {
    const struct engine *e = w->engine;
    const struct conv *conv = w->step->conv;
    const struct tiling *t = conv->tiling;
    const struct tile_phase *y = w->group->y[phase], *x = w->group->x[phase];
    int shuffled = y->shuffled * conv->x.shuffle + x->shuffled, width = e->kernels->gemm->width;
    struct sink sink = step_sink(e, w->step, w->first);
    sink.channel = panel * width;
    sink.bias =
        conv->packed->bias + ((size_t)shuffled * (size_t)t->panels + (size_t)panel) * (size_t)width;
    e->kernels->winograd->output[t->n][t->m](m, element, count, writes, &sink);
}
