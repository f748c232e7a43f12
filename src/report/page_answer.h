/* The top of report.html: what the run says, in words, with its evidence. */
#ifndef REPORT_PAGE_ANSWER_H
#define REPORT_PAGE_ANSWER_H

#include "report/page.h"

void page_answer(const struct page *page, struct text *out);

#endif
