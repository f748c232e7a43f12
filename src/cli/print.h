/* Standard output: the result of a verb. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "cli/options.h"

/* Prints `text` and frees it. Returns `status`, or STATUS_IO when it cannot be written. */
enum status print_result(struct text *text, enum status status, struct err *err);

/* The columns that a table may use: those of the terminal, $COLUMNS, or 80. */
int print_columns(void);

/* False with a message unless `format` is one of the words in `allowed`. */
bool print_format_allowed(const struct options *options, const char *allowed, struct err *err);

#endif
