#include "report/compare_words.h"

#include <math.h>
#include <string.h>

enum tone compare_words_tone(enum verdict verdict) {
    switch (verdict) {
    case VERDICT_MORE:
    case VERDICT_MORE_BELOW:
        return TONE_BETTER;
    case VERDICT_LESS:
    case VERDICT_LESS_BELOW:
        return TONE_WORSE;
    case VERDICT_IDENTICAL:
    case VERDICT_EQUIVALENT:
        return TONE_EQUAL;
    case VERDICT_INCONCLUSIVE:
    case VERDICT_TOO_FEW:
        return TONE_OPEN;
    case VERDICT_NONE:
        return TONE_NONE;
    }
    return TONE_NONE;
}

const char *compare_words_short(enum verdict verdict) {
    switch (verdict) {
    case VERDICT_NONE:
        return "no verdict";
    case VERDICT_IDENTICAL:
        return "identical";
    case VERDICT_TOO_FEW:
        return "too few images";
    case VERDICT_MORE:
        return "better";
    case VERDICT_MORE_BELOW:
        return "better, below the margin";
    case VERDICT_LESS:
        return "worse";
    case VERDICT_LESS_BELOW:
        return "worse, below the margin";
    case VERDICT_EQUIVALENT:
        return "equivalent";
    case VERDICT_INCONCLUSIVE:
        return "cannot be told";
    }
    return "";
}

static enum origin weaker(const struct comparison *comparison, int variant) {
    enum origin a = comparison->variants[comparison->reference].origin;
    enum origin b = comparison->variants[variant].origin;
    return a > b ? a : b;
}

static const char *origin_words(enum origin origin) {
    switch (origin) {
    case ORIGIN_TRAINED:
        return "trained weights";
    case ORIGIN_TRANSPLANTED:
        return "transplanted weights";
    case ORIGIN_INITIALISED:
        return "weights partly made, not trained";
    case ORIGIN_RANDOM:
        return "random weights";
    }
    return "";
}

const char *compare_words_weights(const struct comparison *comparison,
                                  const struct contrast *contrast) {
    return origin_words(weaker(comparison, contrast->variant));
}

int compare_words_places(const struct interval *interval) {
    double half = (interval->high - interval->low) / 2;
    if (!(half > 0) || !isfinite(half)) return 3;
    return (int)fmin(6, fmax(0, 1 - floor(log10(half))));
}

/* "Better than stride2: a, b." for the contrasts of one tone; identical ones apart. */
static void put_tone(const struct comparison *comparison, enum tone tone, bool identical,
                     const char *words, struct text *out) {
    int count = 0;
    for (int i = 0; i < comparison->primary_count; i++) {
        const struct contrast *c = &comparison->contrasts[i];
        if (compare_words_tone(c->verdict) != tone) continue;
        if ((c->verdict == VERDICT_IDENTICAL) != identical) continue;
        if (!count++)
            text_add(out, "%s%s %s: ", out->length ? " " : "", words,
                     comparison->variants[comparison->reference].name);
        else
            text_put(out, ", ");
        text_put(out, comparison->variants[c->variant].name);
    }
    if (count) text_put(out, ".");
}

static const char *no_verdict_because(const struct compare *compare,
                                      const struct comparison *comparison) {
    if (!compare_has_metric(compare, METRIC_L1)) return "there are no targets to measure against";
    if (comparison->variant_count < 2) return "there is one variant only";
    if (!comparison->primary_count) return "the primary metric applies to no image";
    enum origin least = ORIGIN_RANDOM, most = ORIGIN_TRAINED;
    for (int i = 0; i < comparison->primary_count; i++) {
        if (comparison->contrasts[i].verdict != VERDICT_NONE) continue;
        enum origin origin = weaker(comparison, comparison->contrasts[i].variant);
        if (origin < least) least = origin;
        if (origin > most) most = origin;
    }
    if (least < most) return "there are no two designs whose weights were trained for them";
    switch (least) {
    case ORIGIN_TRAINED:
        return "the primary metric has no margin, or no image has a value";
    case ORIGIN_TRANSPLANTED:
        return "the weights were trained for another design than the one that runs them, so this "
               "shows how outputs stand the edit, not which design keeps more";
    case ORIGIN_INITIALISED:
        return "some weights were made and not trained";
    case ORIGIN_RANDOM:
        return "the weights are random";
    }
    return "";
}

static bool is_all_identical(const struct comparison *comparison) {
    for (int i = 0; i < comparison->primary_count; i++)
        if (comparison->contrasts[i].verdict != VERDICT_IDENTICAL) return false;
    return comparison->primary_count > 0;
}

void compare_words_headline(const struct compare *compare, const struct comparison *comparison,
                            struct text *out) {
    struct text line = {0};
    put_tone(comparison, TONE_BETTER, false, "Better than", &line);
    put_tone(comparison, TONE_WORSE, false, "Worse than", &line);
    put_tone(comparison, TONE_EQUAL, false, "Equivalent to", &line);
    put_tone(comparison, TONE_OPEN, false, "Cannot be told from", &line);
    if (line.length)
        put_tone(comparison, TONE_NONE, false, "Not judged against", &line);
    else if (is_all_identical(comparison))
        text_put(&line, "There is nothing to choose between.");
    else
        text_add(&line, "No verdict on quality: %s.", no_verdict_because(compare, comparison));
    put_tone(comparison, TONE_EQUAL, true, "Identical to", &line);
    text_put(out, line.s);
    text_free(&line);
}

static void put_verdict(const struct compare *compare, const struct comparison *comparison,
                        const struct contrast *c, struct text *out) {
    const char *other = comparison->variants[comparison->reference].name;
    const char *unit = metric_info(c->metric)->unit, *gap = *unit ? " " : "";
    double margin = compare->margins[c->metric];
    switch (c->verdict) {
    case VERDICT_NONE:
        text_add(out, "no verdict (%s)", compare_words_weights(comparison, c));
        break;
    case VERDICT_IDENTICAL:
        text_add(out, "equal to %s on every image", other);
        break;
    case VERDICT_TOO_FEW:
        text_add(out, "too few images in common with %s for a verdict", other);
        break;
    case VERDICT_MORE:
    case VERDICT_LESS:
        text_add(out, "%s than %s, by at least the margin of %g%s%s",
                 c->verdict == VERDICT_MORE ? "better" : "worse", other, margin, gap, unit);
        break;
    case VERDICT_MORE_BELOW:
    case VERDICT_LESS_BELOW:
        text_add(out, "measurably %s than %s, but by less than the margin of %g%s%s",
                 c->verdict == VERDICT_MORE_BELOW ? "better" : "worse", other, margin, gap, unit);
        break;
    case VERDICT_EQUIVALENT:
        text_add(out, "equivalent to %s: the interval lies within \u00b1%g%s%s", other, margin, gap,
                 unit);
        break;
    case VERDICT_INCONCLUSIVE:
        text_add(out, "cannot be told from %s by these images", other);
        break;
    }
    enum tone tone = compare_words_tone(c->verdict);
    if ((tone == TONE_BETTER || tone == TONE_WORSE) && !(c->p_holm < 0.05))
        text_add(out, "; not significant once adjusted for all comparisons (Holm p = %.2g)",
                 c->p_holm);
    text_put(out, ".");
}

/* How large a difference these images could have shown. */
static void put_power(const struct compare *compare, const struct contrast *c, struct text *out) {
    const char *unit = metric_info(c->metric)->unit, *gap = *unit ? " " : "";
    double margin = compare->margins[c->metric];
    double needed = paired_images_needed(&c->paired, margin);
    if (c->verdict == VERDICT_INCONCLUSIVE && needed > 0)
        text_add(out, " About %.0f images would find a difference of the margin, %g%s%s.", needed,
                 margin, gap, unit);
    if (c->paired.dropped)
        text_add(out, " The metric does not apply to %zu more.", c->paired.dropped);
}

void compare_words_contrast(const struct compare *compare, const struct comparison *comparison,
                            const struct contrast *c, struct text *out) {
    const struct compare_variant *a = &comparison->variants[comparison->reference];
    const struct compare_variant *b = &comparison->variants[c->variant];
    const struct metric_info *info = metric_info(c->metric);
    const struct paired *p = &c->paired;
    const char *gap = *info->unit ? " " : "";
    if (!p->n) {
        text_add(out, "no image has a value of %s for both.", info->name);
        return;
    }
    put_verdict(compare, comparison, c, out);
    int places = compare_words_places(&p->interval);
    if (c->verdict == VERDICT_IDENTICAL) {
        text_add(out, " On %zu image%s its %s (%s) is %.*f%s%s, as that of %s.", p->n,
                 p->n == 1 ? "" : "s", info->title, info->name, places, b->means[c->metric], gap,
                 info->unit, a->name);
        return;
    }
    text_add(out, " On %zu image%s its %s (%s) is %.*f%s%s against %.*f%s%s for %s", p->n,
             p->n == 1 ? "" : "s", info->title, info->name, places, b->means[c->metric], gap,
             info->unit, places, a->means[c->metric], gap, info->unit, a->name);
    text_add(out, ": a difference of %+.*f%s%s [%+.*f, %+.*f] at %g %%", places, p->mean, gap,
             info->unit, places, p->interval.low, places, p->interval.high,
             100 * compare->bootstrap.level);
    if (info->ideal != IDEAL_HIGHEST) text_put(out, " towards the better");
    text_add(out, "; better on %zu, equal on %zu, worse on %zu.", p->wins, p->ties, p->losses);
    put_power(compare, c, out);
}
