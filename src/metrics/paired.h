/* Two designs over the same images: a paired comparison of one metric, and its verdict. */
#ifndef METRICS_PAIRED_H
#define METRICS_PAIRED_H

#include <stdbool.h>

#include "metrics/bootstrap.h"
#include "metrics/wilcoxon.h"

#define PAIRED_FEWEST 6  /* fewer images cannot reach p < .05: the least p is 2 / 2^n */
#define PAIRED_FEW    10 /* fewer: the interval is printed with a warning */

/* Values where more is better (metric_oriented), [seed][image]; NaN where the metric does not
 * apply. */
struct paired_sample {
    const double *values;
    int seeds;
};

struct paired {
    size_t n;                /* images compared */
    size_t dropped;          /* images where a value of either design is NaN */
    double mean, median, sd; /* of d = b - a, each averaged over its training seeds */
    double hodges_lehmann;
    size_t wins, ties, losses; /* images where b is better, equal, worse */
    struct interval interval;  /* of the mean */
    struct wilcoxon wilcoxon;  /* p is NaN under PAIRED_FEWEST images */
    double rank_biserial;      /* (W+ - W-) / (W+ + W-) (Kerby 2014); NaN when all d are 0 */
    double d_z;                /* mean / sd; NaN when sd is 0 */
    double superiority;        /* (wins + ties / 2) / n */
    double detectable;         /* 2.8 sd / sqrt(n): found four times in five at p < .05 */
};
/* All NaN (and zero counts) when no image has both. */
struct paired paired_compare(const struct paired_sample *a, const struct paired_sample *b,
                             size_t images, const struct bootstrap_options *options);

/* How many images would make the detectable effect as small as the margin; 0 when that is not
 * defined. */
double paired_images_needed(const struct paired *paired, double margin);

enum verdict {
    VERDICT_NONE,       /* no image, or no margin: nothing is judged */
    VERDICT_IDENTICAL,  /* every difference is 0 */
    VERDICT_TOO_FEW,    /* images */
    VERDICT_MORE,       /* interval above 0, Hodges-Lehmann at least the margin */
    VERDICT_MORE_BELOW, /* interval above 0, Hodges-Lehmann below the margin */
    VERDICT_LESS,
    VERDICT_LESS_BELOW,
    VERDICT_EQUIVALENT, /* interval inside (-margin, margin) */
    VERDICT_INCONCLUSIVE
};
enum verdict paired_verdict(const struct paired *paired, double margin);
const char *verdict_name(enum verdict verdict); /* "keeps-more", for JSON */
const char *verdict_text(enum verdict verdict); /* "keeps more than", a predicate between b and a */

#endif
