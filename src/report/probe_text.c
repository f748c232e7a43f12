/* The probe's tables, and what they mean in words. */
#include "report/probe.h"

#include <math.h>
#include <string.h>

#include "report/grid.h"
#include "report/words.h"

enum { WIDTH = 100 };

static void put_grid(struct grid *grid, bool markdown, struct text *out) {
    if (markdown)
        grid_md(grid, out);
    else
        grid_table(grid, 2, WIDTH, out);
    grid_free(grid);
}

static void heading(const char *words, bool markdown, struct text *out) {
    text_add(out, markdown ? "\n## %s\n\n" : "\n%s\n", words);
}

/* A paragraph. */
static void say(struct text *sentence, bool markdown, struct text *out) {
    if (markdown) text_put(out, "\n");
    words_wrap(out, markdown ? "" : "  ", sentence->s, markdown ? 0 : 2, markdown ? 0 : WIDTH);
    text_free(sentence);
}

static void set_string(struct grid *grid, int row, int column, const char *s) {
    struct text cell = {0};
    text_put(&cell, s);
    grid_set(grid, row, column, &cell);
}

static void set_number(struct grid *grid, int row, int column, bool has, double value) {
    struct text cell = {0};
    if (has)
        text_add(&cell, "%.3g", value);
    else
        text_put(&cell, "-");
    grid_set(grid, row, column, &cell);
}

/* The row of a variant that is an earlier one's computation; false for others. */
static bool shared_row(struct grid *grid, const struct probe_variant *variant) {
    char buffer[128];
    struct text cell = {0};
    if (!variant->runs_as) return false;
    int row = grid_row(grid);
    set_string(grid, row, 0, probe_label(variant, buffer, sizeof buffer));
    text_add(&cell, "as %s", variant->runs_as);
    grid_set(grid, row, 1, &cell);
    return true;
}

static void row_block(struct grid *grid, const struct probe_block *block, const char *name,
                      enum origin origin) {
    const struct probe_change *c = block->changes, *zero = &c[PROBE_ZERO];
    struct text shape = {0};
    int row = grid_row(grid);
    words_shape(&shape, block->shape);
    set_string(grid, row, 0, name);
    set_string(grid, row, 1, block->name);
    grid_set(grid, row, 2, &shape);
    set_number(grid, row, 3, zero->images, zero->levels);
    set_number(grid, row, 4, zero->images, zero->max);
    set_number(grid, row, 5, c[PROBE_MEAN].images, c[PROBE_MEAN].levels);
    set_number(grid, row, 6, c[PROBE_SHUFFLE].images, c[PROBE_SHUFFLE].levels);
    for (int b = 0; b < BAND_COUNT; b++)
        set_number(grid, row, 9 - b, zero->dsnr_images[b], zero->dsnr[b]);
    set_string(grid, row, 10, bind_origin_name(origin));
}

static void table_blocks(const struct probe *probe, bool markdown, struct text *out) {
    static const char *const headings[] = {"variant", "block",  "joined",   ">zero",
                                           ">max",    ">mean",  ">shuffle", ">hi dB",
                                           ">mid dB", ">lo dB", "weights"};
    struct grid grid;
    char buffer[128];
    grid_start(&grid, headings, 11, 7);
    for (int v = 0; v < probe->variant_count; v++) {
        const struct probe_variant *variant = &probe->variants[v];
        const char *name = probe_label(variant, buffer, sizeof buffer);
        if (shared_row(&grid, variant)) continue;
        for (int i = 0; i < variant->block_count; i++)
            row_block(&grid, &variant->blocks[i], i ? "" : name, variant->origin);
    }
    put_grid(&grid, markdown, out);
}

static void say_block(const struct probe_variant *variant, const struct probe_block *block,
                      bool markdown, struct text *out) {
    const struct probe_change *zero = &block->changes[PROBE_ZERO];
    const struct probe_change *shuffle = &block->changes[PROBE_SHUFFLE];
    if (!zero->images || variant->runs_as) return;
    char buffer[128];
    struct text s = {0};
    text_add(&s,
             "%s: zeros in place of %s's result move the output by %.3g of 255 levels on average, "
             "%.3g at most",
             probe_label(variant, buffer, sizeof buffer), block->name, zero->levels, zero->max);
    if (zero->max == 0)
        text_put(&s, ": no pixel of these images depends on it");
    else if (zero->max < 0.5)
        text_put(&s, ": less than the rounding to 8 bits, at every pixel");
    if (shuffle->images && zero->max > 0)
        text_add(&s, "; the next image's result, by %.3g", shuffle->levels);
    text_put(&s, ".");
    say(&s, markdown, out);
}

/* The tightest bound on how far a variant can be from the reference. */
static void say_bound(const struct probe *probe, const struct probe_variant *variant, bool markdown,
                      struct text *out) {
    const struct probe_block *tightest = NULL;
    for (int i = 0; i < variant->block_count; i++) {
        const struct probe_block *block = &variant->blocks[i];
        double bound = probe_bound(probe, block);
        if (isnan(bound)) continue;
        if (!tightest || bound < probe_bound(probe, tightest)) tightest = block;
    }
    if (!tightest) return;
    char buffer[128];
    struct text s = {0};
    text_add(&s,
             "%s and %s are one computation but for %s's result: their outputs cannot differ by "
             "more than what the two results move, %.3g levels together; they differ by %.3g.",
             probe_label(variant, buffer, sizeof buffer), probe->reference, tightest->name,
             probe_bound(probe, tightest), variant->output.levels);
    say(&s, markdown, out);
}

static void write_blocks(const struct probe *probe, bool markdown, struct text *out) {
    heading("What a block's result is worth: change of the output, mean over pixels, of 255 levels",
            markdown, out);
    table_blocks(probe, markdown, out);
    struct text s = {0};
    text_put(&s,
             "zero, mean, shuffle: zeros, each channel's mean, or the next image's result in place "
             "of what the block joins with its skip. max: of one pixel. dB: what the zeroed output "
             "keeps of the detail (DSNR in the hi, mid and lo band; at 0 no more than an empty "
             "band).");
    say(&s, markdown, out);
    for (int v = 0; v < probe->variant_count; v++) {
        const struct probe_variant *variant = &probe->variants[v];
        if (variant->block_count == 1) say_block(variant, variant->blocks, markdown, out);
    }
    for (int v = 0; v < probe->variant_count; v++)
        say_bound(probe, &probe->variants[v], markdown, out);
    text_put(&s,
             "A block that moves the output little here leaves its stride little to change. But "
             "only what was probed is measured: another stride has a result of its own, which may "
             "move the output more, and weights trained with it may use the block more, or "
             "less.");
    say(&s, markdown, out);
}

static void put_step(const struct probe_step *step, struct text *cell) {
    if (step->missing)
        text_put(cell, "no such block");
    else if (step->same)
        text_put(cell, "same");
    else if (step->images && !step->differs)
        text_put(cell, "equal");
    else if (step->images)
        text_add(cell, "%.3g (%.3g)", step->mean, step->max);
    else {
        words_shape(cell, step->shape);
        text_put(cell, " for ");
        words_shape(cell, step->reference);
    }
}

static void table_steps(const struct probe_variant *variant, bool markdown, struct text *out) {
    static const char *const headings[] = {"block", ">encoded", ">decoded", ">joined"};
    struct grid grid;
    grid_start(&grid, headings, 4, 4);
    int row = 0;
    for (int i = 0; i < variant->step_count; i++) {
        const struct probe_step *step = &variant->steps[i];
        struct text cell = {0};
        int column = strcmp(step->stage, "encoded") == 0   ? 1
                     : strcmp(step->stage, "decoded") == 0 ? 2
                                                           : 3;
        if (column == 1) set_string(&grid, row = grid_row(&grid), 0, step->block);
        put_step(step, &cell);
        grid_set(&grid, row, column, &cell);
    }
    put_grid(&grid, markdown, out);
}

/* In the order of computing: encoded from the outermost block inwards, then the others outwards. */
static const struct probe_step *first_difference(const struct probe_variant *variant) {
    for (int i = 0; i < variant->step_count; i++)
        if (variant->steps[i].differs && strcmp(variant->steps[i].stage, "encoded") == 0)
            return &variant->steps[i];
    const struct probe_step *first = NULL;
    for (int i = variant->step_count - 1; i >= 0; i--) {
        const struct probe_step *step = &variant->steps[i];
        if (!step->differs) continue;
        if (first && strcmp(first->block, step->block) != 0) break;
        first = step; /* decoded stands before joined */
    }
    return first;
}

static void say_parting(const struct probe *probe, const struct probe_variant *variant,
                        bool markdown, struct text *out) {
    struct text s = {0};
    char buffer[128];
    const char *name = probe_label(variant, buffer, sizeof buffer);
    const struct probe_step *first = first_difference(variant);
    if (!first && variant->output.max == 0) {
        text_add(&s, "%s and %s: no difference at any block, and equal outputs.", name,
                 probe->reference);
        say(&s, markdown, out);
        return;
    }
    if (first) text_add(&s, "They part at %s, %s", first->block, first->stage);
    const char *before = first ? ". Joined with the skips: " : "Joined with the skips: ";
    for (int i = variant->step_count - 1; i >= 0; i--) {
        const struct probe_step *step = &variant->steps[i];
        if (strcmp(step->stage, "joined") != 0 || !step->images || !step->differs) continue;
        text_add(&s, "%s%.3g at %s", before, step->mean, step->block);
        before = ", ";
    }
    text_add(&s, ". The outputs differ by %.3g of 255 levels, %.3g at most.",
             variant->output.levels, variant->output.max);
    say(&s, markdown, out);
}

static void write_parting(const struct probe *probe, const struct probe_variant *variant,
                          bool markdown, struct text *out) {
    struct text title = {0};
    char buffer[128];
    text_add(&title, "%s against %s: mean (largest) difference, relative to the reference's rms",
             probe_label(variant, buffer, sizeof buffer), probe->reference);
    heading(title.s, markdown, out);
    text_free(&title);
    if (variant->runs_as && strcmp(variant->runs_as, probe->variants[0].name) == 0) {
        struct text s = {0};
        text_put(&s, "They are one computation: nothing can differ.");
        say(&s, markdown, out);
        return;
    }
    table_steps(variant, markdown, out);
    say_parting(probe, variant, markdown, out);
}

static void table_norms(const struct probe *probe, bool markdown, struct text *out) {
    static const char *const headings[] = {"variant", "statistics", ">levels",
                                           ">max",    ">hi dB",     ">L1"};
    struct grid grid;
    char buffer[128];
    grid_start(&grid, headings, 6, 6);
    for (int v = 0; v < probe->variant_count; v++) {
        const struct probe_variant *variant = &probe->variants[v];
        if (variant->batch_norms && shared_row(&grid, variant)) continue;
        for (int n = 0; n < PROBE_NORMS && variant->batch_norms; n++) {
            const struct probe_norm_mode *mode = &variant->norms[n];
            const struct probe_change *c = &mode->change;
            int row = grid_row(&grid);
            set_string(&grid, row, 0, n ? "" : probe_label(variant, buffer, sizeof buffer));
            set_string(&grid, row, 1, probe_norm_name((enum probe_norm)n));
            set_number(&grid, row, 2, n && c->images, c->levels);
            set_number(&grid, row, 3, n && c->images, c->max);
            set_number(&grid, row, 4, n && c->dsnr_images[BAND_HI], c->dsnr[BAND_HI]);
            set_number(&grid, row, 5, mode->targets, mode->l1);
        }
    }
    put_grid(&grid, markdown, out);
}

static void say_norms(const struct probe_variant *variant, bool markdown, struct text *out) {
    static const char *const advice[] = {"\"norm\": \"batch\"", "\"norm\": \"batch_stats\"",
                                         "statistics of a whole batch"};
    struct text s = {0};
    char buffer[128];
    const char *name = probe_label(variant, buffer, sizeof buffer);
    if (variant->single) {
        text_add(&s,
                 "%s: %d of its %d batch norms see one position, which has no statistics of its "
                 "own: per image is left out.",
                 name, variant->single, variant->batch_norms);
        say(&s, markdown, out);
    }
    const struct probe_norm_mode *modes = variant->norms;
    if (!modes[PROBE_RUNNING].targets || variant->origin != ORIGIN_TRAINED || variant->runs_as)
        return;
    int best = PROBE_RUNNING;
    for (int n = 0; n < PROBE_NORMS; n++)
        if (modes[n].targets && modes[n].l1 < modes[best].l1) best = n;
    text_add(&s, "%s is nearest to its targets with %s: ", name, advice[best]);
    for (int n = 0; n < PROBE_NORMS; n++)
        if (modes[n].targets)
            text_add(&s, "%sL1 %.3g %s", n ? ", " : "", modes[n].l1,
                     probe_norm_name((enum probe_norm)n));
    text_put(&s, ".");
    say(&s, markdown, out);
}

static void write_norms(const struct probe *probe, bool markdown, struct text *out) {
    int with = 0;
    for (int v = 0; v < probe->variant_count; v++) with += probe->variants[v].batch_norms > 0;
    if (!with) return;
    heading("Batch norm: running statistics, those of each image, those of the images together",
            markdown, out);
    table_norms(probe, markdown, out);
    for (int v = 0; v < probe->variant_count; v++)
        if (probe->variants[v].batch_norms) say_norms(&probe->variants[v], markdown, out);
}

void probe_table(const struct probe *probe, bool markdown, struct text *out) {
    if (markdown) text_put(out, "# Probe\n\n");
    text_add(out, "%d of %d images%s:", probe->image_count, probe->available,
             probe->sampled ? ", evenly spread" : "");
    for (int i = 0; i < probe->image_count; i++) {
        text_put(out, i ? ", " : " ");
        text_put_terminal(out, probe->images[i]);
    }
    text_put(out, "\n");
    write_blocks(probe, markdown, out);
    for (int v = 0; v < probe->variant_count; v++)
        if (probe->variants[v].step_count) write_parting(probe, &probe->variants[v], markdown, out);
    write_norms(probe, markdown, out);
}
