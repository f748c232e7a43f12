/* The documents about all images of a run: metrics.csv, metrics.json, pairs.csv and report.html, as
 * `run` and `compare` write them. */
#ifndef CLI_DOCUMENTS_H
#define CLI_DOCUMENTS_H

#include "report/page.h"

/* Members, images and values of the results as `compare` wants them, with what their config says of
 * the comparison; a reference that is not among the members is left out: the first variant then is.
 * Arrays live in `arena`; the results must outlive them. STATUS_BAD_INPUT for a metric that there
 * is not. */
bool documents_compare(const struct results *results, struct arena *arena, struct compare *compare,
                       struct err *err);

/* Writes all four into `dir`; they are on the disk after the next file_sync. STATUS_IO. */
bool documents_write(const char *dir, const struct page *page, struct err *err);

/* Their names; NULL past the last one. */
const char *documents_name(int index);

#endif
