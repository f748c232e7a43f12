/* compare: the outputs of one run, or of all shards of one, measured again from their files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/contrast.h"
#include "cli/github.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/workers.h"
#include "image/folder.h"
#include "report/gate.h"
#include "report/junit.h"
#include "report/run_read.h"

struct source { /* where one image's outputs are */
    const char *stem;
    const char *dir;
    const char *error; /* why it was not measured, or NULL */
};

struct job {
    const struct options *options;
    struct run_record *records;
    int record_count;
    struct source *sources; /* in the order of a whole run */
    int source_count;
    struct folder targets;
    struct workers workers;
    double *values, *target_values;
    struct profile *profiles, *target_profiles; /* as in struct compare */
    struct compare compare;
    struct comparison comparison;
    struct arena arena;
    struct progress progress;
};

static int by_stem(const void *a, const void *b) {
    return folder_compare_stems(((const struct source *)a)->stem, ((const struct source *)b)->stem);
}

/* All of one run: same config and variants, each shard once, none missing. */
static bool check_records(const struct job *job, struct err *err) {
    const struct run_record *first = &job->records[0];
    for (int r = 1; r < job->record_count; r++) {
        const struct run_record *record = &job->records[r];
        if (!run_read_same(first, record, err)) continue;
        if (record->shards != first->shards)
            err_add(err, STATUS_BAD_INPUT, "%s is one of %d shards, %s of %d", SAFE(first->dir),
                    first->shards, SAFE(record->dir), record->shards);
    }
    if (err->status != STATUS_OK) return false;
    for (int k = 1; k <= first->shards; k++) {
        const struct run_record *seen = NULL;
        for (int r = 0; r < job->record_count; r++) {
            if (job->records[r].shard != k) continue;
            if (seen)
                err_add(err, STATUS_BAD_INPUT, "shard %d/%d is given twice: %s and %s", k,
                        first->shards, SAFE(seen->dir), SAFE(job->records[r].dir));
            seen = &job->records[r];
        }
        if (!seen) err_add(err, STATUS_BAD_INPUT, "shard %d/%d is missing", k, first->shards);
    }
    return err->status == STATUS_OK;
}

static bool collect_sources(struct job *job, struct err *err) {
    int total = 0;
    for (int r = 0; r < job->record_count; r++) total += job->records[r].image_count;
    job->sources = mem_array((size_t)total, sizeof *job->sources);
    for (int r = 0; r < job->record_count; r++)
        for (int i = 0; i < job->records[r].image_count; i++)
            job->sources[job->source_count++] =
                (struct source){.stem = job->records[r].images[i], .dir = job->records[r].dir};
    if (total > 0) qsort(job->sources, (size_t)total, sizeof *job->sources, by_stem);
    for (int i = 1; i < total; i++)
        if (strcmp(job->sources[i].stem, job->sources[i - 1].stem) == 0)
            err_add(err, STATUS_BAD_INPUT, "image %s is in %s and in %s",
                    SAFE(job->sources[i].stem), SAFE(job->sources[i - 1].dir),
                    SAFE(job->sources[i].dir));
    return err->status == STATUS_OK;
}

static bool read_records(struct job *job, struct err *err) {
    job->record_count = job->options->arguments.count;
    job->records = mem_array((size_t)job->record_count, sizeof *job->records);
    for (int r = 0; r < job->record_count; r++)
        run_read(job->options->arguments.items[r], &job->records[r], err);
    return err->status == STATUS_OK && check_records(job, err) && collect_sources(job, err);
}

static bool read_png(struct job *job, int worker, const char *dir, const char *folder,
                     const char *stem, struct image *out, struct err *err) {
    struct text path = {0};
    text_add(&path, "%s/%s/%s.png", dir, folder, stem);
    bool ok = decoder_read(job->workers.decoder, worker, path.s, 3, out, err);
    text_free(&path);
    return ok;
}

/* The target of an image: of --targets, or the one that the run kept. */
static bool read_target(struct job *job, int worker, const struct source *source, struct image *out,
                        struct err *err) {
    if (job->options->targets) {
        const struct folder_item *item = folder_find(&job->targets, source->stem);
        return !item || decoder_read(job->workers.decoder, worker, item->path, 3, out, err);
    }
    struct text path = {0};
    text_add(&path, "%s/targets/%s.png", source->dir, source->stem);
    bool ok =
        !file_exists(path.s) || decoder_read(job->workers.decoder, worker, path.s, 3, out, err);
    text_free(&path);
    return ok;
}

static void set_reference(struct job *job, int index, struct metrics_context *metrics,
                          const struct image *target, const struct image *output) {
    bool fits = target->width == output->width && target->height == output->height;
    metrics_set_reference(metrics, fits ? target->pixels : NULL, output->width, output->height, 3);
    if (fits)
        metrics_of_reference(metrics, job->target_values + (size_t)index * METRIC_COUNT,
                             job->target_profiles + index);
}

/* As `run` measures: against the target where it has the size of the outputs; outputs of another
 * size than the first not at all. Grey images have three equal channels here: metrics of all
 * channels and of luma are the same. */
static bool measure(struct job *job, int index, int worker, struct err *err) {
    const struct source *source = &job->sources[index];
    struct metrics_context *metrics = job->workers.metrics[worker];
    int width = 0, height = 0;
    struct image target = {0};
    bool ok = read_target(job, worker, source, &target, err);
    for (int m = 0; ok && m < job->compare.member_count; m++) {
        struct image output = {0};
        size_t cell = (size_t)index * (size_t)job->compare.member_count + (size_t)m;
        ok = read_png(job, worker, source->dir, job->compare.members[m].folder, source->stem,
                      &output, err);
        if (ok && m == 0) set_reference(job, index, metrics, &target, &output);
        if (ok && m == 0) width = output.width, height = output.height;
        if (ok && output.width == width && output.height == height)
            metrics_compare_prepared(metrics, output.pixels, job->values + cell * METRIC_COUNT,
                                     job->profiles + cell);
        image_free(&output);
    }
    image_free(&target);
    return ok;
}

/* An image without values is left out of everything. */
static void forget(struct job *job, int index) {
    size_t image = (size_t)index, members = (size_t)job->compare.member_count;
    double *values = job->values + image * members * METRIC_COUNT;
    double *target = job->target_values + image * METRIC_COUNT;
    for (size_t i = 0; i < members * METRIC_COUNT; i++) values[i] = NAN;
    for (size_t i = 0; i < METRIC_COUNT; i++) target[i] = NAN;
    for (size_t m = 0; m < members; m++) job->profiles[image * members + m] = (struct profile){0};
    job->target_profiles[image] = (struct profile){0};
}

static void measure_one(void *context, int index, int worker) {
    struct job *job = context;
    struct err err = {0};
    forget(job, index);
    if (!measure(job, index, worker, &err)) {
        job->sources[index].error = mem_strdup(err.text);
        forget(job, index);
    }
    err_free(&err);
}

/* Allocates and measures; images that cannot be read are left out, their number is the result. */
static int measure_all(struct job *job) {
    size_t members = (size_t)job->compare.member_count, images = (size_t)job->source_count;
    job->values = mem_array(images * members * METRIC_COUNT, sizeof *job->values);
    job->target_values = mem_array(images * METRIC_COUNT, sizeof *job->target_values);
    job->profiles = mem_array(images * members, sizeof *job->profiles);
    job->target_profiles = mem_array(images, sizeof *job->target_profiles);
    pool_run(job->workers.pool, measure_one, job, job->source_count);
    int failed = 0;
    for (int i = 0; i < job->source_count; i++) failed += job->sources[i].error != NULL;
    return failed;
}

static bool analyse(struct job *job, struct err *err) {
    const struct run_record *record = &job->records[0];
    const char **images =
        arena_alloc(&job->arena, ((size_t)job->source_count + 1) * sizeof *images);
    for (int i = 0; i < job->source_count; i++) images[i] = job->sources[i].stem;
    job->compare.images = images;
    job->compare.image_count = job->source_count;
    job->compare.values = job->values;
    job->compare.targets = job->target_values;
    job->compare.profiles = job->profiles;
    job->compare.target_profiles = job->target_profiles;
    if (!contrast_configure(&job->compare, record->primary, record->reference, record->margins,
                            record->margin_count, err))
        return false;
    if (job->options->reference) job->compare.reference = job->options->reference;
    return compare_analyse(&job->compare, job->workers.pool, &job->comparison, err);
}

static void write(const struct job *job, struct text *out) {
    if (job->options->format == FORMAT_JSON) {
        compare_json(&job->compare, &job->comparison, out);
    } else if (job->options->format == FORMAT_CSV) {
        compare_csv(&job->compare, out);
    } else {
        compare_summary(&job->compare, &job->comparison, out);
        compare_details(&job->compare, &job->comparison, out);
    }
}

/* Parses all gates; then, when they are right, evaluates them. True when all pass. */
static bool check_gates(struct job *job, bool evaluate, bool *pass, struct err *err) {
    const struct comparison *c = &job->comparison;
    const struct options *options = job->options;
    const char **names = mem_array((size_t)job->compare.member_count, sizeof *names);
    int count = 0;
    for (int m = 0; m < job->compare.member_count; m++)
        if (m == 0 || strcmp(names[count - 1], job->compare.members[m].variant) != 0)
            names[count++] = job->compare.members[m].variant;
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
    if (!print_format_allowed(options, "table json csv", err) || !read_records(job, err))
        return false;
    if (options->targets && !folder_list(options->targets, &job->targets, err)) return false;
    job->compare = compare_defaults();
    job->compare.members = job->records[0].members;
    job->compare.member_count = job->records[0].member_count;
    bool pass = true;
    if (!check_gates(job, false, &pass, err) || err->status != STATUS_OK) return false;
    job->workers = workers_start(options);
    return true;
}

static void job_free(struct job *job) {
    workers_free(&job->workers);
    for (int i = 0; i < job->source_count; i++) mem_free((void *)(uintptr_t)job->sources[i].error);
    for (int r = 0; job->records && r < job->record_count; r++) run_record_free(&job->records[r]);
    comparison_free(&job->comparison);
    mem_free(job->sources);
    mem_free(job->records);
    mem_free(job->values);
    mem_free(job->target_values);
    mem_free(job->profiles);
    mem_free(job->target_profiles);
    folder_free(&job->targets);
    arena_free(&job->arena);
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
        failed = measure_all(&job);
        ok = analyse(&job, err);
    }
    if (ok) write(&job, &out);
    ok = ok && check_gates(&job, true, &pass, err);
    for (int i = 0; ok && i < job.source_count; i++)
        if (job.sources[i].error)
            err_add(err, STATUS_SOME_FAILED, "left out: %s", job.sources[i].error);
    enum status status = !ok      ? err->status
                         : !pass  ? STATUS_FAILED
                         : failed ? STATUS_SOME_FAILED
                                  : STATUS_OK;
    if (options->github) add_annotations(&out, err);
    status = print_result(&out, status, err);
    job_free(&job);
    return status;
}
