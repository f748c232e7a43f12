/* Colour on standard output: statuses only, and only where somebody looks. */
#ifndef CLI_COLOR_H
#define CLI_COLOR_H

#include "cli/options.h"

/* Whether to paint: --color always or never decides; else NO_COLOR (not empty) forbids it
 * (no-color.org), CLICOLOR_FORCE (not empty, not 0) demands it, CLICOLOR=0 forbids it
 * (bixense.com/clicolors), and otherwise standard output is a terminal that is not dumb. */
bool color_wanted(enum color when);

/* Paints the statuses in finished text of trace, check and weights: ok green, resampled yellow,
 * mismatch and failure red. Nothing else changes: without the escapes it is the same text. */
void color_statuses(struct text *text);

#endif
