/* The grid of images of report.html: rows are images, columns input, target and variants. */
#ifndef REPORT_PAGE_IMAGES_H
#define REPORT_PAGE_IMAGES_H

#include "base/text.h"
#include "report/results.h"

/* Images are put inside the page when all of them together are at most `embed_limit` bytes, and
 * referred to beside it otherwise. */
void page_images(const struct results *results, size_t embed_limit, struct text *out);

#endif
