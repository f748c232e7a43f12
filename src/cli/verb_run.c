/* run: all variants over a folder of images. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/run_journal.h"
#include "cli/run_out.h"
#include "cli/run_write.h"
#include "cli/verbs.h"
#include "image/tensor_image.h"

enum { BATCH = 8 }; /* images that go through together */

static bool check_options(const struct options *options, struct err *err) {
    if (!options->images) err_add(err, STATUS_BAD_INPUT, "--images DIR is missing");
    if (!options->out) err_add(err, STATUS_BAD_INPUT, "--out DIR is missing");
    if (options->resume && options->force)
        err_add(err, STATUS_BAD_INPUT, "--resume and --force exclude each other");
    return input_check_options(options, err);
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
        results->images[i].dir = run->options->out;
        results->images[i].base = "";
        if (!run->options->label_from_name ||
            !image_label(results->images[i].stem, &results->images[i].label))
            results->images[i].label = -1;
    }
    results->has_targets = run->targets.count > 0 || run->options->pairs != PAIRS_NONE;
    results->metrics = mem_array(cells, METRIC_COUNT * sizeof *results->metrics);
    results->targets =
        mem_array((size_t)run->images.count, METRIC_COUNT * sizeof *results->targets);
    for (int c = 0; c < run->images.count * METRIC_COUNT; c++) results->targets[c] = NAN;
    results->profiles = mem_array(cells, sizeof *results->profiles);
    results->target_profiles =
        mem_array((size_t)run->images.count, sizeof *results->target_profiles);
    results->worst = mem_array(cells, sizeof *results->worst);
    results->max_difference = mem_array(cells, sizeof *results->max_difference);
    for (size_t c = 0; c < cells * METRIC_COUNT; c++) results->metrics[c] = NAN;
}

/* An image that cannot be read has no digest, and fails later. */
static void hash_one(void *context, int index, int worker) {
    (void)worker;
    struct run *run = context;
    struct result_image *image = &run->results.images[index];
    const struct folder_item *target = folder_find(&run->targets, image->stem);
    struct err ignored = {0};
    if (!file_sha256(image->path, image->sha256, &ignored)) image->sha256[0] = '\0';
    if (target && !file_sha256(target->path, image->target_sha256, &ignored))
        image->target_sha256[0] = '\0';
    err_free(&ignored);
}

/* Which variants turn out to be one computation. */
static bool note_shared(struct run *run, struct extent size, struct err *err) {
    struct results *results = &run->results;
    int *runs_as = mem_array((size_t)results->member_count, sizeof *runs_as);
    bool ok = session_shared(&run->session, size, runs_as, err);
    for (int m = 0; ok && m < results->member_count; m++)
        if (runs_as[m] < m) results->members[m].runs_as = results->members[runs_as[m]].variant;
    mem_free(runs_as);
    return ok;
}

static void make_contexts(struct run *run) {
    int threads = pool_threads(run->session.pool);
    run->metrics = mem_array((size_t)threads, sizeof *run->metrics);
    for (int t = 0; t < threads; t++) run->metrics[t] = metrics_context_create();
}

static int failed_images(const struct run *run) {
    int failed = 0;
    for (int i = 0; i < run->results.image_count; i++)
        failed += run->results.images[i].error != NULL;
    return failed;
}

/* What is said at the end on stderr, and the exit status. */
static enum status conclude(const struct run *run, struct extent size, struct err *err) {
    session_tell_misfits(&run->session, size, err);
    for (int i = 0; i < run->results.image_count; i++)
        if (run->results.images[i].error)
            err_add(err, STATUS_SOME_FAILED, "%s", run->results.images[i].error);
    int failed = failed_images(run), count = run->results.image_count, signal = stop_requested();
    if (failed && failed == count)
        err_add(err, STATUS_SOME_FAILED, "all %d images failed", count);
    else if (failed)
        err_add(err, STATUS_SOME_FAILED, "%d of %d images failed; the others are done", failed,
                count);
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
    mem_free(run->results.profiles);
    mem_free(run->results.target_profiles);
    mem_free(run->results.worst);
    mem_free(run->results.max_difference);
    timing_plan_free(&run->timing);
    journal_close(run);
    session_free(&run->session);
    decoder_free(run->decoder);
    folder_free(&run->images);
    folder_free(&run->targets);
    arena_free(&run->arena);
}

/* Config, weights, images: all that is read before anything is written. *size is what traces and
 * times are of. */
static bool load(struct run *run, struct extent *size, struct err *err) {
    const struct options *options = run->options;
    if (!check_options(options, err) || !session_load(options, &run->session, err) ||
        !session_check_images(&run->session, err) || !run_out_check_names(&run->session, err) ||
        !list_images(run, err))
        return false;
    if (run->session.batch < 1) run->session.batch = BATCH;
    run->decoder = decoder_create(options->threads > 0 ? options->threads : machine_cores());
    struct input_reader reader = run_reader(run);
    run->session.one_plan = run->session.variants[0]->resize != RESIZE_NATIVE;
    return input_common_size(&reader, &run->images.items[0], size, err) &&
           session_bind(&run->session, options, *size, err);
}

static bool is_all_done(const struct run *run) {
    int done = 0;
    while (done < run->results.image_count && run->results.images[done].width > 0) done++;
    return done == run->results.image_count;
}

/* Memory is asked for before anything is written. */
static bool plan_ahead(struct run *run, struct extent size, struct err *err) {
    return is_all_done(run) || session_plan(&run->session, size, err) != NULL;
}

/* Makes OUT ready to go on with, or to start in. */
static bool prepare_out(struct run *run, struct extent size, struct err *err) {
    const struct options *options = run->options;
    if (!options->resume && !plan_ahead(run, size, err)) return false;
    if (!binder_digest(run->session.binder, err) || !run_out_take(run, err)) return false;
    if (options->force) return run_out_clear(run, err);
    if (!options->resume) return true;
    return run_write_is_same(run, err) && journal_read(run, err) && plan_ahead(run, size, err);
}

static bool run_members(struct run *run, struct extent size, struct err *err) {
    name_members(run);
    name_images(run);
    make_contexts(run);
    pool_run(run->session.pool, hash_one, run, run->results.image_count);
    if (!note_shared(run, size, err) || stop_requested() || !prepare_out(run, size, err))
        return err->status == STATUS_OK;
    return run_write_start(run, size, err) && run_out_make_folders(run, err) &&
           run_images(run, err) && run_write_end(run, size, err) &&
           file_sync(run->options->out, err);
}

enum status verb_run(const struct options *options, struct err *err) {
    struct run run = {.options = options};
    struct extent size;
    stop_install();
    bool ok = load(&run, &size, err);
    if (ok && run.session.member_count > 0) ok = run_members(&run, size, err);
    enum status status = ok ? conclude(&run, size, err) : err->status;
    run_free(&run);
    return status;
}
