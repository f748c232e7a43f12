/* run: all variants over a folder of images. */
#include <errno.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/run_images.h"
#include "cli/run_write.h"
#include "cli/verbs.h"

enum { BATCH = 8 }; /* images that go through together */

static bool check_options(const struct options *options, struct err *err) {
    if (!options->images) err_add(err, STATUS_BAD_INPUT, "--images DIR is missing");
    if (!options->out) err_add(err, STATUS_BAD_INPUT, "--out DIR is missing");
    if (options->resume && options->force)
        err_add(err, STATUS_BAD_INPUT, "--resume and --force exclude each other");
    if (options->pairs != PAIRS_NONE && options->targets)
        err_add(err, STATUS_BAD_INPUT, "--pairs brings the targets: --targets is one too many");
    if (options->label >= 0 && options->label_from_name)
        err_add(err, STATUS_BAD_INPUT, "--label and --label-from-name exclude each other");
    return err->status == STATUS_OK;
}

static bool is_empty_dir(const char *path) {
    DIR *dir = opendir(path);
    bool empty = true;
    for (struct dirent *entry; dir && empty && (entry = readdir(dir));)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (dir) closedir(dir);
    return empty;
}

static bool prepare_out(const struct options *options, struct err *err) {
    if (!file_make_dirs(options->out, err)) return false;
    if (options->resume || options->force || is_empty_dir(options->out)) return true;
    return err_add(err, STATUS_BAD_INPUT,
                   "%s is not empty: --resume goes on with it, --force "
                   "overwrites",
                   SAFE(options->out));
}

/* One of N parts: images K-1, K-1+N, ... so that the parts are alike. */
static void take_shard(const struct options *options, struct folder *images) {
    if (options->shard.count == 0) return;
    int kept = 0;
    for (int i = options->shard.index - 1; i < images->count; i += options->shard.count)
        images->items[kept++] = images->items[i];
    images->count = kept;
}

static bool list_images(struct run *run, struct err *err) {
    if (!folder_list(run->options->images, &run->images, err)) return false;
    take_shard(run->options, &run->images);
    return !run->options->targets || folder_list(run->options->targets, &run->targets, err);
}

/* The input size that traces and times are of: the config's, or with resize native and none given
 * that of the first image. */
static bool configured_size(struct run *run, struct extent *size, struct err *err) {
    const struct config_variant *variant = run->session.variants[0];
    *size = variant->size;
    if (size->h > 0) return true;
    struct image image = {0};
    if (!decoder_read(run->decoder, 0, run->images.items[0].path, variant->channels_in, &image,
                      err))
        return false;
    *size = (struct extent){image.height, image.width};
    if (run->options->pairs != PAIRS_NONE) size->w /= 2;
    image_free(&image);
    return true;
}

static void name_members(struct run *run) {
    struct session *session = &run->session;
    struct results *results = &run->results;
    results->config = &session->config;
    results->member_count = session->member_count;
    results->members = mem_array((size_t)session->member_count, sizeof *results->members);
    for (int m = 0; m < session->member_count; m++) {
        const struct member *member = &session->members[m];
        const struct config_variant *variant = member->variant;
        int seeds = variant->weights_count > 1 ? variant->weights_count : 1;
        struct result_member *out = &results->members[m];
        *out = (struct result_member){.variant = variant->name,
                                      .seed = member->seed + 1,
                                      .seed_count = seeds,
                                      .origin = member->binding.origin,
                                      .initialised = member->binding.initialised};
        out->folder = seeds > 1 ? arena_printf(&run->arena, "%s/seed-%d", variant->name, out->seed)
                                : variant->name;
        if (variant->weights_count) out->weights = variant->weights[member->seed].file;
        for (int f = 0; out->weights && f < binder_file_count(session->binder); f++) {
            const struct checkpoint *file = binder_file(session->binder, f);
            if (strcmp(file->path, out->weights) == 0) out->weights_sha256 = file->sha256;
        }
    }
}

static void name_images(struct run *run) {
    struct results *results = &run->results;
    size_t cells = (size_t)run->images.count * (size_t)results->member_count;
    results->image_count = run->images.count;
    results->images = mem_array((size_t)run->images.count, sizeof *results->images);
    for (int i = 0; i < run->images.count; i++) {
        results->images[i].stem = run->images.items[i].stem;
        results->images[i].path = run->images.items[i].path;
        results->images[i].label = -1;
    }
    results->has_targets = run->targets.count > 0 || run->options->pairs != PAIRS_NONE;
    results->metrics = mem_array(cells, METRIC_COUNT * sizeof *results->metrics);
    results->targets =
        mem_array((size_t)run->images.count, METRIC_COUNT * sizeof *results->targets);
    for (int c = 0; c < run->images.count * METRIC_COUNT; c++) results->targets[c] = NAN;
    results->worst = mem_array(cells, sizeof *results->worst);
    results->max_difference = mem_array(cells, sizeof *results->max_difference);
    for (size_t c = 0; c < cells * METRIC_COUNT; c++) results->metrics[c] = NAN;
}

static void make_contexts(struct run *run) {
    int threads = pool_threads(run->session.pool);
    run->metrics = mem_array((size_t)threads, sizeof *run->metrics);
    for (int t = 0; t < threads; t++) run->metrics[t] = metrics_context_create();
}

static bool make_folder(const struct run *run, const char *name, struct err *err) {
    char *path = file_join(run->options->out, name);
    bool ok = file_make_dirs(path, err);
    mem_free(path);
    return ok;
}

static bool make_folders(const struct run *run, struct err *err) {
    bool ok = make_folder(run, "inputs", err) && make_folder(run, "sheets", err) &&
              (!run->results.has_targets || make_folder(run, "targets", err));
    for (int m = 0; ok && m < run->results.member_count; m++)
        ok = make_folder(run, run->results.members[m].folder, err);
    return ok;
}

/* A variant's folder must not be one of the run's own names. */
static bool check_names(const struct session *session, struct err *err) {
    static const char *const taken[] = {"inputs",       "targets",     "sheets",      "run.json",
                                        "trace.json",   "trace.md",    "timing.json", "timing.csv",
                                        "metrics.json", "metrics.csv", "pairs.csv",   "report.html",
                                        "overview.png"};
    for (int v = 0; v < session->variant_count; v++)
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
            if (strcmp(session->variants[v]->name, taken[i]) == 0)
                err_add(err, STATUS_BAD_INPUT,
                        "the variant's name %s is that of a result of `run`: choose another",
                        taken[i]);
    return err->status == STATUS_OK;
}

static int failed_images(const struct run *run) {
    int failed = 0;
    for (int i = 0; i < run->results.image_count; i++)
        failed += run->results.images[i].error != NULL;
    return failed;
}

/* What is said at the end on stderr, and the exit status. */
static enum status conclude(const struct run *run, struct err *err) {
    for (int i = 0; i < run->results.image_count; i++)
        if (run->results.images[i].error)
            err_add(err, STATUS_SOME_FAILED, "%s", run->results.images[i].error);
    int failed = failed_images(run), signal = stop_requested();
    if (failed)
        err_add(err, STATUS_SOME_FAILED, "%d of %d images failed; the others are done", failed,
                run->results.image_count);
    if (signal) return (enum status)(128 + signal);
    if (run->session.misfits) return STATUS_FAILED;
    return failed ? STATUS_SOME_FAILED : STATUS_OK;
}

static void run_free(struct run *run) {
    for (int t = 0; run->metrics && t < pool_threads(run->session.pool); t++)
        metrics_context_free(run->metrics[t]);
    mem_free(run->metrics);
    mem_free(run->results.members);
    mem_free(run->results.images);
    mem_free(run->results.metrics);
    mem_free(run->results.targets);
    mem_free(run->results.worst);
    mem_free(run->results.max_difference);
    timing_plan_free(&run->timing);
    session_free(&run->session);
    decoder_free(run->decoder);
    folder_free(&run->images);
    folder_free(&run->targets);
    arena_free(&run->arena);
}

enum status verb_run(const struct options *options, struct err *err) {
    struct run run = {.options = options};
    struct extent size;
    stop_install();
    bool ok = check_options(options, err) && session_load(options, &run.session, err) &&
              check_names(&run.session, err) && list_images(&run, err);
    if (ok) {
        if (run.session.batch < 1) run.session.batch = BATCH;
        run.decoder = decoder_create(options->threads > 0 ? options->threads : machine_cores());
        ok = configured_size(&run, &size, err) && session_bind(&run.session, options, size, err) &&
             prepare_out(options, err);
    }
    if (ok && run.session.member_count > 0) {
        name_members(&run);
        name_images(&run);
        make_contexts(&run);
        ok = make_folders(&run, err) && run_write_start(&run, size, err) && run_images(&run, err) &&
             run_write_end(&run, size, err);
    }
    enum status status = ok ? conclude(&run, err) : err->status;
    run_free(&run);
    return status;
}
