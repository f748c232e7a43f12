/* Times as JSON. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "json/json_out.h"
#include "metrics/bootstrap.h"
#include "report/timing.h"

static void write_series(struct json_out *o, double *samples, int count) {
    struct timing_summary summary = timing_summarize(samples, count);
    json_out_object(json_out_key(o, "seconds_per_image"));
    json_out_double(json_out_key(o, "median"), summary.median);
    json_out_double(json_out_key(o, "min"), summary.min);
    json_out_double(json_out_key(o, "p95"), summary.p95);
    json_out_double(json_out_key(o, "spread"), summary.spread);
    json_out_int(json_out_key(o, "outliers"), summary.outliers);
    json_out_array(json_out_key(o, "samples"));
    for (int i = 0; i < count; i++) json_out_double(o, samples[i]);
    json_out_end(o);
    json_out_end(o);
    mem_free(samples);
}

static void write_ratio(struct json_out *o, const char *key, struct timing_ratio ratio) {
    json_out_key(o, key);
    if (!(ratio.value > 0)) {
        json_out_null(o);
        return;
    }
    json_out_object(json_out_line(o));
    json_out_double(json_out_key(o, "median"), ratio.value);
    json_out_double(json_out_key(o, "low"), ratio.low);
    json_out_double(json_out_key(o, "high"), ratio.high);
    json_out_end(o);
}

static void write_rate(struct json_out *o, double rate, double peak) {
    json_out_double(json_out_key(o, "gflops"), 1e-9 * rate);
    json_out_double(json_out_key(o, "of_peak"), peak > 0 ? rate / peak : NAN);
}

static void write_step(struct json_out *o, const struct timing *timing,
                       const struct timing_variant *variant, int step) {
    const struct timing_step *info = &variant->plan->steps[step];
    double median = timing_step_summary(variant->plan, step).median;
    json_out_object(json_out_line(o));
    json_out_string(json_out_key(o, "op"), info->op);
    json_out_string(json_out_key(o, "algorithm"), info->algorithm);
    json_out_double(json_out_key(o, "seconds"), median);
    json_out_double(json_out_key(o, "macs_effective"), info->effective);
    json_out_double(json_out_key(o, "macs_executed"), info->executed);
    write_rate(o, timing_rate(info->effective, median), timing->peak);
    json_out_int(json_out_key(o, "shared_by"), variant->users_of_step[step]);
    json_out_end(o);
}

static void write_block(struct json_out *o, const struct timing *timing,
                        const struct timing_variant *variant, int block) {
    const struct timing_plan *plan = variant->plan;
    double *samples = timing_block_samples(variant, block);
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), variant->block_names[block]);
    json_out_double(json_out_key(o, "seconds"),
                    timing_summarize(samples, plan->sample_count).median);
    json_out_array(json_out_key(o, "operations"));
    for (int s = 0; s < plan->step_count; s++)
        if (variant->block_of_step[s] == block) write_step(o, timing, variant, s);
    json_out_end(o);
    json_out_end(o);
    mem_free(samples);
}

static void write_variant(struct json_out *o, const struct timing *timing,
                          const struct timing_variant *variant) {
    double median = timing_variant_summary(variant).median;
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), variant->name);
    json_out_string(json_out_key(o, "runs_as"), variant->runs_as);
    json_out_string(json_out_key(o, "architecture"), variant->architecture);
    json_out_double(json_out_key(o, "macs_effective"), variant->effective);
    write_rate(o, timing_rate(variant->effective, median), timing->peak);
    write_ratio(o, "ratio", variant->ratio);
    write_ratio(o, "to_baseline", variant->to_before);
    write_series(o, timing_samples(variant), variant->plan->sample_count);
    json_out_array(json_out_key(o, "blocks"));
    for (int b = 0; b < variant->block_count; b++) write_block(o, timing, variant, b);
    json_out_end(o);
    json_out_end(o);
}

static void write_conditions(struct json_out *o, const struct timing *timing) {
    json_out_string(json_out_key(o, "machine"), timing->machine);
    json_out_string(json_out_key(o, "isa"), timing->isa);
    json_out_int(json_out_key(o, "threads"), timing->threads);
    json_out_int(json_out_key(o, "batch"), timing->batch);
    json_out_array(json_out_key(o, "size"));
    json_out_int(o, timing->height);
    json_out_int(o, timing->width);
    json_out_end(o);
    json_out_bool(json_out_key(o, "exact"), timing->exact);
    json_out_int(json_out_key(o, "warmup"), timing->warmup);
    json_out_uint(json_out_key(o, "weight_bytes"), timing->weight_bytes);
    json_out_uint(json_out_key(o, "activation_bytes"), timing->activation_bytes);
    json_out_uint(json_out_key(o, "peak_memory_bytes"), timing->peak_memory);
    json_out_double(json_out_key(o, "peak_gflops"), timing->peak > 0 ? 1e-9 * timing->peak : NAN);
}

static void write_load(struct json_out *o, const struct timing_load *load) {
    json_out_key(o, "load");
    if (!(load->wall_seconds > 0)) {
        json_out_null(o);
        return;
    }
    json_out_object(json_out_line(o));
    json_out_double(json_out_key(o, "wall_seconds"), load->wall_seconds);
    json_out_double(json_out_key(o, "cpu_seconds"), load->cpu_seconds);
    json_out_double(json_out_key(o, "load_average"),
                    load->load_average >= 0 ? load->load_average : NAN);
    json_out_int(json_out_key(o, "preemptions"), load->preemptions);
    json_out_int(json_out_key(o, "cores"), load->cores);
    json_out_end(o);
}

/* What ratios are to, and how their intervals are made. */
static void write_statistics(struct json_out *o, const struct timing *timing) {
    struct bootstrap_options options = bootstrap_defaults();
    json_out_string(json_out_key(o, "reference"), timing->reference);
    json_out_string(json_out_key(o, "baseline"), timing->baseline);
    json_out_object(json_out_line(json_out_key(o, "bootstrap")));
    json_out_int(json_out_key(o, "resamples"), options.resamples);
    json_out_uint(json_out_key(o, "seed"), options.seed);
    json_out_double(json_out_key(o, "level"), options.level);
    json_out_end(o);
}

static void write_doubts(struct json_out *o, const struct timing *timing) {
    struct text doubts = {0};
    timing_doubts(timing, &doubts);
    json_out_array(json_out_key(o, "warnings"));
    char *rest = doubts.s;
    for (char *line; (line = strsep(&rest, "\n")) && *line;) json_out_string(o, line);
    json_out_end(o);
    text_free(&doubts);
}

void timing_write_json(const struct timing *timing, struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.timing/1");
    json_out_string(json_out_key(&o, "measured"), timing->measured);
    write_conditions(&o, timing);
    write_load(&o, &timing->load);
    write_statistics(&o, timing);
    json_out_array(json_out_key(&o, "variants"));
    for (int v = 0; v < timing->variant_count; v++) write_variant(&o, timing, &timing->variants[v]);
    json_out_end(&o);
    json_out_object(json_out_key(&o, "together"));
    write_ratio(&o, "ratio", timing->together_ratio);
    write_ratio(&o, "of_sum", timing->together_share);
    write_series(&o, timing_plan_samples(timing->together), timing->together->sample_count);
    json_out_end(&o);
    write_doubts(&o, timing);
    json_out_end(&o);
}
