/* bench: times of every variant alone and of all together, beside those of another day. */
#include <string.h>

#include "base/stop.h"
#include "cli/bench.h"
#include "cli/github.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "report/baseline.h"
#include "report/junit.h"

enum { RUNS = 11, WARMUP = 3 };

static bool is_gate(const struct options *options) {
    return options->fail_if_slower >= 0;
}

static int runs_of(const struct options *options) {
    return options->runs > 0 ? options->runs : RUNS;
}

static bool check_options(const struct options *options, struct err *err) {
    print_format_allowed(options, "table json csv md", err);
    if (is_gate(options) && !options->baseline)
        err_add(err, STATUS_BAD_INPUT,
                "--fail-if-slower needs --baseline FILE, which `stridelab bench --format json` "
                "wrote");
    if (is_gate(options) && runs_of(options) < BASELINE_FEWEST)
        err_add(err, STATUS_BAD_INPUT, "--fail-if-slower needs --runs %d or more", BASELINE_FEWEST);
    if (options->junit && !is_gate(options))
        err_add(err, STATUS_BAD_INPUT, "--junit needs --fail-if-slower");
    return err->status == STATUS_OK;
}

/* The number of the variant that ratios are to; -1 with a message. */
static int find_reference(const struct bench *bench, struct err *err) {
    const char *asked = bench->options->reference, *own = bench->session.config.reference;
    const char *name = asked ? asked : own;
    for (int v = 0; name && v < bench->timing.variant_count; v++)
        if (strcmp(bench->timing.variants[v].name, name) == 0) return v;
    if (!asked) return 0;
    err_add(err, STATUS_BAD_INPUT, "--reference: %s is not among the variants that are measured",
            SAFE(asked));
    return -1;
}

static bool prepare(struct bench *bench, struct err *err) {
    const struct options *options = bench->options;
    struct session *session = &bench->session;
    if (!session_load(options, session, err)) return false;
    struct extent size = options->size.h > 0 ? options->size : session->variants[0]->size;
    if (size.h == 0)
        return err_add(err, STATUS_BAD_INPUT, "%s has no input.size: give --size",
                       session->variants[0]->name);
    if (session->batch < 1) session->batch = 1;
    if (!session_bind(session, options, size, err)) return false;
    if (session->member_count == 0)
        return err_add(err, STATUS_FAILED, "no variant fits at %dx%d (see `stridelab trace`)",
                       size.h, size.w);
    return bench_prepare(bench, size, err);
}

static void write(const struct bench *bench, struct text *out) {
    const struct timing *timing = &bench->timing;
    if (bench->options->format == FORMAT_JSON) {
        timing_write_json(timing, out);
        return;
    }
    if (bench->options->format == FORMAT_CSV) {
        timing_write_csv(timing, out);
        return;
    }
    text_add(out, "%s; %s, %d threads, batch %d, %d rounds after %d to warm up\n", timing->machine,
             timing->isa, timing->threads, timing->batch, timing->together->sample_count,
             timing->warmup);
    text_add(out, "%dx%d; packed weights %.1f MB, activations %.1f MB, peak memory %.1f MB\n\n",
             timing->height, timing->width, (double)timing->weight_bytes / 1e6,
             (double)timing->activation_bytes / 1e6, (double)timing->peak_memory / 1e6);
    timing_write_table(timing, bench->options->format == FORMAT_MD, out);
    if (bench->options->verbose) {
        const char *fence = bench->options->format == FORMAT_MD ? "\n```" : "";
        text_add(out, "%s\n", fence);
        timing_write_steps(timing, out);
        text_put(out, *fence ? "```\n" : "");
    }
}

/* Whether no variant is surely slower than the baseline's by more than allowed; one message for
 * each that is. */
static bool check_gate(const struct bench *bench, struct junit *junit, struct err *err) {
    double percent = bench->options->fail_if_slower;
    bool pass = true;
    for (int v = 0; v < bench->timing.variant_count; v++) {
        const struct timing_variant *variant = &bench->timing.variants[v];
        struct timing_ratio ratio = variant->to_before;
        if (!(ratio.value > 0)) continue;
        struct text failure = {0};
        if (baseline_slower(ratio, percent)) {
            text_add(&failure,
                     "%s takes %.3f times as long as in the baseline (95 %% interval %.3f to "
                     "%.3f), over %g %% longer",
                     variant->name, ratio.value, ratio.low, ratio.high, percent);
            pass = err_add(err, STATUS_FAILED, "--fail-if-slower: %s", failure.s);
        }
        junit_case(junit, variant->name, failure.s);
        text_free(&failure);
    }
    return pass;
}

static void add_annotations(struct text *out, const struct err *err) {
    struct text lines = {0};
    github_errors(&lines, "stridelab bench", err);
    if (lines.s) text_put_terminal(out, lines.s);
    text_free(&lines);
}

/* Not errors: the exit status stays. */
static void warn(const struct timing *timing, struct err *err) {
    struct text doubts = {0};
    timing_doubts(timing, &doubts);
    for (const char *line = doubts.s; line && *line;) {
        size_t length = strcspn(line, "\n");
        err_add(err, STATUS_OK, "warning: %.*s", (int)length, line);
        line += length + 1;
    }
    text_free(&doubts);
}

/* False before anything was measured, or when a signal came during the warm-up. */
static bool was_timed(const struct timing *timing) {
    return timing->together && timing->together->sample_count > 0;
}

/* Measures, prints to `out` and judges. */
static enum status measure(struct bench *bench, const struct baseline *baseline,
                           struct text *doubts, struct text *out, struct err *err) {
    const struct options *options = bench->options;
    struct timing *timing = &bench->timing;
    int reference = find_reference(bench, err);
    if (baseline->path) baseline_check(baseline, timing, is_gate(options), doubts, err);
    if (err->status != STATUS_OK) return err->status;
    bench_measure(bench, runs_of(options), options->warmup >= 0 ? options->warmup : WARMUP);
    timing_relate(timing, reference);
    timing->baseline_doubts = doubts->s;
    if (baseline->path) baseline_relate(baseline, timing);
    if (was_timed(timing)) write(bench, out);
    int signal = stop_requested();
    if (signal) return (enum status)(128 + signal);
    struct junit junit = {.suite = "stridelab bench"};
    bool pass = !is_gate(options) || check_gate(bench, &junit, err);
    bool written = !options->junit || junit_write(&junit, options->junit, err);
    junit_free(&junit);
    return !written ? STATUS_IO : !pass || bench->session.misfits ? STATUS_FAILED : STATUS_OK;
}

enum status verb_bench(const struct options *options, struct err *err) {
    struct bench bench = {.options = options};
    struct baseline baseline = {0};
    struct text out = {0}, doubts = {0};
    stop_install();
    bool ok = check_options(options, err) &&
              (!options->baseline || baseline_read(options->baseline, &baseline, err)) &&
              prepare(&bench, err);
    enum status status = ok ? measure(&bench, &baseline, &doubts, &out, err) : err->status;
    if (options->github) add_annotations(&out, err);
    if (!options->quiet && was_timed(&bench.timing)) warn(&bench.timing, err);
    status = print_result(&out, status, err);
    baseline_free(&baseline);
    bench_free(&bench);
    text_free(&doubts);
    return status;
}
