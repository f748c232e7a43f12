/* The answer of report.html as a drawing. */
#ifndef REPORT_PAGE_FOREST_H
#define REPORT_PAGE_FOREST_H

#include "base/text.h"
#include "report/compare.h"

/* The primary metric's contrasts: differences with intervals, the margin as a band, the verdict. */
void page_forest(const struct compare *compare, const struct comparison *comparison,
                 struct text *out);

#endif
