/* A progress bar on stderr: on a terminal only, never under CI, with rate and time left. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

#include "cli/options.h"

struct progress {
    bool shown;
    const char *unit;
    int done, total;
    double start, drawn;
};

/* `unit` says what is counted, in the plural: "images". */
struct progress progress_start(const struct options *options, int total, const char *unit);
void progress_add(struct progress *progress, int more); /* draws at most ten times a second */
void progress_end(struct progress *progress);           /* clears the line */

#endif
