/* What a trace says of one variant beside its table of blocks, in words. */
#ifndef REPORT_TRACE_NOTES_H
#define REPORT_TRACE_NOTES_H

#include "report/trace.h"

struct trace_note {
    const char *label; /* "equal", "error", "resampled", ... */
    const char *text;
};

struct trace_notes {
    struct trace_note *notes;
    int count;
    size_t capacity; /* private */
    struct arena arena;
};

void trace_notes_make(const struct trace *trace, const struct trace_variant *variant,
                      struct trace_notes *out);
void trace_notes_free(struct trace_notes *notes); /* idempotent */

#endif
