#include "report/timing.h"

#include <string.h>

#include "base/mem.h"
#include "json/json_out.h"
#include "metrics/stats.h"

void timing_add(struct timing_plan *plan, const double *seconds, int images) {
    size_t width = (size_t)plan->step_count, used = width * (size_t)plan->sample_count;
    mem_grow(&plan->seconds, &plan->capacity, used + width, sizeof *plan->seconds);
    for (size_t s = 0; s < width; s++) plan->seconds[used + s] = seconds[s] / images;
    plan->sample_count++;
}

void timing_plan_free(struct timing_plan *plan) {
    mem_free(plan->steps);
    mem_free(plan->seconds);
    *plan = (struct timing_plan){0};
}

struct timing_summary timing_summarize(const double *samples, int count) {
    if (count == 0) return (struct timing_summary){0};
    size_t n = (size_t)count;
    double *sorted = mem_array(n, sizeof *sorted);
    memcpy(sorted, samples, n * sizeof *sorted);
    stats_sort(sorted, n);
    struct timing_summary summary = {.median = stats_quantile(sorted, n, 0.5),
                                     .min = sorted[0],
                                     .p95 = stats_quantile(sorted, n, 0.95)};
    mem_free(sorted);
    return summary;
}

/* Per sample the sum over all steps of the plan, or with `block_of_step` over those of `block`, or
 * of any block of the variant when that is -1. The caller frees it. */
static double *sums(const struct timing_plan *plan, const int *block_of_step, int block) {
    double *totals = mem_array((size_t)plan->sample_count, sizeof *totals);
    for (int i = 0; i < plan->sample_count; i++) {
        const double *row = plan->seconds + (size_t)i * (size_t)plan->step_count;
        for (int s = 0; s < plan->step_count; s++) {
            bool keep =
                !block_of_step || (block < 0 ? block_of_step[s] >= 0 : block_of_step[s] == block);
            if (keep) totals[i] += row[s];
        }
    }
    return totals;
}

double *timing_samples(const struct timing_variant *variant) {
    return sums(variant->plan, variant->block_of_step, -1);
}

double *timing_plan_samples(const struct timing_plan *plan) {
    return sums(plan, NULL, -1);
}

static struct timing_summary step_summary(const struct timing_plan *plan, int step) {
    double *samples = mem_array((size_t)plan->sample_count, sizeof *samples);
    for (int i = 0; i < plan->sample_count; i++)
        samples[i] = plan->seconds[(size_t)i * (size_t)plan->step_count + (size_t)step];
    struct timing_summary summary = timing_summarize(samples, plan->sample_count);
    mem_free(samples);
    return summary;
}

static void write_series(struct json_out *o, double *samples, int count) {
    struct timing_summary summary = timing_summarize(samples, count);
    json_out_object(json_out_key(o, "seconds_per_image"));
    json_out_double(json_out_key(o, "median"), summary.median);
    json_out_double(json_out_key(o, "min"), summary.min);
    json_out_double(json_out_key(o, "p95"), summary.p95);
    json_out_array(json_out_key(o, "samples"));
    for (int i = 0; i < count; i++) json_out_double(o, samples[i]);
    json_out_end(o);
    json_out_end(o);
    mem_free(samples);
}

static void write_step(struct json_out *o, const struct timing_variant *variant, int step) {
    const struct timing_step *info = &variant->plan->steps[step];
    double median = step_summary(variant->plan, step).median;
    json_out_object(json_out_line(o));
    json_out_string(json_out_key(o, "op"), info->op);
    json_out_string(json_out_key(o, "algorithm"), info->algorithm);
    json_out_double(json_out_key(o, "seconds"), median);
    json_out_double(json_out_key(o, "macs"), info->macs);
    json_out_double(json_out_key(o, "gflops"), median > 0 ? 2e-9 * info->macs / median : 0);
    json_out_int(json_out_key(o, "shared_by"), variant->users_of_step[step]);
    json_out_end(o);
}

static void write_block(struct json_out *o, const struct timing_variant *variant, int block) {
    const struct timing_plan *plan = variant->plan;
    double *samples = sums(plan, variant->block_of_step, block);
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), variant->block_names[block]);
    json_out_double(json_out_key(o, "seconds"),
                    timing_summarize(samples, plan->sample_count).median);
    json_out_array(json_out_key(o, "operations"));
    for (int s = 0; s < plan->step_count; s++)
        if (variant->block_of_step[s] == block) write_step(o, variant, s);
    json_out_end(o);
    json_out_end(o);
    mem_free(samples);
}

void timing_write_json(const struct timing *timing, struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.timing/1");
    json_out_string(json_out_key(&o, "measured"), timing->measured);
    json_out_string(json_out_key(&o, "machine"), timing->machine);
    json_out_string(json_out_key(&o, "isa"), timing->isa);
    json_out_int(json_out_key(&o, "threads"), timing->threads);
    json_out_int(json_out_key(&o, "batch"), timing->batch);
    json_out_int(json_out_key(&o, "warmup"), timing->warmup);
    json_out_uint(json_out_key(&o, "weight_bytes"), timing->weight_bytes);
    json_out_uint(json_out_key(&o, "activation_bytes"), timing->activation_bytes);
    json_out_array(json_out_key(&o, "variants"));
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        json_out_object(&o);
        json_out_string(json_out_key(&o, "name"), variant->name);
        json_out_string(json_out_key(&o, "runs_as"), variant->runs_as);
        write_series(&o, timing_samples(variant), variant->plan->sample_count);
        json_out_array(json_out_key(&o, "blocks"));
        for (int b = 0; b < variant->block_count; b++) write_block(&o, variant, b);
        json_out_end(&o);
        json_out_end(&o);
    }
    json_out_end(&o);
    json_out_object(json_out_key(&o, "together"));
    write_series(&o, timing_plan_samples(timing->together), timing->together->sample_count);
    json_out_end(&o);
    json_out_end(&o);
}

void timing_write_csv(const struct timing *timing, struct text *out) {
    text_put(out, "variant,block,op,algorithm,seconds,macs,shared_by\n");
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        for (int s = 0; s < variant->plan->step_count; s++) {
            if (variant->block_of_step[s] < 0) continue;
            const struct timing_step *step = &variant->plan->steps[s];
            text_put_csv(out, variant->name);
            text_put(out, ",");
            text_put_csv(out, variant->block_names[variant->block_of_step[s]]);
            text_add(out, ",%s,%s,", step->op, step->algorithm);
            text_put_number(out, step_summary(variant->plan, s).median);
            text_put(out, ",");
            text_put_number(out, step->macs);
            text_add(out, ",%d\n", variant->users_of_step[s]);
        }
    }
}

static void table_row(const char *name, double *samples, int count, double first, double gmacs,
                      const char *note, bool markdown, struct text *out) {
    struct timing_summary t = timing_summarize(samples, count);
    const char *bar = markdown ? " | " : "  ";
    if (markdown) text_put(out, "| ");
    text_pad(out, name, 24);
    text_add(out, "%s%9.2f%s%9.2f%s%9.2f%s%6.2f%s", bar, 1e3 * t.median, bar, 1e3 * t.min, bar,
             1e3 * t.p95, bar, first > 0 ? t.median / first : 1.0, bar);
    if (gmacs > 0 && t.median > 0)
        text_add(out, "%8.1f", 2 * gmacs / t.median);
    else
        text_put(out, "        ");
    text_add(out, "%s%s%s\n", bar, note, markdown ? " |" : "");
    mem_free(samples);
}

void timing_write_table(const struct timing *timing, bool markdown, struct text *out) {
    if (markdown)
        text_put(out, "| variant | median ms | min ms | p95 ms | ratio | GFLOP/s | |\n"
                      "|---|--:|--:|--:|--:|--:|---|\n");
    else
        text_put(out,
                 "variant                   median ms     min ms     p95 ms   ratio   GFLOP/s\n");
    double first = 0;
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        double *samples = timing_samples(variant);
        if (v == 0) first = timing_summarize(samples, variant->plan->sample_count).median;
        struct text note = {0};
        if (variant->runs_as) text_add(&note, "runs as %s", variant->runs_as);
        table_row(variant->name, samples, variant->plan->sample_count, first, variant->gmacs,
                  note.s ? note.s : "", markdown, out);
        text_free(&note);
    }
    table_row("all together", timing_plan_samples(timing->together), timing->together->sample_count,
              first, 0, "", markdown, out);
}

void timing_write_steps(const struct timing *timing, struct text *out) {
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        if (variant->runs_as) continue;
        text_add(out, "%s\n", variant->name);
        for (int s = 0; s < variant->plan->step_count; s++) {
            if (variant->block_of_step[s] < 0) continue;
            const struct timing_step *step = &variant->plan->steps[s];
            double median = step_summary(variant->plan, s).median;
            text_put(out, "  ");
            text_pad(out, variant->block_names[variant->block_of_step[s]], 14);
            text_put(out, " ");
            text_pad(out, step->op, 16);
            text_put(out, " ");
            text_pad(out, step->algorithm, 20);
            text_add(out, " %9.3f ms  %7.1f GFLOP/s\n", 1e3 * median,
                     median > 0 ? 2e-9 * step->macs / median : 0);
        }
    }
}
