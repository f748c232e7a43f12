/* Pieces that the drawings of report.html share. */
#ifndef REPORT_PAGE_SVG_H
#define REPORT_PAGE_SVG_H

#include "base/text.h"

#define PAGE_SVG_LETTER 6 /* the width of a letter in pixels, about */

/* The inside of a text element: a name in at most `letters` letters, the whole of it as a tooltip.
 * Names of variants are ASCII. */
void page_svg_name(const char *name, int letters, struct text *out);

#endif
