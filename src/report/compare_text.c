/* A comparison in words. */
#include "report/compare.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

static enum origin weaker(const struct compare_variant *a, const struct compare_variant *b) {
    return a->origin > b->origin ? a->origin : b->origin;
}

static const char *origin_caveat(enum origin origin) {
    switch (origin) {
    case ORIGIN_TRAINED:
        return NULL;
    case ORIGIN_TRANSPLANTED:
        return "transplanted weights: descriptive; this is how the outputs stand an edit under "
               "weights trained for another design, not which design keeps more detail";
    case ORIGIN_INITIALISED:
        return "weights partly made by \"init\": descriptive; no verdict before training";
    case ORIGIN_RANDOM:
        return "random weights: no quality verdict";
    }
    return NULL;
}

void compare_caveats(const struct comparison *comparison, int variant, struct text *out) {
    const struct compare_variant *a = &comparison->variants[comparison->reference];
    const struct compare_variant *b = &comparison->variants[variant];
    enum origin origin = weaker(a, b);
    if (origin_caveat(origin)) text_add(out, "%s\n", origin_caveat(origin));
    if (origin == ORIGIN_RANDOM) return;
    if (a->seeds == 1 && b->seeds == 1)
        text_put(out, "n_seeds = 1: differences are between these two files, not between the two "
                      "designs\n");
    else if (a->seeds == 1 || b->seeds == 1)
        text_add(out, "n_seeds = 1 for %s: its one file stands for the design\n",
                 a->seeds == 1 ? a->name : b->name);
    if (a->seeds > 1 || b->seeds > 1)
        text_add(out,
                 "intervals resample training seeds (%d and %d) and images; few seeds "
                 "understate the spread between trainings\n",
                 a->seeds, b->seeds);
}

static void put_p(struct text *out, const struct contrast *c) {
    const struct paired *p = &c->paired;
    if (p->n < PAIRED_FEWEST)
        text_put(out, "  too few images for a test");
    else if (isnan(p->wilcoxon.p))
        text_put(out, "  no difference to test");
    else
        text_add(out, "  p=%.3g (Holm %.3g)", p->wilcoxon.p, c->p_holm);
}

/* The number of images behind a contrast and what that means. */
static void put_power(struct text *out, const struct compare *compare, const struct contrast *c) {
    const struct paired *p = &c->paired;
    const char *unit = metric_info(c->metric)->unit;
    if (p->dropped)
        text_add(out, "     the metric does not apply to %zu more images\n", p->dropped);
    if (p->n < PAIRED_FEW) text_add(out, "     n < %d: the interval is rough\n", PAIRED_FEW);
    double margin = compare->margins[c->metric], needed = paired_images_needed(p, margin);
    if (c->verdict == VERDICT_INCONCLUSIVE && needed > 0)
        text_add(out,
                 "     %zu images find a difference of %.3g%s%s; about %.0f would find the margin, "
                 "%g\n",
                 p->n, p->detectable, *unit ? " " : "", unit, needed, margin);
}

static void put_verdict(struct text *out, const struct compare *compare,
                        const struct comparison *comparison, const struct contrast *c) {
    const struct compare_variant *a = &comparison->variants[comparison->reference];
    const struct compare_variant *b = &comparison->variants[c->variant];
    text_add(out, "  -> %s %s %s", b->name, verdict_text(c->verdict), a->name);
    if (weaker(a, b) == ORIGIN_TRAINED) text_put(out, " (trained weights)");
    if (!(compare->margins[c->metric] > 0)) text_put(out, "; the metric has no margin");
    bool sided = c->verdict == VERDICT_MORE || c->verdict == VERDICT_LESS ||
                 c->verdict == VERDICT_MORE_BELOW || c->verdict == VERDICT_LESS_BELOW;
    if (sided && !(c->p_holm < 0.05)) text_put(out, "; not significant once adjusted (Holm)");
    text_put(out, "\n");
}

static void put_primary(struct text *out, const struct compare *compare,
                        const struct comparison *comparison, const struct contrast *c) {
    const struct compare_variant *a = &comparison->variants[comparison->reference];
    const struct compare_variant *b = &comparison->variants[c->variant];
    const struct metric_info *info = metric_info(c->metric);
    const struct paired *p = &c->paired;
    if (!p->n) {
        text_add(out, "%s  no image has a value for both %s and %s\n", info->name, a->name,
                 b->name);
        return;
    }
    text_add(out, "%s  %s %.4g  %s %.4g%s%s  diff %+.3g [%+.3g, %+.3g]  HL %+.3g", info->name,
             a->name, a->means[c->metric], b->name, b->means[c->metric], *info->unit ? " " : "",
             info->unit, p->mean, p->interval.low, p->interval.high, p->hodges_lehmann);
    text_add(out, "  W+ %.6g W- %.6g", p->wilcoxon.w_plus, p->wilcoxon.w_minus);
    put_p(out, c);
    if (!isnan(p->rank_biserial)) text_add(out, "  r=%+.2f", p->rank_biserial);
    text_add(out, "  %zu/%zu/%zu  n=%zu", p->wins, p->ties, p->losses, p->n);
    put_verdict(out, compare, comparison, c);
    put_power(out, compare, c);
}

/* A number in a column of 10, right-aligned. */
static void put_cell(struct text *out, bool with_sign, int digits, double value) {
    struct text cell = {0};
    if (isnan(value))
        text_put(&cell, "-");
    else if (value == 0)
        text_put(&cell, "0");
    else
        text_add(&cell, with_sign ? "%+.*g" : "%.*g", digits, value);
    text_put(out, " ");
    text_pad(out, cell.s, -10);
    text_free(&cell);
}

/* The other metrics of one variant, a line each. */
static void put_others(struct text *out, const struct compare *compare,
                       const struct comparison *comparison, int variant) {
    const struct compare_variant *a = &comparison->variants[comparison->reference];
    const struct compare_variant *b = &comparison->variants[variant];
    text_add(out, "\n%s against %s, other metrics (Holm over all %d)\n", b->name, a->name,
             comparison->contrast_count - comparison->primary_count);
    text_put(out, "  metric           reference    variant       diff        low       high     "
                  "p Holm  verdict\n");
    for (int i = comparison->primary_count; i < comparison->contrast_count; i++) {
        const struct contrast *c = &comparison->contrasts[i];
        if (c->variant != variant) continue;
        text_put(out, "  ");
        text_pad(out, metric_info(c->metric)->name, 15);
        put_cell(out, false, 4, a->means[c->metric]);
        put_cell(out, false, 4, b->means[c->metric]);
        put_cell(out, true, 3, c->paired.mean);
        put_cell(out, true, 3, c->paired.interval.low);
        put_cell(out, true, 3, c->paired.interval.high);
        put_cell(out, false, 3, c->p_holm);
        bool judged = c->verdict != VERDICT_NONE;
        text_add(out, "  %s\n",
                 judged                            ? verdict_name(c->verdict)
                 : compare->margins[c->metric] > 0 ? "not judged"
                                                   : "no margin");
    }
}

static void put_checkerboards(struct text *out, const struct compare *compare,
                              const struct comparison *comparison) {
    for (int v = 0; v < comparison->variant_count; v++) {
        const struct compare_variant *variant = &comparison->variants[v];
        if (variant->checkerboards)
            text_add(out,
                     "%s: %d of %d outputs have a checkerboard that their targets do not "
                     "have\n",
                     variant->name, variant->checkerboards, compare->image_count * variant->seeds);
    }
}

/* The caveats of all variants; what holds for several is said once. */
static void put_all_caveats(struct text *out, const struct comparison *comparison) {
    int count = comparison->variant_count;
    struct text *caveats = mem_array((size_t)count, sizeof *caveats);
    for (int v = 0; v < count; v++)
        if (v != comparison->reference) compare_caveats(comparison, v, &caveats[v]);
    for (int v = 0; v < count; v++) {
        if (!caveats[v].s) continue;
        struct text names = {0};
        for (int w = v; w < count; w++) {
            if (!caveats[w].s || (w > v && strcmp(caveats[w].s, caveats[v].s) != 0)) continue;
            text_add(&names, "%s%s", names.s ? ", " : "", comparison->variants[w].name);
            if (w > v) text_free(&caveats[w]);
        }
        for (char *line = caveats[v].s; *line;) {
            size_t length = strcspn(line, "\n");
            text_add(out, "%s: %.*s\n", names.s, (int)length, line);
            line += length + (line[length] == '\n');
        }
        text_free(&names);
    }
    for (int v = 0; v < count; v++) text_free(&caveats[v]);
    mem_free(caveats);
}

static bool has_targets(const struct compare *compare) {
    return compare_has_metric(compare, METRIC_L1);
}

void compare_summary(const struct compare *compare, const struct comparison *comparison,
                     struct text *out) {
    if (!has_targets(compare)) {
        text_put(out,
                 "No target was given: nothing says what detail is right, and sharpness cannot "
                 "tell detail from noise. No verdict.\n");
        return;
    }
    const struct metric_info *info = metric_info(compare->primary);
    text_add(out, "%d images, compared with %s. Primary metric: %s, %s%s%s", compare->image_count,
             comparison->variants[comparison->reference].name, info->name, info->title,
             *info->unit ? ", " : "", info->unit);
    if (compare->margins[compare->primary] > 0)
        text_add(out, "; margin %g", compare->margins[compare->primary]);
    text_add(out,
             ".\nA positive difference means that the variant is better; intervals are %g %%, "
             "%d resamples, seed %llu.\n\n",
             compare->bootstrap.level * 100, compare->bootstrap.resamples,
             (unsigned long long)compare->bootstrap.seed);
    if (!comparison->primary_count)
        text_add(out, "%s\n",
                 comparison->variant_count > 1 ? "The primary metric does not apply."
                                               : "There is one variant only.");
    for (int i = 0; i < comparison->primary_count; i++)
        put_primary(out, compare, comparison, &comparison->contrasts[i]);
    put_checkerboards(out, compare, comparison);
    put_all_caveats(out, comparison);
}

void compare_details(const struct compare *compare, const struct comparison *comparison,
                     struct text *out) {
    if (!has_targets(compare)) return;
    for (int v = 0; v < comparison->variant_count; v++)
        if (v != comparison->reference) put_others(out, compare, comparison, v);
}
