/* What casts doubt on measured times. */
#include "base/mem.h"
#include "report/timing.h"

#define SPREAD      0.1  /* interquartile range / median */
#define BUSY        0.75 /* of wall time x threads; to wait for each other is normal */
#define PREEMPTIONS 10   /* a second and thread; where two want one core there are hundreds */
#define FEWEST      5    /* preemptions that are no accident */

static const char OUTLIERS[] =
    "outliers (above the upper quartile by over 3 interquartile ranges): ";
static const char UNSTEADY[] =
    "unsteady times (the middle half of them spans over 10 % of the median): ";

/* Appends the name to a line that begins with `start`. */
static void add_name(struct text *line, const char *start, const char *name) {
    text_put(line, line->length ? ", " : start);
    text_put(line, name);
}

static void check_samples(const char *name, const struct timing_summary *t, int count,
                          struct text *outliers, struct text *unsteady) {
    if (t->outliers > 0) {
        add_name(outliers, OUTLIERS, name);
        text_add(outliers, " %d of %d", t->outliers, count);
    }
    if (t->spread > SPREAD) {
        add_name(unsteady, UNSTEADY, name);
        text_add(unsteady, " %.0f %%", 100 * t->spread);
    }
}

static void check_load(const struct timing *timing, struct text *out) {
    const struct timing_load *load = &timing->load;
    double available = load->wall_seconds * timing->threads;
    if (!(available > 0)) return;
    if (load->load_average > load->cores)
        text_add(out, "contention: the load average was %.1f on %d cores before this began\n",
                 load->load_average, load->cores);
    if (load->preemptions >= FEWEST && (double)load->preemptions > PREEMPTIONS * available)
        text_add(out, "contention: the system took a core away %ld times in %.2f s\n",
                 load->preemptions, load->wall_seconds);
    if (load->cpu_seconds < BUSY * available)
        text_add(out,
                 "contention, or too little work for %d thread%s: %s ran for %.0f %% of the time\n",
                 timing->threads, timing->threads > 1 ? "s" : "",
                 timing->threads > 1 ? "they" : "it", 100 * load->cpu_seconds / available);
}

static void put_line(struct text *line, struct text *out) {
    if (line->length) text_add(out, "%s\n", line->s);
    text_free(line);
}

void timing_doubts(const struct timing *timing, struct text *out) {
    struct text outliers = {0}, unsteady = {0};
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        if (variant->runs_as) continue;
        struct timing_summary t = timing_variant_summary(variant);
        check_samples(variant->name, &t, variant->plan->sample_count, &outliers, &unsteady);
    }
    double *samples = timing_plan_samples(timing->together);
    struct timing_summary t = timing_summarize(samples, timing->together->sample_count);
    check_samples("all together", &t, timing->together->sample_count, &outliers, &unsteady);
    mem_free(samples);
    put_line(&outliers, out);
    put_line(&unsteady, out);
    check_load(timing, out);
    if (timing->baseline_doubts) text_put(out, timing->baseline_doubts);
}
