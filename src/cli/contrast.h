/* From a config's `compare` to what compare.h wants; shared by run and compare. */
#ifndef CLI_CONTRAST_H
#define CLI_CONTRAST_H

#include "report/compare.h"

/* Sets primary metric, margins and reference where they are given. A reference that is not among
 * the members is left out: the first variant then is. */
bool contrast_configure(struct compare *compare, const char *primary, const char *reference,
                        const struct config_margin *margins, int margin_count, struct err *err);

#endif
