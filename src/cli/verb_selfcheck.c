/* selfcheck: known damage to the user's own targets, and whether the metrics see it. */
#include "base/mem.h"
#include "base/stop.h"
#include "cli/contrast.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/workers.h"
#include "image/folder.h"
#include "json/json_out.h"
#include "metrics/ladder.h"

struct job {
    struct config config;
    struct folder targets;
    struct workers workers;
    struct ladder_image *images; /* one a target */
    struct err *errs;            /* likewise */
    int first;                   /* of the targets measured at a time */
};

enum { SEED = 1 }; /* of the noise of the first target */

static void measure_one(void *context, int index, int worker) {
    struct job *job = context;
    index += job->first;
    struct image target = {0};
    int channels = job->config.variants[0].channels_out == 1 ? 1 : 3;
    if (decoder_read(job->workers.decoder, worker, job->targets.items[index].path, channels,
                     &target, &job->errs[index]))
        ladder_measure(job->workers.metrics[worker], target.pixels, target.width, target.height,
                       channels, SEED + (uint64_t)index, &job->images[index]);
    image_free(&target);
}

/* Measures all targets; those that cannot be read are taken out. */
static int measure_all(struct job *job, const struct options *options, struct err *err) {
    size_t count = (size_t)job->targets.count;
    int most = 4 * pool_threads(job->workers.pool); /* between two looks at the signal */
    job->images = mem_array(count, sizeof *job->images);
    job->errs = mem_array(count, sizeof *job->errs);
    struct progress progress = progress_start(options, job->targets.count, "images");
    for (; job->first < job->targets.count && !stop_requested(); job->first += most) {
        int left = job->targets.count - job->first, now = left < most ? left : most;
        pool_run(job->workers.pool, measure_one, job, now);
        progress_add(&progress, now);
    }
    progress_end(&progress);
    int kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (job->errs[i].status == STATUS_OK)
            job->images[kept++] = job->images[i];
        else
            err_add(err, STATUS_SOME_FAILED, "left out: %s", job->errs[i].text);
        err_free(&job->errs[i]);
    }
    return kept;
}

static void put_ladder(struct json_out *o, const struct ladder_metric *m, enum ladder ladder) {
    json_out_object(json_out_line(json_out_key(o, ladder_name(ladder))));
    json_out_int(json_out_key(o, "images"), m->images[ladder]);
    json_out_bool(json_out_key(o, "worsens"), m->worsens[ladder]);
    json_out_array(json_out_key(o, "means"));
    for (int s = 0; s < LADDER_STEPS; s++) json_out_double(o, m->means[ladder][s]);
    json_out_end(o);
    json_out_end(o);
}

static void put_levels(struct json_out *o) {
    json_out_object(json_out_key(o, "ladders"));
    for (int l = 0; l < LADDER_COUNT; l++) {
        json_out_array(json_out_key(o, ladder_name((enum ladder)l)));
        for (int s = 0; s < LADDER_STEPS; s++) json_out_double(o, ladder_level((enum ladder)l, s));
        json_out_end(o);
    }
    json_out_end(o);
}

static void write_json(const struct ladder_metric *metrics, int images, enum metric primary,
                       bool trusted, struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.selfcheck/1");
    json_out_int(json_out_key(&o, "targets"), images);
    json_out_string(json_out_key(&o, "primary"), metric_info(primary)->name);
    json_out_bool(json_out_key(&o, "primary_trusted"), trusted);
    put_levels(&o);
    json_out_array(json_out_key(&o, "metrics"));
    for (int m = 0; m < METRIC_COUNT; m++) {
        const struct metric_info *info = metric_info((enum metric)m);
        json_out_object(&o);
        json_out_string(json_out_key(&o, "name"), info->name);
        json_out_bool(json_out_key(&o, "judged"), info->better != 0);
        if (info->better) {
            json_out_bool(json_out_key(&o, "exact"), metrics[m].exact);
            json_out_bool(json_out_key(&o, "trusted"), metrics[m].trusted);
        }
        for (int l = 0; l < LADDER_COUNT; l++) put_ladder(&o, &metrics[m], (enum ladder)l);
        json_out_end(&o);
    }
    json_out_end(&o);
    json_out_end(&o);
}

static void write_table(const struct ladder_metric *metrics, int images, struct text *out) {
    int applying = 0, exact = 0;
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!metric_info((enum metric)m)->better || !metrics[m].images[LADDER_BLUR]) continue;
        applying++;
        exact += metrics[m].exact;
    }
    text_add(out,
             "A target against itself: no difference at all by %d of the %d metrics that "
             "apply.\n",
             exact, applying);
    ladder_report(metrics, images, out);
}

static bool prepare(struct job *job, const struct options *options, struct err *err) {
    if (!options->targets) err_add(err, STATUS_BAD_INPUT, "--targets DIR is missing");
    if (!print_format_allowed(options, "table json", err) || err->status != STATUS_OK ||
        !config_load(options->arguments.items[0], options->sets, options->set_count, &job->config,
                     err) ||
        !folder_list(options->targets, &job->targets, err))
        return false;
    job->workers = workers_start(options);
    return true;
}

static void job_free(struct job *job) {
    workers_free(&job->workers);
    mem_free(job->images);
    mem_free(job->errs);
    folder_free(&job->targets);
    config_free(&job->config);
}

enum status verb_selfcheck(const struct options *options, struct err *err) {
    struct job job = {0};
    struct text out = {0};
    struct ladder_metric metrics[METRIC_COUNT];
    stop_install();
    struct compare compare = compare_defaults();
    bool ok = prepare(&job, options, err) &&
              contrast_configure(&compare, job.config.primary, NULL, NULL, 0, err);
    int images = ok ? measure_all(&job, options, err) : 0, signal = stop_requested();
    enum metric primary = compare.primary;
    bool trusted = false;
    if (images > 0 && !signal) {
        ladder_judge(job.images, images, metrics);
        trusted = metric_info(primary)->better != 0 && metrics[primary].trusted;
        if (options->format == FORMAT_JSON)
            write_json(metrics, images, primary, trusted, &out);
        else
            write_table(metrics, images, &out);
        if (!trusted)
            err_add(err, STATUS_FAILED, "the primary metric, %s, is not to be trusted on this data",
                    metric_info(primary)->name);
    }
    enum status status = signal                         ? (enum status)(128 + signal)
                         : ok && images > 0 && !trusted ? STATUS_FAILED
                                                        : err->status;
    status = print_result(&out, status, err);
    job_free(&job);
    return status;
}
