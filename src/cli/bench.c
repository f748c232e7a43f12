#include "cli/bench.h"

#include <math.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "cli/timed.h"
#include "engine/large.h"
#include "kernels/kernels.h"
#include "kernels/peak.h"

struct bench_subject {
    struct planned *planned;
    struct timing_plan timing;
    const float **images;
    int *labels;
    float **outputs;
    struct large pixels; /* of images and outputs */
    double *seconds;
};

static size_t floats_of(struct shape shape) { /* in whole cache lines */
    return ((size_t)shape.c * (size_t)shape.h * (size_t)shape.w + LINE - 1) / LINE * LINE;
}

static struct shape output_shape(const struct planned *planned, int root) {
    return planned->graph.nodes[planned->roots[root]].out;
}

/* Noise, as time does not depend on the pixels, only on shapes. All in one piece, which has large
 * pages: in a virtual machine a page of 4 KB that was not looked at for some milliseconds takes
 * longer to find than to copy. */
static void make_pixels(struct bench_subject *subject, int batch) {
    const struct planned *planned = subject->planned;
    size_t image = floats_of(planned->nets[0].input), floats = image;
    for (int r = 0; r < planned->root_count; r++) floats += floats_of(output_shape(planned, r));
    subject->pixels = large_alloc(floats * (size_t)batch);
    float *at = subject->pixels.floats;
    for (int i = 0; i < batch; i++, at += image) {
        for (size_t p = 0; p < image; p++)
            at[p] = (float)(hash_mix(((uint64_t)i << 32) + p) >> 40) * 0x1p-23f - 1.0f;
        subject->images[i] = at;
    }
    for (int r = 0; r < planned->root_count; r++)
        for (int i = 0; i < batch; i++, at += floats_of(output_shape(planned, r)))
            subject->outputs[r * batch + i] = at;
}

static void subject_start(struct bench_subject *subject, struct planned *planned, int batch) {
    subject->planned = planned;
    timed_plan(planned, &subject->timing);
    subject->images = mem_array((size_t)batch, sizeof *subject->images);
    subject->labels = mem_array((size_t)batch, sizeof *subject->labels);
    subject->outputs =
        mem_array((size_t)batch * (size_t)planned->root_count, sizeof *subject->outputs);
    subject->seconds = mem_array((size_t)subject->timing.step_count, sizeof *subject->seconds);
    make_pixels(subject, batch);
}

static void subject_free(struct bench_subject *subject) {
    large_free(&subject->pixels);
    mem_free(subject->images);
    mem_free(subject->labels);
    mem_free(subject->outputs);
    mem_free(subject->seconds);
    timing_plan_free(&subject->timing);
    planned_free(subject->planned);
}

void bench_free(struct bench *bench) {
    for (int s = 0; s < bench->subject_count; s++) subject_free(&bench->subjects[s]);
    mem_free(bench->subjects);
    session_free(&bench->session);
    arena_free(&bench->arena);
    *bench = (struct bench){0};
}

/* The subject that measures member `m`, made unless one does already: the same variant with another
 * seed, or a variant that this one runs as, is the same computation, and so is all together where
 * there is no other. -1 when it cannot be planned. */
static int subject_of(struct bench *bench, const int *subjects, const struct planned *all, int m,
                      struct extent size, struct err *err) {
    const int *runs_as = all->runs_as;
    if (all->root_count == 1) return 0;
    if (bench->session.members[m].seed > 0) return subjects[m - 1];
    if (runs_as[m] < m) return subjects[runs_as[m]];
    struct planned *alone = session_plan_members(&bench->session, size, m, 1, err);
    if (!alone) return -1;
    subject_start(&bench->subjects[bench->subject_count], alone, bench->session.batch);
    return bench->subject_count++;
}

static struct timing_variant variant_of(struct bench *bench, int m, int subject) {
    const struct bench_subject *all = &bench->subjects[bench->subject_count - 1];
    const struct member *members = bench->session.members;
    const struct config_variant *variant = members[m].variant;
    const struct bench_subject *measured = &bench->subjects[subject];
    struct timing_variant out =
        timed_variant(variant, measured->planned, 0, &measured->timing, &bench->arena);
    int same = all->planned->runs_as[m];
    if (same < m) out.runs_as = members[same].variant->name;
    out.seeds = variant->weights_count;
    return out;
}

static void describe(struct bench *bench, const int *subjects) {
    const struct session *session = &bench->session;
    const struct bench_subject *all = &bench->subjects[bench->subject_count - 1];
    struct timing *timing = &bench->timing;
    *timing = timed_start(session, all->planned, &all->timing, &bench->arena);
    machine_describe(bench->machine, sizeof bench->machine);
    timing->measured = "alone";
    timing->machine = bench->machine;
    timing->variant_count = 0;
    for (int m = 0; m < session->member_count; m++)
        if (session->members[m].seed == 0)
            timing->variants[timing->variant_count++] = variant_of(bench, m, subjects[m]);
}

bool bench_prepare(struct bench *bench, struct extent size, struct err *err) {
    struct session *session = &bench->session;
    size_t members = (size_t)session->member_count;
    struct planned *all = session_plan_members(session, size, 0, session->member_count, err);
    if (!all) return false;
    bench->subjects = mem_array(members + 1, sizeof *bench->subjects);
    int *subjects = mem_array(members, sizeof *subjects);
    bool ok = true;
    for (int m = 0; ok && m < session->member_count; m++) {
        subjects[m] = subject_of(bench, subjects, all, m, size, err);
        ok = subjects[m] >= 0;
    }
    subject_start(&bench->subjects[bench->subject_count++], all, session->batch);
    if (ok) describe(bench, subjects);
    mem_free(subjects);
    return ok;
}

/* What the process used so far. */
static struct timing_load used(void) {
    return (struct timing_load){.wall_seconds = clock_seconds(),
                                .cpu_seconds = clock_cpu_seconds(),
                                .preemptions = machine_preemptions()};
}

void bench_measure(struct bench *bench, int runs, int warmup) {
    const struct session *session = &bench->session;
    struct timing *timing = &bench->timing;
    double load_average = machine_load();
    double peak = peak_measure(session->isa, session->pool);
    struct timing_load start = used();
    struct progress progress = progress_start(bench->options, runs + warmup, "rounds");
    for (int round = 0; round < runs + warmup && !stop_requested(); round++) {
        if (round == warmup) start = used();
        for (int s = 0; s < bench->subject_count; s++) {
            struct bench_subject *subject = &bench->subjects[s];
            engine_run(subject->planned->engine, subject->images, subject->labels, session->batch,
                       subject->outputs, subject->seconds);
            if (round >= warmup) timing_add(&subject->timing, subject->seconds, session->batch);
        }
        progress_add(&progress, 1);
    }
    struct timing_load end = used();
    progress_end(&progress);
    timing->load = (struct timing_load){.wall_seconds = end.wall_seconds - start.wall_seconds,
                                        .cpu_seconds = end.cpu_seconds - start.cpu_seconds,
                                        .load_average = load_average,
                                        .preemptions = end.preemptions - start.preemptions,
                                        .cores = machine_cores()};
    timing->peak = fmax(peak, peak_measure(session->isa, session->pool));
    timing->warmup = warmup;
    timing->peak_memory = machine_peak_memory();
}
