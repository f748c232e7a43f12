/* The shape trace: what every variant is at one input size, before any weight or image is read. The
 * writers below are views of it. */
#ifndef REPORT_TRACE_H
#define REPORT_TRACE_H

#include "base/text.h"
#include "net/equal.h"
#include "net/facts.h"
#include "report/diagnose.h"

struct trace_variant {
    const struct config_variant *config;
    struct extent size;
    struct net net;
    struct facts facts;
    int equal_to; /* the earliest variant of the trace that it cannot differ from, or -1 */
    const char *equal_because;   /* NULL without equal_to */
    struct extent differs_at[2]; /* nearest sizes at which the two would differ */
    int differs_count;
    int parts_from; /* the first variant that fits, when this one is not equal to any; or -1 */
    struct parting parting;     /* from that one */
    int resamples;              /* joins whose fit acts */
    bool trained;               /* the config gives trained_size, and it fits there: */
    struct diagnosis diagnosis; /* repairs when it does not fit */
    uint64_t waking; /* weights that no image of that size ever reached, and this one does */
};

struct trace {
    struct graph graph;
    struct trace_variant *variants;
    int count;
    bool ok; /* every variant fits */
    struct arena arena;
};

/* Traces `variants` at `size`, or each at its own when that is {0, 0}. The configs must outlive
 * `out`; the caller frees it. */
void trace_build(const struct config_variant *const *variants, int count, struct extent size,
                 struct trace *out);
void trace_free(struct trace *trace); /* idempotent */

/* True when the variant was built to the end, be it past joins that do not fit: its totals are
 * known. */
bool trace_is_whole(const struct trace_variant *variant);

const char *trace_join_name(enum join_status status); /* "ok", "resampled", "mismatch" */

enum trace_format { TRACE_TABLE, TRACE_JSON, TRACE_CSV, TRACE_MD, TRACE_SVG };

/* Appends the trace. `columns` bounds the width of a table (0: no bound; at least 80 are used). */
void trace_write(const struct trace *trace, enum trace_format format, int columns,
                 struct text *out);

/* The single writers. */
void trace_table(const struct trace *trace, int columns, struct text *out);
void trace_json(const struct trace *trace, struct text *out);
void trace_csv(const struct trace *trace, struct text *out);
void trace_md(const struct trace *trace, struct text *out);
void trace_svg(const struct trace *trace, struct text *out);

/* One line for each size from `from` to `to` in steps and each variant: does it fit, to what does
 * it come. Sizes are heights; the width is scaled as in the variant's own size, or equal to the
 * height without one. SVG is not a format of this. True when every variant fits at every size. */
bool trace_sweep(const struct config_variant *const *variants, int count, int from, int to,
                 int step, enum trace_format format, int columns, struct text *out);

#endif
