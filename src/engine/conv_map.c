#include "engine/conv_map.h"

#include <assert.h>

/* The input position that output `out` meets at kernel index `k`, or -1: outside or between. For a
 * convolution out = y reads stride y - padding + k; a transposed one gets from each input i a
 * contribution at stride i - padding + k. */
static int meets(const struct conv_line *line, int out, int k) {
    if (!line->transposed) {
        int in = line->stride * (out / line->shuffle) - line->padding + k;
        return in >= 0 && in < line->in * line->upsample ? in / line->upsample : -1;
    }
    int scaled = out + line->padding - k;
    if (scaled < 0 || scaled % line->stride) return -1;
    int in = scaled / line->stride;
    return in < line->in ? in : -1;
}

static void list_taps(const struct conv_line *line, struct conv_phase *phase, struct arena *arena) {
    phase->kernel = arena_alloc(arena, (size_t)line->kernel * sizeof(int));
    for (int k = 0; k < line->kernel; k++) {
        bool live = false;
        for (int i = 0; i < phase->outs && !live; i++)
            live = meets(line, phase->first + i * phase->step, k) >= 0;
        if (live) phase->kernel[phase->taps++] = k;
    }
    size_t count = (size_t)phase->outs * (size_t)phase->taps;
    phase->in = arena_alloc(arena, (count ? count : 1) * sizeof(int));
    for (int i = 0; i < phase->outs; i++)
        for (int t = 0; t < phase->taps; t++)
            phase->in[i * phase->taps + t] =
                meets(line, phase->first + i * phase->step, phase->kernel[t]);
}

struct conv_axis conv_axis_make(const struct conv_line *line, struct arena *arena) {
    assert(!line->transposed || (line->shuffle == 1 && line->upsample == 1));
    int count = line->transposed ? line->stride : line->shuffle;
    if (count > line->out) count = line->out;
    struct conv_axis axis = {count, arena_alloc(arena, (size_t)count * sizeof *axis.phases)};
    for (int p = 0; p < count; p++) {
        struct conv_phase *phase = &axis.phases[p];
        phase->first = p;
        phase->step = line->transposed ? line->stride : line->shuffle;
        phase->outs = (line->out - p + phase->step - 1) / phase->step;
        phase->shuffled = line->transposed ? 0 : p;
        list_taps(line, phase, arena);
    }
    return axis;
}

static int floor_div(int a, int b) {
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* k = s a + b: out[y] = sum over b, a of w[s a + b] in[s (y + a) + b - padding]. */
static void tile_conv(const struct conv_line *line, struct tile_axis *axis) {
    axis->planes = axis->in_step = line->stride;
    for (int b = 0; b < axis->planes; b++) axis->base[b] = b - line->padding;
    axis->phase_count = line->shuffle;
    for (int p = 0; p < line->shuffle; p++) {
        struct tile_phase *phase = &axis->phases[p];
        *phase = (struct tile_phase){.high = line->out / line->shuffle,
                                     .out_step = line->shuffle,
                                     .out_base = p,
                                     .shuffled = p};
        for (int b = 0; b < axis->planes; b++)
            for (int a = 0; a < axis->taps; a++) phase->kernel[b][a] = line->stride * a + b;
    }
}

/* out + padding = s q + p, k = p + s j: out[s q + p - padding] = sum over j of w[p + s j] in[q -
 * j], and j = taps - 1 - a makes that a correlation. */
static void tile_transposed(const struct conv_line *line, struct tile_axis *axis) {
    int s = line->stride;
    axis->planes = axis->in_step = 1;
    axis->base[0] = -(axis->taps - 1);
    axis->phase_count = s;
    for (int p = 0; p < s; p++) {
        struct tile_phase *phase = &axis->phases[p];
        *phase = (struct tile_phase){.low = floor_div(line->padding - p + s - 1, s),
                                     .high = floor_div(line->out - 1 + line->padding - p, s) + 1,
                                     .out_step = s,
                                     .out_base = p - line->padding};
        for (int a = 0; a < axis->taps; a++) phase->kernel[0][a] = p + s * (axis->taps - 1 - a);
    }
}

bool tile_axis_make(const struct conv_line *line, struct tile_axis *axis) {
    *axis = (struct tile_axis){0};
    axis->taps = line->kernel / line->stride;
    if (line->kernel % line->stride || axis->taps > 4 || line->stride > TILE_STRIDE ||
        line->shuffle > TILE_STRIDE || line->upsample != 1)
        return false;
    if (line->transposed)
        tile_transposed(line, axis);
    else
        tile_conv(line, axis);
    for (int p = 0; p < axis->phase_count; p++)
        if (axis->phases[p].low >= axis->phases[p].high) return false;
    return true;
}
