/* Spectra in report.html, as inline SVG. */
#ifndef REPORT_PAGE_SPECTRA_H
#define REPORT_PAGE_SPECTRA_H

#include "base/text.h"
#include "report/compare.h"

/* Power of the outputs over spatial frequency, a line for every variant and one for the targets;
 * with targets also the power as a ratio to the target's, and the Fourier ring correlation. Under
 * each drawing its numbers. Nothing where no image has a spectrum. */
void page_spectra(const struct comparison *comparison, struct text *out);

#endif
