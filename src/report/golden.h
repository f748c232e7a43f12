/* Golden traces: a trace kept as JSON (trace_json), compared in words later. */
#ifndef REPORT_GOLDEN_H
#define REPORT_GOLDEN_H

#include "report/trace.h"

struct golden_result {
    struct text differences; /* one a line: "stride2: b7: decoded [512, 4, 4] -> [512, 3, 3]"; of a
                                variant with many the first ones, and how many more */
    int count;               /* of all */
};

/* Compares `trace` with the golden document `text` read from `name` (for messages). What the golden
 * file does not hold is not compared, but a variant or block that it lacks is a difference; nor are
 * explanations compared (equal_because, message, repairs). False
 * when it is no trace (STATUS_BAD_INPUT). The caller frees `out`. */
bool golden_compare(const char *name, const char *text, size_t length, const struct trace *trace,
                    struct golden_result *out, struct err *err);
void golden_free(struct golden_result *result); /* idempotent */

#endif
