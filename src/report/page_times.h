/* The times of a run in report.html. */
#ifndef REPORT_PAGE_TIMES_H
#define REPORT_PAGE_TIMES_H

#include "base/text.h"
#include "report/timing.h"

/* Median time of one image of every variant and of all together, with every sample, the range from
 * fastest to 95 %, and the steps in a fold. */
void page_times(const struct timing *timing, struct text *out);

#endif
