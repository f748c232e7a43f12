#include "report/compare.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/checkerboard.h"
#include "metrics/multiple.h"

struct compare compare_defaults(void) {
    struct compare compare = {.primary = METRIC_DSNR_HI, .bootstrap = bootstrap_defaults()};
    for (int m = 0; m < METRIC_COUNT; m++) compare.margins[m] = metric_info((enum metric)m)->margin;
    return compare;
}

bool compare_origin(const char *name, enum origin *origin) {
    for (int o = ORIGIN_TRAINED; o <= ORIGIN_RANDOM; o++) {
        if (strcmp(bind_origin_name((enum origin)o), name) != 0) continue;
        *origin = (enum origin)o;
        return true;
    }
    return false;
}

const double *compare_values(const struct compare *compare, int image, int member) {
    return compare->values +
           ((size_t)image * (size_t)compare->member_count + (size_t)member) * METRIC_COUNT;
}

bool compare_has_metric(const struct compare *compare, enum metric metric) {
    for (int i = 0; i < compare->image_count; i++) {
        for (int m = 0; m < compare->member_count; m++) {
            const double *v = compare_values(compare, i, m);
            if (!isnan(v[metric]) || (metric == METRIC_PSNR && v[METRIC_L1] == 0)) return true;
        }
    }
    return false;
}

static bool has_checkerboard(const struct compare *compare, int image, int member) {
    const double *v = compare_values(compare, image, member);
    const double *t = compare->targets + (size_t)image * METRIC_COUNT;
    return checkerboard_flag(v[METRIC_CBI2], t[METRIC_CBI2], v[METRIC_CB_PEAK], t[METRIC_CB_PEAK]);
}

static void describe(const struct compare *compare, struct compare_variant *variant) {
    for (int i = 0; i < compare->image_count; i++) {
        for (int s = 0; s < variant->seeds; s++) {
            const double *v = compare_values(compare, i, variant->first + s);
            for (int m = 0; m < METRIC_COUNT; m++) {
                if (isnan(v[m])) continue;
                variant->means[m] += v[m];
                variant->applies[m]++;
            }
            if (compare->targets)
                variant->checkerboards += has_checkerboard(compare, i, variant->first + s);
        }
    }
    for (int m = 0; m < METRIC_COUNT; m++)
        variant->means[m] = variant->applies[m] ? variant->means[m] / variant->applies[m] : NAN;
}

static void group_members(const struct compare *compare, struct comparison *out) {
    out->variants = mem_array((size_t)compare->member_count + 1, sizeof *out->variants);
    for (int m = 0; m < compare->member_count; m++) {
        const struct compare_member *member = &compare->members[m];
        if (!m || strcmp(member[-1].variant, member->variant) != 0)
            out->variants[out->variant_count++] =
                (struct compare_variant){.name = member->variant, .first = m};
        struct compare_variant *variant = &out->variants[out->variant_count - 1];
        variant->seeds++;
        if (member->origin > variant->origin) variant->origin = member->origin;
    }
    for (int v = 0; v < out->variant_count; v++) describe(compare, &out->variants[v]);
}

static bool find_reference(const struct compare *compare, struct comparison *out, struct err *err) {
    out->reference = 0;
    if (!compare->reference) return true;
    struct text names = {0};
    for (int v = 0; v < out->variant_count; v++) {
        if (strcmp(out->variants[v].name, compare->reference) == 0) {
            out->reference = v;
            text_free(&names);
            return true;
        }
        text_add(&names, "%s%s", v ? ", " : "", out->variants[v].name);
    }
    err_add(err, STATUS_BAD_INPUT, "the reference \"%s\" is not among the variants compared: %s",
            SAFE(compare->reference), names.s ? names.s : "none");
    text_free(&names);
    return false;
}

/* One metric of one variant where more is better, [seed][image]; the caller frees it. */
static double *sample(const struct compare *compare, const struct compare_variant *variant,
                      enum metric metric) {
    size_t images = (size_t)compare->image_count;
    double *out = mem_array((size_t)variant->seeds * images + 1, sizeof *out);
    for (int s = 0; s < variant->seeds; s++)
        for (int i = 0; i < compare->image_count; i++)
            out[(size_t)s * images + (size_t)i] =
                metric_oriented(metric, compare_values(compare, i, variant->first + s)[metric]);
    return out;
}

struct analysis {
    const struct compare *compare;
    struct comparison *out;
};

/* Equality of outputs is a fact; everything else needs trained weights on both sides. */
static enum verdict allowed(const struct compare_variant *a, const struct compare_variant *b,
                            enum verdict verdict) {
    bool trained = a->origin == ORIGIN_TRAINED && b->origin == ORIGIN_TRAINED;
    return trained || verdict == VERDICT_IDENTICAL ? verdict : VERDICT_NONE;
}

static void analyse_one(void *context, int index, int worker) {
    (void)worker;
    const struct analysis *analysis = context;
    const struct compare *compare = analysis->compare;
    struct contrast *c = &analysis->out->contrasts[index];
    const struct compare_variant *reference = &analysis->out->variants[analysis->out->reference];
    const struct compare_variant *variant = &analysis->out->variants[c->variant];
    double *a = sample(compare, reference, c->metric), *b = sample(compare, variant, c->metric);
    struct paired_sample sa = {a, reference->seeds}, sb = {b, variant->seeds};
    c->paired = paired_compare(&sa, &sb, (size_t)compare->image_count, &compare->bootstrap);
    c->verdict =
        allowed(reference, variant, paired_verdict(&c->paired, compare->margins[c->metric]));
    mem_free(a);
    mem_free(b);
}

static void add_contrast(struct comparison *out, enum metric metric, int variant) {
    out->contrasts[out->contrast_count++] = (struct contrast){.variant = variant, .metric = metric};
}

/* psnr may have nothing but infinite values. */
static bool has_numbers(const struct comparison *out, enum metric metric) {
    for (int v = 0; v < out->variant_count; v++)
        if (out->variants[v].applies[metric]) return true;
    return false;
}

/* The primary metric of every variant is one family of tests, all else another. */
static void list_contrasts(const struct compare *compare, struct comparison *out) {
    out->contrasts =
        mem_array((size_t)out->variant_count * METRIC_COUNT + 1, sizeof *out->contrasts);
    bool has_primary =
        has_numbers(out, compare->primary) && metric_info(compare->primary)->better != 0;
    for (int v = 0; has_primary && v < out->variant_count; v++)
        if (v != out->reference) add_contrast(out, compare->primary, v);
    out->primary_count = out->contrast_count;
    bool wanted[METRIC_COUNT];
    for (int m = 0; m < METRIC_COUNT; m++)
        wanted[m] = m != (int)compare->primary && metric_info((enum metric)m)->better &&
                    has_numbers(out, (enum metric)m);
    for (int v = 0; v < out->variant_count; v++)
        for (int m = 0; m < METRIC_COUNT; m++)
            if (v != out->reference && wanted[m]) add_contrast(out, (enum metric)m, v);
}

static void adjust(struct contrast *contrasts, int count) {
    double *p = mem_array((size_t)count + 1, sizeof *p);
    for (int i = 0; i < count; i++) p[i] = contrasts[i].paired.wilcoxon.p;
    multiple_holm(p, (size_t)count, p);
    for (int i = 0; i < count; i++) contrasts[i].p_holm = p[i];
    mem_free(p);
}

static void bring_spectra(const struct compare *compare, struct pool *pool,
                          struct comparison *out) {
    if (!compare->profiles) return;
    int *variant_of = mem_array((size_t)compare->member_count, sizeof *variant_of);
    for (int v = 0; v < out->variant_count; v++)
        for (int s = 0; s < out->variants[v].seeds; s++) variant_of[out->variants[v].first + s] = v;
    struct spectra_source source = {.profiles = compare->profiles,
                                    .targets = compare->target_profiles,
                                    .image_count = compare->image_count,
                                    .member_count = compare->member_count,
                                    .variant_of = variant_of,
                                    .variant_count = out->variant_count};
    spectra_make(&source, pool, &out->spectra);
    mem_free(variant_of);
}

bool compare_analyse(const struct compare *compare, struct pool *pool, struct comparison *out,
                     struct err *err) {
    *out = (struct comparison){0};
    group_members(compare, out);
    if (!find_reference(compare, out, err)) return false;
    list_contrasts(compare, out);
    struct analysis analysis = {compare, out};
    pool_run(pool, analyse_one, &analysis, out->contrast_count);
    adjust(out->contrasts, out->primary_count);
    adjust(out->contrasts + out->primary_count, out->contrast_count - out->primary_count);
    bring_spectra(compare, pool, out);
    return true;
}

void comparison_free(struct comparison *comparison) {
    mem_free(comparison->variants);
    mem_free(comparison->contrasts);
    spectra_free(&comparison->spectra);
    *comparison = (struct comparison){0};
}
