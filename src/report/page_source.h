/* Where a page came from: versions, hashes, files, command, and the runs that it read back. */
#ifndef REPORT_PAGE_SOURCE_H
#define REPORT_PAGE_SOURCE_H

#include "base/text.h"
#include "report/page.h"

void page_source(const struct page *page, struct text *out);

#endif
