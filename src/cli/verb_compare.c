/* compare: the outputs of one run, or of all shards of one, measured again from their files. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/compare_runs.h"
#include "cli/documents.h"
#include "cli/github.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/gate.h"
#include "report/junit.h"

struct job {
    const struct options *options;
    struct compare_runs runs;
    struct workers workers;
    struct compare compare;
    struct comparison comparison;
    char *found; /* of --out and the folders above it, the nearest that was there already */
};

static bool analyse(struct job *job, struct err *err) {
    if (!documents_compare(&job->runs.results, &job->runs.arena, &job->compare, err)) return false;
    if (job->options->reference) job->compare.reference = job->options->reference;
    return compare_analyse(&job->compare, job->workers.pool, &job->comparison, err);
}

static void write_text(const struct job *job, struct text *out) {
    if (job->options->format == FORMAT_JSON) {
        compare_json(&job->compare, &job->comparison, out);
    } else if (job->options->format == FORMAT_CSV) {
        compare_csv(&job->compare, out);
    } else {
        compare_summary(&job->compare, &job->comparison, out);
        compare_details(&job->compare, &job->comparison, out);
        if (job->options->out) text_add(out, "%s/report.html\n", job->options->out);
    }
}

/* ---- --out ---- */

/* Takes `path`; the caller frees what it gets. */
static char *above(char *path) {
    char *dir = file_dir(path);
    mem_free(path);
    return dir;
}

/* The folders that prepare_out made, which no document came into. */
static void remove_made(const struct job *job) {
    char *dir = mem_strdup(job->options->out);
    for (; strcmp(dir, job->found) != 0; dir = above(dir)) rmdir(dir);
    mem_free(dir);
}

static bool prepare_out(struct job *job, struct err *err) {
    const struct options *options = job->options;
    if (options->force && !options->out)
        return err_add(err, STATUS_BAD_INPUT,
                       "--force says that --out may overwrite; there is no --out");
    if (!options->out) return true;
    job->found = mem_strdup(options->out);
    while (!file_exists(job->found)) job->found = above(job->found);
    if (!file_make_dirs(options->out, err)) return false;
    for (int i = 0; !options->force && documents_name(i); i++) {
        char *path = file_join(options->out, documents_name(i));
        bool exists = file_exists(path);
        mem_free(path);
        if (exists)
            return err_add(err, STATUS_BAD_INPUT, "%s holds %s already: --force overwrites it",
                           SAFE(options->out), documents_name(i));
    }
    return true;
}

/* The command that makes the same page: with the runs by shard, in whatever order they were given.
 */
static void put_command(const struct job *job, struct text *out) {
    const struct options *options = job->options;
    text_put(out, "stridelab compare");
    for (int r = 0; r < job->runs.record_count; r++)
        options_put_word(out, job->runs.records[r].dir);
    if (options->reference) {
        text_put(out, " --reference");
        options_put_word(out, options->reference);
    }
    if (options->targets) {
        text_put(out, " --targets");
        options_put_word(out, options->targets);
    }
    text_put(out, " --out");
    options_put_word(out, options->out);
}

/* What traces are of: the config's size, or where every image has its own that of the first output,
 * which is as large as its input. */
static struct extent trace_size(const struct results *r) {
    struct extent size = r->config->variants[0].size;
    for (int i = 0; size.h == 0 && i < r->image_count; i++)
        size = (struct extent){r->images[i].height, r->images[i].width};
    return size;
}

static bool write_documents(const struct job *job, struct err *err) {
    const struct compare_runs *runs = &job->runs;
    const struct config *config = runs->results.config;
    struct extent size = trace_size(&runs->results);
    if (size.h == 0) return err_add(err, STATUS_IO, "no image could be read: there is no page");
    size_t variants = (size_t)config->variant_count, records = (size_t)runs->record_count;
    const struct config_variant **traced = mem_array(variants, sizeof *traced);
    struct run_facts *facts = mem_array(records, sizeof *facts);
    struct text command = {0};
    struct trace trace;
    put_command(job, &command);
    for (size_t v = 0; v < variants; v++) traced[v] = &config->variants[v];
    for (size_t r = 0; r < records; r++) facts[r] = runs->records[r].facts;
    trace_build(traced, config->variant_count, size, &trace);
    struct run_facts own = {
        .version = STRIDELAB_VERSION, .command = command.s, .targets = job->options->targets};
    struct page page = {.results = &runs->results,
                        .facts = &own,
                        .runs = facts,
                        .run_count = runs->record_count,
                        .trace = &trace,
                        .compare = &job->compare,
                        .comparison = &job->comparison};
    bool ok = documents_write(job->options->out, &page, err) && file_sync(job->options->out, err);
    trace_free(&trace);
    text_free(&command);
    mem_free(facts);
    mem_free(traced);
    return ok;
}

/* ---- --fail-if ---- */

/* Parses all gates; then, when they are right, evaluates them. True when all pass. */
static bool check_gates(const struct job *job, bool evaluate, bool *pass, struct err *err) {
    const struct comparison *c = &job->comparison;
    const struct options *options = job->options;
    const struct results *results = &job->runs.results;
    const char **names = mem_array((size_t)results->member_count, sizeof *names);
    int count = 0;
    for (int m = 0; m < results->member_count; m++)
        if (m == 0 || strcmp(names[count - 1], results->members[m].variant) != 0)
            names[count++] = results->members[m].variant;
    double *means = mem_array((size_t)count * METRIC_COUNT, sizeof *means);
    for (int v = 0; evaluate && v < count; v++)
        memcpy(means + v * METRIC_COUNT, c->variants[v].means, sizeof c->variants[v].means);
    struct junit junit = {.suite = "stridelab compare"};
    for (int i = 0; i < options->fail_if.count; i++) {
        struct gate gate = {0};
        if (gate_parse(options->fail_if.items[i], names, count, &gate, err) && evaluate) {
            struct text values = {0};
            enum gate_result result = gate_evaluate(&gate, means);
            gate_values(&gate, names, means, &values);
            const char *word = result == GATE_FAILS ? "holds" : "cannot be decided";
            if (result != GATE_PASSES) {
                *pass = false;
                err_add(err, STATUS_FAILED, "--fail-if %s %s: %s", gate.text, word,
                        values.s ? values.s : "");
            }
            junit_case(&junit, gate.text,
                       result == GATE_PASSES ? NULL
                       : values.s            ? values.s
                                             : word);
            text_free(&values);
        }
        gate_free(&gate);
    }
    bool ok = !evaluate || !options->junit || junit_write(&junit, options->junit, err);
    junit_free(&junit);
    mem_free(means);
    mem_free(names);
    return ok;
}

static bool prepare(struct job *job, struct err *err) {
    const struct options *options = job->options;
    bool pass = true;
    if (!print_format_allowed(options, "table json csv", err) || !prepare_out(job, err) ||
        !compare_runs_read(options, &job->runs, err) || !check_gates(job, false, &pass, err) ||
        err->status != STATUS_OK)
        return false;
    job->workers = workers_start(options);
    return true;
}

static void job_free(struct job *job) {
    workers_free(&job->workers);
    comparison_free(&job->comparison);
    compare_runs_free(&job->runs);
    mem_free(job->found);
}

static void add_annotations(struct text *out, const struct err *err) {
    struct text lines = {0};
    github_errors(&lines, "stridelab compare", err);
    if (lines.s) text_put_terminal(out, lines.s);
    text_free(&lines);
}

enum status verb_compare(const struct options *options, struct err *err) {
    struct job job = {.options = options};
    struct text out = {0};
    bool pass = true;
    int failed = 0;
    bool ok = prepare(&job, err);
    if (ok) {
        failed = compare_runs_measure(&job.runs, &job.workers);
        ok = analyse(&job, err) && (!options->out || write_documents(&job, err));
    }
    if (ok) write_text(&job, &out);
    if (!ok && job.found) remove_made(&job);
    ok = ok && check_gates(&job, true, &pass, err);
    for (int i = 0; ok && i < job.runs.results.image_count; i++)
        if (job.runs.results.images[i].error)
            err_add(err, STATUS_SOME_FAILED, "left out: %s", job.runs.results.images[i].error);
    enum status status = !ok      ? err->status
                         : !pass  ? STATUS_FAILED
                         : failed ? STATUS_SOME_FAILED
                                  : STATUS_OK;
    if (options->github) add_annotations(&out, err);
    status = print_result(&out, status, err);
    job_free(&job);
    return status;
}
