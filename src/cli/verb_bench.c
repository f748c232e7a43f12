/* bench: every variant alone and all together, in alternation. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/timed.h"
#include "cli/verbs.h"

enum { RUNS = 11, WARMUP = 3 };

/* One plan that is measured: a variant alone, or all together. */
struct subject {
    struct planned *planned;
    struct timing_plan timing;
    const float **images;
    int *labels;
    float **outputs;
    double *seconds;
    int first; /* the member that it measures, -1: all */
};

struct bench {
    const struct options *options;
    struct session session;
    struct subject *subjects; /* the last one is all together */
    int subject_count;
    int *subject_of; /* per member */
    struct timing timing;
    struct arena arena;
};

/* A grey ramp with noise, as glyphs are not: time does not depend on the pixels, only on shapes. */
static float *make_image(struct shape shape, uint64_t seed) {
    size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
    float *image = mem_aligned(count * sizeof *image);
    for (size_t i = 0; i < count; i++)
        image[i] = (float)(hash_mix(seed + i) >> 40) * 0x1p-23f - 1.0f;
    return image;
}

static void prepare(struct subject *subject, int batch) {
    const struct planned *planned = subject->planned;
    timed_plan(planned, &subject->timing);
    subject->images = mem_array((size_t)batch, sizeof *subject->images);
    subject->labels = mem_array((size_t)batch, sizeof *subject->labels);
    subject->outputs = mem_array((size_t)(batch * planned->root_count), sizeof *subject->outputs);
    subject->seconds = mem_array((size_t)subject->timing.step_count, sizeof *subject->seconds);
    for (int i = 0; i < batch; i++)
        subject->images[i] = make_image(planned->nets[0].input, (uint64_t)i << 32);
    for (int r = 0; r < planned->root_count; r++)
        for (int i = 0; i < batch; i++)
            subject->outputs[r * batch + i] =
                make_image(planned->graph.nodes[planned->roots[r]].out, 0);
}

static void subject_free(struct subject *subject, int batch) {
    for (int i = 0; subject->images && i < batch; i++)
        mem_free((void *)(uintptr_t)subject->images[i]);
    for (int i = 0; subject->outputs && i < batch * subject->planned->root_count; i++)
        mem_free(subject->outputs[i]);
    mem_free(subject->images);
    mem_free(subject->labels);
    mem_free(subject->outputs);
    mem_free(subject->seconds);
    timing_plan_free(&subject->timing);
    planned_free(subject->planned);
}

/* A variant that runs as an earlier one is not measured again: it is the same computation. */
static bool make_subjects(struct bench *bench, struct extent size, struct err *err) {
    struct session *session = &bench->session;
    int members = session->member_count;
    bench->subjects = mem_array((size_t)members + 1, sizeof *bench->subjects);
    bench->subject_of = mem_array((size_t)members, sizeof *bench->subject_of);
    struct planned *all = session_plan_members(session, size, 0, members, err);
    if (!all) return false;
    for (int m = 0; m < members; m++) {
        if (all->runs_as[m] < m) {
            bench->subject_of[m] = bench->subject_of[all->runs_as[m]];
            continue;
        }
        struct planned *alone = session_plan_members(session, size, m, 1, err);
        if (!alone) {
            planned_free(all);
            return false;
        }
        bench->subject_of[m] = bench->subject_count;
        bench->subjects[bench->subject_count++] = (struct subject){.planned = alone, .first = m};
    }
    bench->subjects[bench->subject_count++] = (struct subject){.planned = all, .first = -1};
    for (int s = 0; s < bench->subject_count; s++) prepare(&bench->subjects[s], session->batch);
    return true;
}

static void measure(struct bench *bench) {
    int runs = bench->options->runs > 0 ? bench->options->runs : RUNS;
    int warmup = bench->options->warmup >= 0 ? bench->options->warmup : WARMUP;
    int batch = bench->session.batch;
    struct progress progress = progress_start(bench->options, runs + warmup);
    for (int round = 0; round < runs + warmup && !stop_requested(); round++) {
        for (int s = 0; s < bench->subject_count; s++) {
            struct subject *subject = &bench->subjects[s];
            engine_run(subject->planned->engine, subject->images, subject->labels, batch,
                       subject->outputs, subject->seconds);
            if (round >= warmup) timing_add(&subject->timing, subject->seconds, batch);
        }
        progress_add(&progress, 1);
    }
    progress_end(&progress);
    bench->timing.warmup = warmup;
}

static void describe(struct bench *bench, char *machine, size_t machine_size) {
    struct session *session = &bench->session;
    struct timing *timing = &bench->timing;
    machine_describe(machine, machine_size);
    timing->measured = "alone";
    timing->machine = machine;
    timing->isa = isa_name(session->isa);
    timing->threads = pool_threads(session->pool);
    timing->batch = session->batch;
    timing->variant_count = session->member_count;
    timing->variants =
        arena_alloc(&bench->arena, (size_t)session->member_count * sizeof *timing->variants);
    const struct subject *all = &bench->subjects[bench->subject_count - 1];
    timing->together = &all->timing;
    timing->weight_bytes = engine_weight_bytes(all->planned->engine);
    timing->activation_bytes = engine_activation_bytes(all->planned->engine);
    for (int m = 0; m < session->member_count; m++) {
        const struct subject *subject = &bench->subjects[bench->subject_of[m]];
        timing->variants[m] = timed_variant(subject->planned, 0, &subject->timing, &bench->arena);
        timing->variants[m].name = session->members[m].variant->name;
        int same = all->planned->runs_as[m];
        if (same < m) timing->variants[m].runs_as = session->members[same].variant->name;
    }
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
    text_add(out, "packed weights %.1f MB, activations %.1f MB, peak memory %.1f MB\n\n",
             (double)timing->weight_bytes / 1e6, (double)timing->activation_bytes / 1e6,
             (double)machine_peak_memory() / 1e6);
    timing_write_table(timing, bench->options->format == FORMAT_MD, out);
    if (bench->options->verbose) {
        text_put(out, "\n");
        timing_write_steps(timing, out);
    }
}

enum status verb_bench(const struct options *options, struct err *err) {
    struct bench bench = {.options = options};
    struct text out = {0};
    char machine[256];
    stop_install();
    bool ok = session_load(options, &bench.session, err);
    ok = ok && print_format_allowed(options, "table json csv md", err);
    if (ok) {
        struct extent size = options->size.h > 0 ? options->size : bench.session.variants[0]->size;
        if (bench.session.batch < 1) bench.session.batch = 1;
        if (bench.session.label == -1) bench.session.label = -2;
        ok = session_bind(&bench.session, options, size, err);
        if (ok && bench.session.member_count == 0)
            ok = err_add(err, STATUS_FAILED, "no variant fits at %dx%d (see `stridelab trace`)",
                         size.h, size.w);
        ok = ok && make_subjects(&bench, size, err);
    }
    if (ok) {
        measure(&bench);
        describe(&bench, machine, sizeof machine);
        write(&bench, &out);
    }
    int signal = stop_requested();
    enum status status = !ok                     ? err->status
                         : signal                ? (enum status)(128 + signal)
                         : bench.session.misfits ? STATUS_FAILED
                                                 : STATUS_OK;
    status = print_result(&out, status, err);
    for (int s = 0; s < bench.subject_count; s++)
        subject_free(&bench.subjects[s], bench.session.batch);
    mem_free(bench.subjects);
    mem_free(bench.subject_of);
    session_free(&bench.session);
    arena_free(&bench.arena);
    return status;
}
