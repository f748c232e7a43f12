/* The comparison of variants: from metrics of every image to statistics, verdicts in words, and the
 * files metrics.csv and metrics.json.
 *
 * What may be concluded: a verdict is passed only between variants with weights trained for them.
 * An edit under transplanted weights is described, not judged; under random weights nothing about
 * quality is said. One checkpoint a variant is one draw: the text says so. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"
#include "engine/bind.h"
#include "metrics/metrics.h"
#include "metrics/paired.h"
#include "report/spectra.h"

/* One variant with one training seed. */
struct compare_member {
    const char *variant;
    int seed; /* from 1 */
    enum origin origin;
    const char *folder; /* of its outputs, below OUT */
};

/* What is compared. Nothing is owned. Names of variants are as the config allows them; two runs
 * that are compared together must not share one. */
struct compare {
    const char *const *images; /* file names without ending */
    int image_count;
    const struct compare_member *members; /* the seeds of a variant stand together */
    int member_count;
    const double *values;  /* [image][member][METRIC_COUNT] of metrics_compare_prepared */
    const double *targets; /* [image][METRIC_COUNT]: the targets themselves, measured without a
                              reference, for checkerboards that they have too; or NULL */
    const struct profile *profiles;        /* [image][member], or NULL: no spectra */
    const struct profile *target_profiles; /* [image], or NULL */
    const char *reference;                 /* a variant, or NULL: the first */
    enum metric primary;
    double margins[METRIC_COUNT];
    struct bootstrap_options bootstrap;
};
/* Everything empty but primary (dsnr_hi), margins and bootstrap. */
struct compare compare_defaults(void);

/* The origin of that name (bind_origin_name); false when there is none. */
bool compare_origin(const char *name, enum origin *origin);

struct compare_variant {
    const char *name;
    int first, seeds;           /* its members */
    enum origin origin;         /* the least of its members' */
    double means[METRIC_COUNT]; /* over images and seeds where the metric applies, else NaN */
    int applies[METRIC_COUNT];  /* how many values that are */
    int checkerboards;          /* outputs with one that their targets do not have */
};

/* One variant against the reference on one judged metric. */
struct contrast {
    int variant;
    enum metric metric;
    struct paired paired; /* positive: the variant is better than the reference */
    double p_holm;        /* within its family: the primary metric, or all others; NaN without p */
    enum verdict verdict; /* VERDICT_NONE where nothing may be concluded */
};

struct comparison {
    struct compare_variant *variants;
    int variant_count, reference;
    struct contrast *contrasts; /* those of the primary metric first, then by variant */
    int contrast_count, primary_count;
    struct spectra spectra; /* of the variants in this order */
};

/* STATUS_BAD_INPUT when the reference is no variant. The same for any pool. The caller frees `out`
 * with comparison_free. */
bool compare_analyse(const struct compare *compare, struct pool *pool, struct comparison *out,
                     struct err *err);
void comparison_free(struct comparison *comparison); /* idempotent */

/* The values of one image and member, METRIC_COUNT of them. */
const double *compare_values(const struct compare *compare, int image, int member);
/* The column is in metrics.csv: some image has a value, or psnr is infinite. */
bool compare_has_metric(const struct compare *compare, enum metric metric);

/* metrics.csv: image, variant, seed, then the metrics that apply; "inf" for psnr of an output equal
 * to its target, an empty cell where a metric does not apply. */
void compare_csv(const struct compare *compare, struct text *out);
/* metrics.json, "stridelab.metrics/1". */
void compare_json(const struct compare *compare, const struct comparison *comparison,
                  struct text *out);
/* The comparison in words, for a terminal or a report: the primary metric, and what must be said
 * beside it. */
void compare_summary(const struct compare *compare, const struct comparison *comparison,
                     struct text *out);
/* The other metrics, a table for each variant. */
void compare_details(const struct compare *compare, const struct comparison *comparison,
                     struct text *out);

/* What must be said beside the numbers of a variant against the reference, one sentence a line:
 * where the weights are from, how many seeds. Empty when there is nothing. */
void compare_caveats(const struct comparison *comparison, int variant, struct text *out);

#endif
