/* What the manual says and no table holds, in troff. */
#ifndef CLI_MANUAL_PROSE_H
#define CLI_MANUAL_PROSE_H

#include "cli/options.h"

extern const char manual_name[];
extern const char manual_description[];
extern const char manual_rest[]; /* the sections after the options */

/* What is to be said of a verb beyond its summary, or "". */
const char *manual_verb_prose(enum verb verb);

#endif
