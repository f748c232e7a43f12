/* Plots of report.html, as inline SVG. */
#ifndef REPORT_PAGE_PLOTS_H
#define REPORT_PAGE_PLOTS_H

#include "report/page.h"

/* Values of every image above: an image is one thread of dots over the variants, with quartiles and
 * the mean of each variant; below, the differences of every image against the reference, with the
 * mean and its interval. Nothing is drawn where no image has a value. */
void page_plot_metric(const struct page *page, enum metric metric, struct text *out);

#endif
