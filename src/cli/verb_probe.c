/* probe: how much a block matters, where variants part ways, and which statistics a checkpoint's
 * batch norms want. */
#include "base/machine.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/print.h"
#include "cli/probe.h"
#include "cli/verbs.h"

static bool check_options(const struct options *options, struct err *err) {
    if (!options->images) err_add(err, STATUS_BAD_INPUT, "--images DIR is missing");
    return input_check_options(options, err) &&
           print_format_allowed(options, "table json csv md", err);
}

static void name_variants(struct probe_job *job) {
    struct session *session = &job->session;
    struct probe *doc = &job->doc;
    doc->variant_count = session->member_count;
    doc->variants = arena_alloc(&job->arena, (size_t)session->member_count * sizeof *doc->variants);
    for (int m = 0; m < session->member_count; m++) {
        const struct member *member = &session->members[m];
        const struct config_variant *variant = member->variant;
        doc->variants[m] = (struct probe_variant){
            .name = variant->name,
            .seed = member->seed + 1,
            .seeds = variant->weights_count > 1 ? variant->weights_count : 1,
            .origin = member->binding.origin,
        };
    }
    static const size_t SPACE = 128;
    doc->reference = probe_label(&doc->variants[0], arena_alloc(&job->arena, SPACE), SPACE);
}

/* Members that are one computation, at every size probed. */
static void find_same(struct probe_job *job, const struct probe_nets *nets, bool first) {
    for (int m = 1; m < nets->count; m++) {
        struct probe_variant *variant = &job->doc.variants[m];
        int same = 0;
        while (nets->nets[same].root != nets->nets[m].root) same++;
        const char *name = same < m ? job->doc.variants[same].name : NULL;
        if (first || variant->runs_as != name) variant->runs_as = first ? name : NULL;
    }
}

/* The next images of one size, each taken once. */
static bool next_group(const struct probe_job *job, bool *taken, struct probe_group *group) {
    *group = (struct probe_group){0};
    for (int i = 0; i < job->input_count; i++) {
        const struct input *input = &job->inputs[i];
        if (taken[i] || !input->tensor) continue;
        if (group->count == 0) group->size = input->size;
        if (input->size.h != group->size.h || input->size.w != group->size.w) continue;
        taken[i] = true;
        group->images[group->count++] = i;
    }
    return group->count > 0;
}

static bool probe_group(struct probe_job *job, struct probe_nets *nets,
                        const struct probe_group *group, struct err *err) {
    return probe_parting_of(job, nets, group, err) && probe_norms_of(job, nets, group, err) &&
           probe_blocks_of(job, nets, group, err);
}

/* Images of a size that some variant does not fit are left out; false when none is left, or when
 * going on is pointless. */
static bool probe_all(struct probe_job *job, struct err *err) {
    bool taken[PROBE_IMAGES] = {false};
    struct probe_group group;
    int done = 0;
    while (!stop_requested() && next_group(job, taken, &group)) {
        struct probe_nets nets;
        if (!probe_nets_make(&job->session, group.size, &nets, err)) {
            err_add(err, STATUS_SOME_FAILED, "left out: all images of that size (%d)", group.count);
            continue;
        }
        find_same(job, &nets, done++ == 0);
        for (int i = 0; i < group.count; i++)
            job->doc.images[job->doc.image_count++] = job->images.items[group.images[i]].stem;
        bool ok = probe_group(job, &nets, &group, err);
        probe_nets_free(&nets);
        if (!ok) return false;
    }
    return done > 0;
}

static bool prepare(struct probe_job *job, struct err *err) {
    const struct options *options = job->options;
    struct extent size;
    if (!check_options(options, err) || !session_load(options, &job->session, err) ||
        !session_check_images(&job->session, err) ||
        !folder_list(options->images, &job->images, err) ||
        (options->targets && !folder_list(options->targets, &job->targets, err)))
        return false;
    job->decoder = decoder_create(options->threads > 0 ? options->threads : machine_cores());
    struct input_reader reader = probe_reader(job);
    if (!input_common_size(&reader, &job->images.items[0], &size, err) ||
        !session_bind(&job->session, options, size, err))
        return false;
    session_tell_misfits(&job->session, size, err);
    if (job->session.member_count == 0) return false;
    job->measures = mem_array((size_t)pool_threads(job->session.pool), sizeof *job->measures);
    name_variants(job);
    if (!probe_choose_blocks(job, err)) return false;
    return probe_read_images(job, err);
}

static void job_free(struct probe_job *job) {
    for (int t = 0; job->measures && t < pool_threads(job->session.pool); t++)
        probe_measure_free(&job->measures[t]);
    for (int i = 0; i < job->input_count; i++) input_free(&job->inputs[i]);
    mem_free(job->inputs);
    mem_free(job->measures);
    session_free(&job->session);
    decoder_free(job->decoder);
    folder_free(&job->images);
    folder_free(&job->targets);
    arena_free(&job->arena);
}

enum status verb_probe(const struct options *options, struct err *err) {
    struct probe_job job = {.options = options};
    struct text out = {0};
    stop_install();
    bool ok = prepare(&job, err) && probe_all(&job, err);
    int signal = stop_requested();
    if (ok && !signal) {
        if (options->format == FORMAT_JSON)
            probe_json(&job.doc, &out);
        else if (options->format == FORMAT_CSV)
            probe_csv(&job.doc, &out);
        else
            probe_table(&job.doc, options->format == FORMAT_MD, &out);
    }
    enum status status = signal                ? (enum status)(128 + signal)
                         : !ok                 ? err->status
                         : job.session.misfits ? STATUS_FAILED
                                               : err->status;
    status = print_result(&out, status, err);
    job_free(&job);
    return status;
}
