/* report.html: one page that opens from a file and needs no network. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/compare.h"
#include "report/results.h"
#include "report/run_json.h"
#include "report/timing.h"
#include "report/trace.h"

struct page {
    const struct results *results;
    const struct run_facts *facts; /* of the command that writes the page */
    const struct run_facts *runs;  /* whose outputs it read back; none of a run's own page */
    int run_count;
    const struct trace *trace;
    const struct timing *timing; /* NULL: nothing was timed */
    const struct compare *compare;
    const struct comparison *comparison;
};

void page_write(const struct page *page, struct text *out);

#endif
