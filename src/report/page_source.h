/* Where a run came from, in report.html: versions, hashes, files, command. */
#ifndef REPORT_PAGE_SOURCE_H
#define REPORT_PAGE_SOURCE_H

#include "base/text.h"
#include "report/results.h"
#include "report/run_json.h"

void page_source(const struct results *results, const struct run_facts *facts, struct text *out);

#endif
