#include "metrics/paired.h"

#include <math.h>

#include "base/mem.h"
#include "metrics/stats.h"

/* The images that all seeds of both designs have, packed: a[seeds][n], b[seeds][n], d[n]. */
struct packed {
    double *a, *b, *d;
    size_t n;
};

static bool has_image(const struct paired_sample *s, size_t images, size_t i) {
    for (int k = 0; k < s->seeds; k++)
        if (isnan(s->values[(size_t)k * images + i])) return false;
    return true;
}

static double mean_over_seeds(const double *v, int seeds, size_t n, size_t i) {
    double sum = 0;
    for (int k = 0; k < seeds; k++) sum += v[(size_t)k * n + i];
    return sum / seeds;
}

static double *pack_one(const struct paired_sample *s, size_t images, const bool *kept, size_t n) {
    double *out = mem_array((size_t)s->seeds * n, sizeof *out);
    for (int k = 0; k < s->seeds; k++) {
        size_t to = (size_t)k * n;
        for (size_t i = 0; i < images; i++)
            if (kept[i]) out[to++] = s->values[(size_t)k * images + i];
    }
    return out;
}

static struct packed pack(const struct paired_sample *a, const struct paired_sample *b,
                          size_t images) {
    struct packed p = {0};
    bool *kept = mem_array(images ? images : 1, sizeof *kept);
    for (size_t i = 0; i < images; i++) {
        kept[i] = has_image(a, images, i) && has_image(b, images, i);
        p.n += kept[i];
    }
    if (p.n) {
        p.a = pack_one(a, images, kept, p.n);
        p.b = pack_one(b, images, kept, p.n);
        p.d = mem_array(p.n, sizeof *p.d);
        for (size_t i = 0; i < p.n; i++)
            p.d[i] =
                mean_over_seeds(p.b, b->seeds, p.n, i) - mean_over_seeds(p.a, a->seeds, p.n, i);
    }
    mem_free(kept);
    return p;
}

static void count_wins(struct paired *out, const double *d, size_t n) {
    for (size_t i = 0; i < n; i++) {
        out->wins += d[i] > 0;
        out->ties += d[i] == 0;
        out->losses += d[i] < 0;
    }
    out->superiority = ((double)out->wins + (double)out->ties / 2) / (double)n;
}

struct paired paired_compare(const struct paired_sample *a, const struct paired_sample *b,
                             size_t images, const struct bootstrap_options *options) {
    struct paired out = {.mean = NAN,
                         .median = NAN,
                         .sd = NAN,
                         .hodges_lehmann = NAN,
                         .interval = {NAN, NAN, INTERVAL_DEGENERATE},
                         .wilcoxon = {.p = NAN},
                         .rank_biserial = NAN,
                         .d_z = NAN,
                         .superiority = NAN,
                         .detectable = NAN};
    struct packed p = pack(a, b, images);
    out.n = p.n;
    out.dropped = images - p.n;
    if (!p.n) return out;
    out.mean = stats_mean(p.d, p.n);
    out.median = stats_median(p.d, p.n);
    out.sd = stats_sd(p.d, p.n);
    out.hodges_lehmann = stats_hodges_lehmann(p.d, p.n);
    count_wins(&out, p.d, p.n);
    if (a->seeds > 1 || b->seeds > 1)
        out.interval = bootstrap_hierarchical(p.a, a->seeds, p.b, b->seeds, p.n, options);
    else
        out.interval = bootstrap_bca(p.d, p.n, options);
    out.wilcoxon = wilcoxon_signed_rank(p.d, p.n);
    double ranks = out.wilcoxon.w_plus + out.wilcoxon.w_minus;
    if (ranks > 0) out.rank_biserial = (out.wilcoxon.w_plus - out.wilcoxon.w_minus) / ranks;
    if (p.n < PAIRED_FEWEST) out.wilcoxon.p = NAN;
    if (out.sd > 0) out.d_z = out.mean / out.sd;
    /* 1.96 + 0.84: two-sided 5 %, power 80 % */
    out.detectable = 2.8 * out.sd / sqrt((double)p.n);
    mem_free(p.a);
    mem_free(p.b);
    mem_free(p.d);
    return out;
}

double paired_images_needed(const struct paired *paired, double margin) {
    if (!(margin > 0) || !(paired->sd > 0)) return 0;
    double ratio = 2.8 * paired->sd / margin;
    return ceil(ratio * ratio);
}

enum verdict paired_verdict(const struct paired *p, double margin) {
    if (!p->n || !(margin > 0)) return VERDICT_NONE;
    if (p->ties == p->n) return VERDICT_IDENTICAL;
    if (p->n < PAIRED_FEWEST) return VERDICT_TOO_FEW;
    if (p->interval.low > 0) return p->hodges_lehmann >= margin ? VERDICT_MORE : VERDICT_MORE_BELOW;
    if (p->interval.high < 0)
        return p->hodges_lehmann <= -margin ? VERDICT_LESS : VERDICT_LESS_BELOW;
    if (p->interval.low > -margin && p->interval.high < margin) return VERDICT_EQUIVALENT;
    return VERDICT_INCONCLUSIVE;
}

const char *verdict_name(enum verdict verdict) {
    switch (verdict) {
    case VERDICT_NONE:
        return "none";
    case VERDICT_IDENTICAL:
        return "identical";
    case VERDICT_TOO_FEW:
        return "too-few-images";
    case VERDICT_MORE:
        return "keeps-more";
    case VERDICT_MORE_BELOW:
        return "more-below-margin";
    case VERDICT_LESS:
        return "keeps-less";
    case VERDICT_LESS_BELOW:
        return "less-below-margin";
    case VERDICT_EQUIVALENT:
        return "equivalent";
    case VERDICT_INCONCLUSIVE:
        return "inconclusive";
    }
    return "";
}

const char *verdict_text(enum verdict verdict) {
    switch (verdict) {
    case VERDICT_NONE:
        return "is not judged against";
    case VERDICT_IDENTICAL:
        return "is equal on every image to";
    case VERDICT_TOO_FEW:
        return "has too few images in common with";
    case VERDICT_MORE:
        return "keeps more than";
    case VERDICT_MORE_BELOW:
        return "keeps measurably more, below the margin, than";
    case VERDICT_LESS:
        return "keeps less than";
    case VERDICT_LESS_BELOW:
        return "keeps measurably less, below the margin, than";
    case VERDICT_EQUIVALENT:
        return "is equivalent to";
    case VERDICT_INCONCLUSIVE:
        return "cannot be told from";
    }
    return "";
}
