/* Plots of report.html, as inline SVG. */
#ifndef REPORT_PAGE_PLOTS_H
#define REPORT_PAGE_PLOTS_H

#include "base/text.h"
#include "report/results.h"
#include "report/timing.h"

/* One image is one thread of dots over the variants; the mean of each variant is a bar. Nothing is
 * drawn where no image has a value. */
void page_plot_metric(const struct results *results, enum metric metric, struct text *out);

/* Median time per image of every variant, with the range from fastest to 95 %. */
void page_plot_times(const struct timing *timing, struct text *out);

#endif
