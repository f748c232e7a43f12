/* The direct convolution: every output is a sum over parts, taps and channels, in that order. */
#include "engine/algorithm.h"

#include <assert.h>
#include <string.h>

static bool fits(const struct algorithm *algorithm, const struct conv *conv) {
    (void)algorithm;
    (void)conv;
    return true;
}

static void map(struct engine *engine, struct conv *conv) {
    conv->rows = conv_axis_make(&conv->y, &engine->memory);
    conv->columns = conv_axis_make(&conv->x, &engine->memory);
}

static int phase_count(const struct conv *conv) {
    return conv->rows.count * conv->columns.count;
}

static const struct conv_phase *phase_y(const struct conv *conv, int phase) {
    return &conv->rows.phases[phase / conv->columns.count];
}

static const struct conv_phase *phase_x(const struct conv *conv, int phase) {
    return &conv->columns.phases[phase % conv->columns.count];
}

static int phase_taps(const struct conv *conv, int phase) {
    return phase_y(conv, phase)->taps * phase_x(conv, phase)->taps;
}

static int phase_shuffled(const struct conv *conv, int phase) {
    return phase_y(conv, phase)->shuffled * conv->x.shuffle + phase_x(conv, phase)->shuffled;
}

/* Output pixels of one image. */
static size_t phase_outs(const struct conv *conv, int phase) {
    return (size_t)phase_y(conv, phase)->outs * (size_t)phase_x(conv, phase)->outs;
}

static int part_start(const struct conv *conv, int part) {
    int channels = 0;
    for (int i = 0; i < part; i++) channels += conv->part_channels[i];
    return channels;
}

/* Weights: [phase][panel][part][tap][channel][width]. */

static size_t panel_floats(const struct conv *conv, int phase, int width) {
    return (size_t)part_start(conv, conv->part_count) * (size_t)phase_taps(conv, phase) *
           (size_t)width;
}

static void measure(const struct engine *engine, const struct conv *conv, struct packed *packed) {
    int width = engine->kernels->gemm->width, phases = phase_count(conv);
    packed->panels = (conv->channels + width - 1) / width;
    packed->offset = mem_array((size_t)phases, sizeof *packed->offset);
    for (int phase = 0; phase < phases; phase++) {
        packed->offset[phase] = packed->count;
        packed->count += (size_t)packed->panels * panel_floats(conv, phase, width);
    }
}

struct packing {
    const struct packed *packed;
    int width;
};

static void scale_row(float *w, const double *scale, int outs) {
    for (int o = 0; o < outs; o++) w[o] = (float)((double)w[o] * scale[o]);
}

/* The weights of one phase for a panel of outputs. */
struct phase_panel {
    int c, outs;  /* the first output, and how many there are */
    int phase;    /* of the shuffle */
    int *k, taps; /* kernel indices */
    float *w;     /* of the part at hand: [tap][channel][width] */
};

static struct phase_panel panel_of(const struct packing *p, int phase, int panel) {
    const struct conv *conv = p->packed->conv;
    const struct conv_phase *y = phase_y(conv, phase), *x = phase_x(conv, phase);
    size_t floats = panel_floats(conv, phase, p->width);
    struct phase_panel out = {.c = panel * p->width,
                              .phase = phase_shuffled(conv, phase),
                              .taps = phase_taps(conv, phase)};
    out.outs = conv->channels - out.c < p->width ? conv->channels - out.c : p->width;
    out.w = p->packed->w + p->packed->offset[phase] + (size_t)panel * floats;
    if (out.outs < p->width) memset(out.w, 0, floats * sizeof(float));
    out.k = mem_array((size_t)out.taps, sizeof *out.k);
    for (int t = 0; t < out.taps; t++)
        out.k[t] = y->kernel[t / x->taps] * conv->x.kernel + x->kernel[t % x->taps];
    return out;
}

/* Inputs in .. in + count - 1 of a part of `channels`, which starts at input `start`. */
static void pack_inputs(const struct packing *p, const struct phase_panel *panel, int start,
                        int channels, int in, int count) {
    const struct fold *fold = p->packed->fold;
    size_t row = (size_t)p->width, tap = (size_t)channels * row;
    float *w = panel->w + (size_t)in * row;
    fold_gather(fold, panel->c, panel->outs, panel->phase, start + in, count, panel->k, panel->taps,
                w, tap, row);
    for (int i = 0; fold->batch_norm && i < panel->taps * count; i++)
        scale_row(w + (size_t)(i / count) * tap + (size_t)(i % count) * row, fold->scale + panel->c,
                  panel->outs);
}

/* All phases of a few inputs, whose weights are then still in the cache. */
static void pack_panel(void *context, int index, int worker) {
    (void)worker;
    const struct packing *p = context;
    const struct conv *conv = p->packed->conv;
    int phases = phase_count(conv);
    struct phase_panel *panels = mem_array((size_t)phases, sizeof *panels);
    for (int i = 0; i < phases; i++) panels[i] = panel_of(p, i, index);
    for (int part = 0, start = 0; part < conv->part_count; part++) {
        int channels = conv->part_channels[part];
        for (int in = 0; in < channels; in += GATHER) {
            int count = channels - in < GATHER ? channels - in : GATHER;
            for (int i = 0; i < phases; i++) pack_inputs(p, &panels[i], start, channels, in, count);
        }
        for (int i = 0; i < phases; i++)
            panels[i].w += (size_t)(panels[i].taps * channels) * (size_t)p->width;
        start += channels;
    }
    for (int i = 0; i < phases; i++) mem_free(panels[i].k);
    mem_free(panels);
}

static void pack(struct engine *engine, const struct packed *packed) {
    struct packing packing = {packed, engine->kernels->gemm->width};
    pool_run(engine->options.pool, pack_panel, &packing, packed->panels);
}

static size_t partial(const struct engine *engine, const struct conv *conv) {
    size_t floats = 0;
    int width = engine->kernels->gemm->width;
    for (int phase = 0; phase < phase_count(conv); phase++)
        floats += phase_outs(conv, phase) * (size_t)((conv->channels + width - 1) / width);
    return floats * (size_t)width;
}

static double macs(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    double sum = 0;
    for (int phase = 0; phase < phase_count(conv); phase++)
        sum += (double)phase_outs(conv, phase) * phase_taps(conv, phase);
    return sum * conv->channels *
           (part_start(conv, conv->end_part) - part_start(conv, conv->first_part));
}

/* Execution. A task is a chunk of a phase's rows (output pixels of all images at hand) and a few
 * panels of outputs. */

#define CHUNK_TILES 8 /* small: the table of offsets stays in L1 */
#define CHUNK_TILES_DEEP                                                                           \
    40 /* where a panel's weights do not stay in L2: fewer readings of them                        \
        */
#define DEEP_BYTES ((size_t)256 << 10)

static int chunk_rows(const struct engine *engine, const struct conv *conv, int phase) {
    const struct gemm_kernels *gemm = engine->kernels->gemm;
    bool deep = panel_floats(conv, phase, gemm->width) * sizeof(float) > DEEP_BYTES;
    return gemm->rows * (deep ? CHUNK_TILES_DEEP : CHUNK_TILES);
}

struct layout {              /* of a worker's scratch */
    float *tile;             /* [rows of a chunk][width] */
    int32_t *to;             /* [rows] */
    int32_t *at;             /* [part][tap][rows] */
    struct gemm_span *spans; /* [part][tap] */
    size_t floats;
};

static size_t take(size_t *used, size_t bytes) {
    size_t start = *used;
    *used += (bytes + 63) / 64 * 64;
    return start;
}

static struct layout lay_out(const struct engine *engine, const struct conv *conv, char *base) {
    size_t rows = 0, taps = 0, used = 0;
    for (int phase = 0; phase < phase_count(conv); phase++) {
        size_t r = (size_t)chunk_rows(engine, conv, phase), t = (size_t)phase_taps(conv, phase);
        if (r > rows) rows = r;
        if (t > taps) taps = t;
    }
    size_t spans = taps * (size_t)conv->part_count;
    size_t tile = take(&used, rows * (size_t)engine->kernels->gemm->width * sizeof(float));
    size_t to = take(&used, rows * sizeof(int32_t));
    size_t at = take(&used, spans * rows * sizeof(int32_t));
    size_t span = take(&used, (spans + 1) * sizeof(struct gemm_span));
    return (struct layout){(float *)(base + tile), (int32_t *)(base + to), (int32_t *)(base + at),
                           (struct gemm_span *)(base + span), used / sizeof(float)};
}

static size_t scratch(const struct engine *engine, const struct step *step) {
    static char nowhere[1];
    return lay_out(engine, step->conv, nowhere).floats;
}

struct work {
    struct engine *engine;
    const struct step *step;
    int first, count; /* images */
    int panel_step;   /* panels of a task */
};

struct chunk {
    int phase, row, rows; /* rows of all images */
    int panel, panel_end;
};

static int rows_of(const struct work *work, int phase) {
    return (int)phase_outs(work->step->conv, phase) * work->count;
}

static int chunk_count(const struct work *work, int phase) {
    int rows = chunk_rows(work->engine, work->step->conv, phase);
    return (rows_of(work, phase) + rows - 1) / rows;
}

static int panel_groups(const struct work *work) {
    return (work->step->conv->packed->panels + work->panel_step - 1) / work->panel_step;
}

static struct chunk chunk_of(const struct work *work, int index) {
    int groups = panel_groups(work), phase = 0;
    while (index >= chunk_count(work, phase) * groups) index -= chunk_count(work, phase++) * groups;
    struct chunk c = {.phase = phase, .panel = index % groups * work->panel_step};
    int most = chunk_rows(work->engine, work->step->conv, phase);
    c.row = index / groups * most;
    c.rows = rows_of(work, phase) - c.row < most ? rows_of(work, phase) - c.row : most;
    c.panel_end = c.panel + work->panel_step;
    int panels = work->step->conv->packed->panels;
    if (c.panel_end > panels) c.panel_end = panels;
    return c;
}

/* Where every row of the chunk reads for each tap of input `t`, and where it goes in `out`. */
static void fill_reads(const struct work *work, const struct chunk *c, const struct tensor *t,
                       int32_t *at) {
    const struct conv *conv = work->step->conv;
    const struct conv_phase *y = phase_y(conv, c->phase), *x = phase_x(conv, c->phase);
    int32_t zero = (int32_t)(tensor_pixels(t) * (size_t)t->lanes);
    int outs = y->outs * x->outs;
    for (int r = 0; r < c->rows; r++) {
        int image = (c->row + r) / outs, out = (c->row + r) % outs;
        int32_t base = (int32_t)((size_t)image * t->image);
        const int *in_y = y->in + out / x->outs * y->taps, *in_x = x->in + out % x->outs * x->taps;
        int32_t *to = at + r;
        for (int ty = 0; ty < y->taps; ty++)
            for (int tx = 0; tx < x->taps; tx++, to += c->rows) {
                bool inside = in_y[ty] >= 0 && in_x[tx] >= 0;
                *to = base + (inside ? (in_y[ty] * t->shape.w + in_x[tx]) * t->lanes : zero);
            }
    }
}

static void fill_writes(const struct work *work, const struct chunk *c, const struct tensor *t,
                        int32_t *to) {
    const struct conv *conv = work->step->conv;
    const struct conv_phase *y = phase_y(conv, c->phase), *x = phase_x(conv, c->phase);
    int outs = y->outs * x->outs;
    for (int r = 0; r < c->rows; r++) {
        int image = (c->row + r) / outs, out = (c->row + r) % outs;
        int oy = y->first + out / x->outs * y->step, ox = x->first + out % x->outs * x->step;
        to[r] = (int32_t)((size_t)image * t->image) + (oy * t->shape.w + ox) * t->lanes;
    }
}

static int make_spans(const struct work *work, const struct chunk *c, const struct layout *l) {
    const struct conv *conv = work->step->conv;
    int taps = phase_taps(conv, c->phase), count = 0;
    for (int part = conv->first_part; part < conv->end_part; part++) {
        int tensor = work->step->input[part - conv->first_part];
        const struct tensor *t = &work->engine->tensors[tensor];
        int32_t *at = l->at + (size_t)count * (size_t)c->rows;
        fill_reads(work, c, t, at);
        for (int tap = 0; tap < taps; tap++)
            l->spans[count++] = (struct gemm_span){
                .a = tensor_at(work->engine, tensor, work->first),
                .at = at + (size_t)tap * (size_t)c->rows,
                .step = (ptrdiff_t)t->plane,
                .channels = conv->part_channels[part],
                .lanes = t->lanes,
            };
    }
    return count;
}

struct rows_io { /* sums of a panel: where they start from and where they are left */
    const float *in;
    float *out;
};

static struct rows_io panel_io(const struct work *work, const struct chunk *c, int panel,
                               float *tile) {
    const struct conv *conv = work->step->conv;
    const struct engine *e = work->engine;
    size_t width = (size_t)e->kernels->gemm->width, rows = 0;
    for (int phase = 0; phase < c->phase; phase++)
        rows += phase_outs(conv, phase) * (size_t)conv->packed->panels;
    rows += phase_outs(conv, c->phase) * (size_t)panel;
    struct rows_io io = {NULL, tile};
    int tensors[2] = {conv->partial_in, conv->partial_out};
    float *base[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        if (tensors[i] < 0) continue;
        const struct tensor *t = &e->tensors[tensors[i]];
        size_t slots = t->single ? 1 : (size_t)e->options.batch;
        size_t before = t->single ? 0 : (size_t)work->first * phase_outs(conv, c->phase);
        base[i] = e->arena + t->offset + (rows * slots + before + (size_t)c->row) * width;
    }
    io.in = base[0];
    if (base[1]) io.out = base[1];
    return io;
}

/* The end of the chain that begins with `span`: some taps of one part, whose sums are shared. */
static int chain_end(const struct layout *l, int span, int span_count, int taps) {
    int channels = l->spans[span].channels, end = span + 1;
    while (end < span_count && end % taps != 0 && channels + l->spans[end].channels <= CHAIN)
        channels += l->spans[end++].channels;
    return end;
}

/* The sums of one panel for all rows of the chunk, a chain at a time, whose weights stay in a
 * cache.
 */
static void sum_panel(const struct work *work, const struct chunk *c, const struct layout *l,
                      int span_count, const float *w, struct rows_io io) {
    const struct gemm_kernels *gemm = work->engine->kernels->gemm;
    size_t width = (size_t)gemm->width;
    int tiles = (c->rows + gemm->rows - 1) / gemm->rows, most = (c->rows + tiles - 1) / tiles;
    int taps = phase_taps(work->step->conv, c->phase), start = 0;
    do { /* at least once: a phase without taps is zero */
        int end = span_count ? chain_end(l, start, span_count, taps) : 0;
        const float *in = start ? io.out : io.in;
        for (int row = 0; row < c->rows; row += most) {
            int rows = c->rows - row < most ? c->rows - row : most;
            gemm->tile(io.out + (size_t)row * width, in ? in + (size_t)row * width : NULL, rows,
                       l->spans + start, end - start, row, w);
        }
        for (; start < end; start++) w += (size_t)l->spans[start].channels * width;
    } while (start < span_count);
}

static void do_chunk(const struct work *work, struct chunk c, int worker) {
    struct engine *e = work->engine;
    const struct conv *conv = work->step->conv;
    const struct gemm_kernels *gemm = e->kernels->gemm;
    struct layout l = lay_out(e, conv, (char *)(e->scratch + (size_t)worker * e->scratch_floats));
    int span_count = make_spans(work, &c, &l);
    bool store = conv->partial_out < 0;
    struct sink sink = {0};
    if (store) {
        sink = step_sink(e, work->step, work->first);
        fill_writes(work, &c, &e->tensors[work->step->forms[0].tensor], l.to);
    }
    size_t skipped = (size_t)part_start(conv, conv->first_part) *
                     (size_t)phase_taps(conv, c.phase) * (size_t)gemm->width;
    size_t bias = (size_t)phase_shuffled(conv, c.phase) * (size_t)conv->packed->panels;
    for (int panel = c.panel; panel < c.panel_end; panel++) {
        const float *w = conv->packed->w + conv->packed->offset[c.phase] + skipped +
                         (size_t)panel * panel_floats(conv, c.phase, gemm->width);
        struct rows_io io = panel_io(work, &c, panel, l.tile);
        sum_panel(work, &c, &l, span_count, w, io);
        if (!store) continue;
        sink.channel = panel * gemm->width;
        sink.bias = conv->packed->bias + (bias + (size_t)panel) * (size_t)gemm->width;
        gemm->store(io.out, c.rows, l.to, &sink);
    }
}

/* Siblings one after the other: the panels of a task are then in an outer cache. */
static void do_task(void *context, int index, int worker) {
    struct work work = *(const struct work *)context;
    struct chunk chunk = chunk_of(&work, index);
    for (int left = work.step->siblings; left > 0; left--, work.step++)
        do_chunk(&work, chunk, worker);
}

static void run(struct engine *engine, const struct step *step, int first, int count) {
    struct work work = {engine, step, first, count, step->conv->packed->panels};
    int chunks = 0, wanted = 4 * pool_threads(engine->options.pool);
    for (int phase = 0; phase < phase_count(step->conv); phase++)
        chunks += chunk_count(&work, phase);
    if (chunks < wanted) {
        work.panel_step = work.panel_step * chunks / wanted;
        if (work.panel_step < 1) work.panel_step = 1;
    }
    step_seal(engine, step, first, count);
    pool_run(engine->options.pool, do_task, &work, chunks * panel_groups(&work));
}

const struct algorithm algorithm_direct = {.name = "direct",
                                           .planar_in = true,
                                           .siblings = true,
                                           .fits = fits,
                                           .map = map,
                                           .measure = measure,
                                           .pack = pack,
                                           .scratch = scratch,
                                           .partial = partial,
                                           .macs = macs,
                                           .run = run};
