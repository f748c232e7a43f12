/* The difference of two variants in words: what their configs say differently, whether that can
 * act, and what follows from it. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/trace.h"

/* Appends the explanation at `size` ({0, 0}: each at its own), in lines of at most `columns` (0: no
 * bound). */
void explain(const struct config_variant *a, const struct config_variant *b, struct extent size,
             int columns, struct text *out);

#endif
