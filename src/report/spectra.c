#include "report/spectra.h"

#include <math.h>

#include "base/mem.h"
#include "metrics/stats.h"

double spectra_frequency(const struct spectra *spectra, int point) {
    return (point + 1) / (2.0 * spectra->points);
}

/* The value of a profile, unscaled, at a point of `points`, between its own points where it has
 * another number of them; NaN where there is none. */
static double value_at(const struct profile *profile, const int16_t *values, int point,
                       int points) {
    double at = (double)(point + 1) * profile->points / points - 1;
    if (profile->points == 0 || at < 0) return NAN;
    int low = (int)at, high = at > low ? low + 1 : low;
    if (values[low] == PROFILE_NONE || values[high] == PROFILE_NONE) return NAN;
    return values[low] + (at - low) * (values[high] - values[low]);
}

struct sample {
    double *values;
    size_t count;
};

/* Room for every member of every image. */
static struct sample sample_of(const struct spectra_source *source) {
    size_t most = (size_t)source->image_count * (size_t)source->member_count;
    return (struct sample){mem_array(most + 1, sizeof(double)), 0};
}

static void sample_add(struct sample *sample, double value) {
    if (isfinite(value)) sample->values[sample->count++] = value;
}

/* Summarises the sample, in units of 1 / scale, at a point of a curve, and frees it. */
static void sample_end(struct sample *sample, int scale, struct spectra_curve *curve, int point) {
    double *v = sample->values;
    size_t n = sample->count;
    curve->mean[point] = curve->low[point] = curve->high[point] = NAN;
    if (n) {
        curve->mean[point] = stats_mean(v, n) / scale;
        stats_sort(v, n);
        curve->low[point] = stats_quantile(v, n, SPECTRA_LOW) / scale;
        curve->high[point] = stats_quantile(v, n, SPECTRA_HIGH) / scale;
    }
    mem_free(v);
}

static void summarise_target(const struct spectra_source *source, int point, struct spectra *out) {
    struct sample power = sample_of(source);
    for (int i = 0; i < source->image_count; i++) {
        const struct profile *target = &source->targets[i];
        sample_add(&power, value_at(target, target->power, point, out->points));
    }
    sample_end(&power, PROFILE_POWER_SCALE, &out->target, point);
}

static void summarise_variant(const struct spectra_source *source, int variant, int point,
                              struct spectra *out) {
    struct sample power = sample_of(source), gain = sample_of(source), frc = sample_of(source);
    struct spectra_variant *curves = &out->variants[variant];
    for (int i = 0; i < source->image_count; i++) {
        const struct profile *first = source->profiles + (size_t)i * (size_t)source->member_count;
        const struct profile *target = source->targets ? &source->targets[i] : NULL;
        double t = target ? value_at(target, target->power, point, out->points) : NAN;
        for (int m = 0; m < source->member_count; m++) {
            if (source->variant_of[m] != variant) continue;
            double p = value_at(&first[m], first[m].power, point, out->points);
            double f = value_at(&first[m], first[m].frc, point, out->points);
            sample_add(&power, p);
            sample_add(&frc, f);
            /* Where the target is empty, and so has no frc, a ratio to it says nothing. */
            if (!isnan(f)) sample_add(&gain, p - t);
        }
    }
    sample_end(&power, PROFILE_POWER_SCALE, &curves->power, point);
    sample_end(&gain, PROFILE_POWER_SCALE, &curves->gain, point);
    sample_end(&frc, PROFILE_FRC_SCALE, &curves->frc, point);
}

struct task {
    const struct spectra_source *source;
    struct spectra *out;
};

/* `index` counts points of the target, then of every variant. */
static void summarise(void *context, int index, int worker) {
    (void)worker;
    struct task *task = context;
    int point = index % task->out->points, variant = index / task->out->points - 1;
    if (variant >= 0)
        summarise_variant(task->source, variant, point, task->out);
    else if (task->out->has_targets)
        summarise_target(task->source, point, task->out);
}

void spectra_make(const struct spectra_source *source, struct pool *pool, struct spectra *out) {
    *out = (struct spectra){0};
    size_t cells = (size_t)source->image_count * (size_t)source->member_count;
    for (size_t c = 0; c < cells; c++)
        if (source->profiles[c].points > out->points) out->points = source->profiles[c].points;
    if (out->points == 0) return;
    for (int i = 0; source->targets && i < source->image_count; i++)
        out->has_targets |= source->targets[i].points > 0;
    out->variant_count = source->variant_count;
    out->variants = mem_array((size_t)source->variant_count, sizeof *out->variants);
    struct task task = {source, out};
    pool_run(pool, summarise, &task, out->points * (source->variant_count + 1));
}

void spectra_free(struct spectra *spectra) {
    mem_free(spectra->variants);
    *spectra = (struct spectra){0};
}
