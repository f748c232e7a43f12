/* Gates: conditions on the results that fail a comparison, as in
 *     --fail-if 'dsnr_hi(stride1-both) < dsnr_hi(stride2) - 0.5'
 * metric(variant) is the mean over images; there are numbers, + - * /, < <= > >= == !=, and, or,
 * and parentheses. */
#ifndef REPORT_GATE_H
#define REPORT_GATE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "metrics/metrics.h"

struct gate_node;

/* A parsed expression. Start it zeroed. */
struct gate {
    char *text;              /* as given */
    struct gate_node *nodes; /* in postfix order */
    int count;
};

/* Parses `text`, whose variants are among the names. STATUS_BAD_INPUT with the column (from 1) and
 * what is allowed there. The caller frees `out` with gate_free, also after a failure. */
bool gate_parse(const char *text, const char *const *variants, int variant_count, struct gate *out,
                struct err *err);
void gate_free(struct gate *gate); /* idempotent */

enum gate_result {
    GATE_PASSES,
    GATE_FAILS,    /* the condition holds */
    GATE_UNDECIDED /* it needs a metric that applies to no image, or divides by 0 */
};
/* means[variant * METRIC_COUNT + metric], NaN where a metric applies to no image. */
enum gate_result gate_evaluate(const struct gate *gate, const double *means);

/* Every metric(variant) of the expression with its mean: "dsnr_hi(a) = 5.12, dsnr_hi(b) = 6.4". */
void gate_values(const struct gate *gate, const char *const *variants, const double *means,
                 struct text *out);

#endif
