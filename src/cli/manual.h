/* The manual page, made from the table of options so that it cannot drift. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/text.h"

/* Appends stridelab(1) in troff with the man macros. */
void manual_write(struct text *out);

#endif
