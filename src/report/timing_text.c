/* Times as tables, lists and CSV. */
#include "base/mem.h"
#include "report/timing.h"

void timing_write_csv(const struct timing *timing, struct text *out) {
    text_put(out, "variant,block,op,algorithm,seconds,macs_effective,macs_executed,gflops,"
                  "shared_by\n");
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        for (int s = 0; s < variant->plan->step_count; s++) {
            if (variant->block_of_step[s] < 0) continue;
            const struct timing_step *step = &variant->plan->steps[s];
            double median = timing_step_summary(variant->plan, s).median;
            text_put_csv(out, variant->name);
            text_put(out, ",");
            text_put_csv(out, variant->block_names[variant->block_of_step[s]]);
            text_add(out, ",%s,%s,", step->op, step->algorithm);
            text_put_number(out, median);
            text_put(out, ",");
            text_put_number(out, step->effective);
            text_put(out, ",");
            text_put_number(out, step->executed);
            text_put(out, ",");
            text_put_number(out, 1e-9 * timing_rate(step->effective, median));
            text_add(out, ",%d\n", variant->users_of_step[s]);
        }
    }
}

/* Cells of one row, written one after the other. */
struct row {
    struct text *out;
    const char *bar; /* between cells */
    bool first;
};

static struct row row_start(bool markdown, struct text *out) {
    if (markdown) text_put(out, "| ");
    return (struct row){out, markdown ? " | " : "  ", true};
}

/* As in text_pad: a negative width pads at the left. */
static void cell(struct row *row, int width, const char *content) {
    if (!row->first) text_put(row->out, row->bar);
    text_pad(row->out, content, width);
    row->first = false;
}

static void cell_number(struct row *row, int width, int digits, double value, const char *unit) {
    struct text number = {0};
    text_add(&number, "%.*f%s", digits, value, unit);
    cell(row, -width, number.s);
    text_free(&number);
}

static void cells_ratio(struct row *row, struct timing_ratio ratio) {
    struct text interval = {0};
    if (ratio.low < ratio.high) text_add(&interval, "%.2f to %.2f", ratio.low, ratio.high);
    if (ratio.value > 0)
        cell_number(row, 6, 2, ratio.value, "");
    else
        cell(row, 6, "");
    cell(row, -14, interval.s ? interval.s : "");
    text_free(&interval);
}

static void row_end(struct row *row, bool markdown, const char *note) {
    struct text *out = row->out;
    cell(row, 0, note);
    while (!markdown && out->s[out->length - 1] == ' ') out->length--;
    text_put(out, markdown ? " |\n" : "\n");
}

static void table_row(const struct timing *timing, const char *name, struct timing_summary t,
                      struct timing_ratio ratio, double effective, const char *note, bool markdown,
                      struct text *out) {
    struct row row = row_start(markdown, out);
    double rate = timing_rate(effective, t.median);
    cell(&row, 24, name);
    cell_number(&row, 9, 2, 1e3 * t.median, "");
    cell_number(&row, 9, 2, 1e3 * t.min, "");
    cell_number(&row, 9, 2, 1e3 * t.p95, "");
    cells_ratio(&row, ratio);
    if (rate > 0)
        cell_number(&row, 8, 1, 1e-9 * rate, "");
    else
        cell(&row, 8, "");
    if (rate > 0 && timing->peak > 0)
        cell_number(&row, 7, 0, 100 * rate / timing->peak, " %");
    else
        cell(&row, 7, "");
    row_end(&row, markdown, note);
}

/* Below the table: what its columns are. */
static void write_legend(const struct timing *timing, bool markdown, struct text *out) {
    const char *line = markdown ? "\n- " : "\n";
    if (timing->reference)
        text_add(out,
                 "%sratio: to %s, the median over rounds of the times in one round, with its 95 %% "
                 "bootstrap interval",
                 line, timing->reference);
    text_add(out, "%sGFLOP/s: 2 x the effective MACs of `stridelab trace`", line);
    if (timing->peak > 0)
        text_add(out,
                 "%sof peak: of %.1f GFLOP/s of multiply-adds in registers, measured; over 100 %% "
                 "is possible, as Winograd's%salgorithms and upsampling folded into kernels "
                 "multiply less than is counted",
                 line, 1e-9 * timing->peak, markdown ? " " : "\n");
    text_put(out, "\n");
}

static void write_before(const struct timing *timing, bool markdown, struct text *out) {
    text_put(out, "\nagainst ");
    text_put_terminal(out, timing->baseline);
    if (markdown)
        text_put(out, "\n\n| variant | then ms | now ms | ratio | 95 % interval | |\n"
                      "|---|--:|--:|--:|--:|---|\n");
    else
        text_put(out, "\nvariant                     then ms     now ms   ratio   95 % interval\n");
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        if (!(variant->to_before.value > 0)) continue;
        struct row row = row_start(markdown, out);
        cell(&row, 24, variant->name);
        cell_number(&row, 9, 2, 1e3 * variant->before, "");
        cell_number(&row, 9, 2, 1e3 * timing_variant_summary(variant).median, "");
        cells_ratio(&row, variant->to_before);
        row_end(&row, markdown, "");
    }
}

void timing_write_table(const struct timing *timing, bool markdown, struct text *out) {
    if (markdown)
        text_put(out, "| variant | median ms | min ms | p95 ms | ratio | 95 % interval | GFLOP/s | "
                      "of peak | |\n"
                      "|---|--:|--:|--:|--:|--:|--:|--:|---|\n");
    else
        text_put(out, "variant                   median ms     min ms     p95 ms   ratio   95 % "
                      "interval   GFLOP/s  of peak\n");
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        struct text note = {0};
        if (variant->runs_as) text_add(&note, "runs as %s", variant->runs_as);
        if (variant->seeds > 1)
            text_add(&note, "%sthe first of %d seeds", note.s ? "; " : "", variant->seeds);
        table_row(timing, variant->name, timing_variant_summary(variant), variant->ratio,
                  variant->effective, note.s ? note.s : "", markdown, out);
        text_free(&note);
    }
    double *samples = timing_plan_samples(timing->together);
    struct text note = {0};
    if (timing->variant_count > 1 && timing->together_share.value > 0)
        text_add(&note, "%.2f of the sum", timing->together_share.value);
    table_row(timing, "all together", timing_summarize(samples, timing->together->sample_count),
              timing->together_ratio, 0, note.s ? note.s : "", markdown, out);
    text_free(&note);
    mem_free(samples);
    write_legend(timing, markdown, out);
    if (timing->baseline) write_before(timing, markdown, out);
}

static void write_time(double seconds, double whole, struct text *out) {
    text_add(out, " %9.3f  %5.0f %%", 1e3 * seconds, whole > 0 ? 100 * seconds / whole : 0);
}

static void write_block(const struct timing *timing, const struct timing_variant *variant,
                        int block, double whole, struct text *out) {
    double *samples = timing_block_samples(variant, block);
    text_put(out, "  ");
    text_pad(out, variant->block_names[block], 38);
    write_time(timing_summarize(samples, variant->plan->sample_count).median, whole, out);
    text_put(out, "\n");
    mem_free(samples);
    for (int s = 0; s < variant->plan->step_count; s++) {
        if (variant->block_of_step[s] != block) continue;
        const struct timing_step *step = &variant->plan->steps[s];
        double seconds = timing_step_summary(variant->plan, s).median;
        double rate = timing_rate(step->effective, seconds);
        text_put(out, "    ");
        text_pad(out, step->op, 16);
        text_put(out, " ");
        text_pad(out, step->algorithm, 19);
        write_time(seconds, whole, out);
        if (rate > 0) text_add(out, "  %8.1f", 1e-9 * rate);
        if (rate > 0 && timing->peak > 0) text_add(out, "  %5.0f %%", 100 * rate / timing->peak);
        text_put(out, "\n");
    }
}

void timing_write_steps(const struct timing *timing, struct text *out) {
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        if (variant->runs_as) continue;
        double whole = timing_variant_summary(variant).median;
        text_pad(out, variant->name, 40);
        text_add(out, "        ms   of all   GFLOP/s%s\n", timing->peak > 0 ? "  of peak" : "");
        for (int b = 0; b < variant->block_count; b++) write_block(timing, variant, b, whole, out);
    }
}
