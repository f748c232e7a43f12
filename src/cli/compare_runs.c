#include "cli/compare_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static int by_shard(const void *a, const void *b) {
    const struct run_record *one = a, *other = b;
    if (one->facts.shard != other->facts.shard) return one->facts.shard - other->facts.shard;
    return strcmp(one->dir, other->dir);
}

/* All of one run: same config and variants, each shard once, none missing. */
static bool check_records(const struct compare_runs *runs, struct err *err) {
    const struct run_record *first = &runs->records[0];
    int shards = first->facts.shards;
    for (int r = 1; r < runs->record_count; r++) {
        const struct run_record *record = &runs->records[r];
        if (!run_read_same(first, record, err)) continue;
        if (record->facts.shards != shards)
            err_add(err, STATUS_BAD_INPUT, "%s is one of %d shards, %s of %d", SAFE(first->dir),
                    shards, SAFE(record->dir), record->facts.shards);
    }
    if (err->status != STATUS_OK) return false;
    for (int k = 1; k <= shards; k++) {
        const struct run_record *seen = NULL;
        for (int r = 0; r < runs->record_count; r++) {
            if (runs->records[r].facts.shard != k) continue;
            if (seen)
                err_add(err, STATUS_BAD_INPUT, "shard %d/%d is given twice: %s and %s", k, shards,
                        SAFE(seen->dir), SAFE(runs->records[r].dir));
            seen = &runs->records[r];
        }
        if (!seen) err_add(err, STATUS_BAD_INPUT, "shard %d/%d is missing", k, shards);
    }
    return err->status == STATUS_OK;
}

static bool read_records(const struct options *options, struct compare_runs *runs,
                         struct err *err) {
    runs->record_count = options->arguments.count;
    runs->records = mem_array((size_t)runs->record_count, sizeof *runs->records);
    for (int r = 0; r < runs->record_count; r++) {
        struct run_record *record = &runs->records[r];
        if (run_read(options->arguments.items[r], record, err)) run_read_variants(record, err);
    }
    if (err->status != STATUS_OK) return false;
    qsort(runs->records, (size_t)runs->record_count, sizeof *runs->records, by_shard);
    return check_records(runs, err);
}

/* "../part1/": a run's folder as seen from that of the documents; "" for the same. */
static bool find_base(const struct options *options, struct compare_runs *runs,
                      struct run_record *record, struct err *err) {
    char *way = file_relative(options->out, record->dir, err);
    if (way) record->facts.folder = arena_printf(&runs->arena, "%s%s", way, *way ? "/" : "");
    mem_free(way);
    return way != NULL;
}

static int by_stem(const void *a, const void *b) {
    return folder_compare_stems(((const struct result_image *)a)->stem,
                                ((const struct result_image *)b)->stem);
}

/* The images of all runs in one order. */
static bool collect_images(struct compare_runs *runs, struct err *err) {
    struct results *results = &runs->results;
    int total = 0;
    for (int r = 0; r < runs->record_count; r++) total += runs->records[r].image_count;
    results->images = mem_array((size_t)total, sizeof *results->images);
    for (int r = 0; r < runs->record_count; r++) {
        for (int i = 0; i < runs->records[r].image_count; i++) {
            struct result_image *image = &results->images[results->image_count++];
            *image = runs->records[r].images[i];
            image->base = runs->records[r].facts.folder;
        }
    }
    if (total > 0) qsort(results->images, (size_t)total, sizeof *results->images, by_stem);
    for (int i = 1; i < total; i++) {
        const struct result_image *image = &results->images[i];
        if (strcmp(image->stem, image[-1].stem) == 0)
            err_add(err, STATUS_BAD_INPUT, "image %s is in %s and in %s", SAFE(image->stem),
                    SAFE(image[-1].dir), SAFE(image->dir));
    }
    return err->status == STATUS_OK;
}

/* Of --targets, or those that the runs kept. */
static bool find_targets(const struct options *options, struct compare_runs *runs,
                         struct err *err) {
    struct results *results = &runs->results;
    const struct run_facts *facts = &runs->records[0].facts;
    results->has_targets = options->targets || facts->targets || facts->pairs;
    if (!options->targets) return true;
    if (!folder_list(options->targets, &runs->targets, err)) return false;
    for (int i = 0; i < results->image_count; i++) {
        struct result_image *image = &results->images[i];
        const struct folder_item *item = folder_find(&runs->targets, image->stem);
        image->target = item ? item->path : "";
        if (!item || !options->out) continue;
        char *way = file_relative(options->out, item->path, err);
        if (!way) return false;
        image->target_link = arena_strdup(&runs->arena, way);
        mem_free(way);
    }
    return true;
}

static void prepare_results(struct compare_runs *runs) {
    struct results *results = &runs->results;
    results->config = &runs->records[0].config;
    results->members = runs->records[0].members;
    results->member_count = runs->records[0].member_count;
    results->from_files = true;
    size_t images = (size_t)results->image_count;
    size_t cells = images * (size_t)results->member_count;
    results->metrics = mem_array(cells * METRIC_COUNT, sizeof *results->metrics);
    results->targets = mem_array(images * METRIC_COUNT, sizeof *results->targets);
    results->profiles = mem_array(cells, sizeof *results->profiles);
    results->target_profiles = mem_array(images, sizeof *results->target_profiles);
    results->worst = mem_array(cells, sizeof *results->worst);
    results->max_difference = mem_array(cells, sizeof *results->max_difference);
}

bool compare_runs_read(const struct options *options, struct compare_runs *out, struct err *err) {
    *out = (struct compare_runs){0};
    if (!read_records(options, out, err)) return false;
    for (int r = 0; options->out && r < out->record_count; r++)
        if (!find_base(options, out, &out->records[r], err)) return false;
    if (!collect_images(out, err) || !find_targets(options, out, err)) return false;
    prepare_results(out);
    return true;
}

struct measuring {
    struct compare_runs *runs;
    const struct workers *workers;
};

static bool read_image(const struct measuring *m, int worker, int index, const char *folder,
                       struct image *out, struct err *err) {
    char *path = results_path(&m->runs->results.images[index], folder);
    bool ok = decoder_read(m->workers->decoder, worker, path, 3, out, err);
    mem_free(path);
    return ok;
}

/* An image may have no target. */
static bool read_target(const struct measuring *m, int worker, int index, struct image *out,
                        struct err *err) {
    char *path = results_path(&m->runs->results.images[index], "targets");
    bool exists = *path && file_exists(path);
    mem_free(path);
    return !exists || read_image(m, worker, index, "targets", out, err);
}

static void set_reference(struct compare_runs *runs, int index, struct metrics_context *metrics,
                          const struct image *target, const struct image *output) {
    struct results *results = &runs->results;
    struct result_image *image = &results->images[index];
    bool fits = target->width == output->width && target->height == output->height;
    image->has_target = target->pixels && fits;
    metrics_set_reference(metrics, image->has_target ? target->pixels : NULL, output->width,
                          output->height, 3);
    if (image->has_target)
        metrics_of_reference(metrics, results->targets + (size_t)index * METRIC_COUNT,
                             results->target_profiles + index);
}

/* In units of the network's output, which the pixels are of: the largest over all samples. */
static double largest_difference(const struct compare_runs *runs, const struct image *a,
                                 const struct image *b) {
    int largest = 0;
    for (size_t i = 0; i < 3 * (size_t)a->width * (size_t)a->height; i++) {
        int d = abs(a->pixels[i] - b->pixels[i]);
        largest = d > largest ? d : largest;
    }
    return largest / (255 * runs->results.config->variants[0].std);
}

/* Grey images have three equal channels here: metrics of all channels and of luma are the same. */
static void measure_output(const struct measuring *m, int worker, int index, int member,
                           const struct image *target, const struct image *first,
                           const struct image *output) {
    struct results *results = &m->runs->results;
    if (output->width != first->width || output->height != first->height) return;
    metrics_compare_prepared(m->workers->metrics[worker], output->pixels,
                             results_metrics(results, index, member),
                             results_profile(results, index, member));
    if (results->images[index].has_target)
        *results_worst(results, index, member) =
            window_worst(target->pixels, output->pixels, output->width, output->height, 3);
    *results_difference(results, index, member) = largest_difference(m->runs, first, output);
}

static bool measure(const struct measuring *m, int index, int worker, struct err *err) {
    struct results *results = &m->runs->results;
    struct image target = {0}, first = {0};
    bool ok = read_target(m, worker, index, &target, err) &&
              read_image(m, worker, index, results->members[0].folder, &first, err);
    if (ok) set_reference(m->runs, index, m->workers->metrics[worker], &target, &first);
    if (ok) measure_output(m, worker, index, 0, &target, &first, &first);
    for (int k = 1; ok && k < results->member_count; k++) {
        struct image output = {0};
        ok = read_image(m, worker, index, results->members[k].folder, &output, err);
        if (ok) measure_output(m, worker, index, k, &target, &first, &output);
        image_free(&output);
    }
    if (ok) {
        results->images[index].width = first.width;
        results->images[index].height = first.height;
        if (target.pixels && !results->images[index].has_target)
            results->images[index].note = "the target is of another size than the output";
    }
    image_free(&target);
    image_free(&first);
    return ok;
}

/* An image without values is left out of everything. */
static void forget(struct results *r, int image) {
    double *target = r->targets + (size_t)image * METRIC_COUNT;
    for (int i = 0; i < METRIC_COUNT; i++) target[i] = NAN;
    r->target_profiles[image] = (struct profile){0};
    r->images[image].has_target = false;
    for (int m = 0; m < r->member_count; m++) {
        for (int i = 0; i < METRIC_COUNT; i++) results_metrics(r, image, m)[i] = NAN;
        *results_profile(r, image, m) = (struct profile){0};
        *results_worst(r, image, m) = (struct window){0};
        *results_difference(r, image, m) = NAN;
    }
}

static void measure_one(void *context, int index, int worker) {
    const struct measuring *m = context;
    struct result_image *image = &m->runs->results.images[index];
    struct err err = {0};
    char *input = results_path(image, "inputs");
    image->no_input = !file_exists(input);
    mem_free(input);
    forget(&m->runs->results, index);
    if (!measure(m, index, worker, &err)) {
        image->error = mem_strdup(err.text);
        forget(&m->runs->results, index);
    }
    err_free(&err);
}

int compare_runs_measure(struct compare_runs *runs, const struct workers *workers) {
    struct measuring measuring = {runs, workers};
    pool_run(workers->pool, measure_one, &measuring, runs->results.image_count);
    int failed = 0;
    for (int i = 0; i < runs->results.image_count; i++)
        failed += runs->results.images[i].error != NULL;
    return failed;
}

void compare_runs_free(struct compare_runs *runs) {
    struct results *r = &runs->results;
    struct arena arena = runs->arena;
    for (int i = 0; i < r->image_count; i++) mem_free((void *)(uintptr_t)r->images[i].error);
    for (int k = 0; runs->records && k < runs->record_count; k++)
        run_record_free(&runs->records[k]);
    mem_free(runs->records);
    mem_free(r->images);
    mem_free(r->metrics);
    mem_free(r->targets);
    mem_free(r->profiles);
    mem_free(r->target_profiles);
    mem_free(r->worst);
    mem_free(r->max_difference);
    folder_free(&runs->targets);
    *runs = (struct compare_runs){0};
    arena_free(&arena);
}
