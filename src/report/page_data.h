/* What the script of report.html reads, as JSON that cannot end a script element. */
#ifndef REPORT_PAGE_DATA_H
#define REPORT_PAGE_DATA_H

#include "report/compare.h"
#include "report/results.h"

/* The metrics that apply, and after them the largest difference from the first member:
 * {"metrics": [{"name", "title", "unit", "better", "ideal"}], "primary": index, "members": [name],
 * "images": [name], "values": [image][member][metric]}; null where one does not apply, "inf" for
 * the psnr of an output equal to its target. */
void page_data(const struct results *results, const struct compare *compare, struct text *out);

#endif
