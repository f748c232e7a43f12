/* May a run go on with what another left? */
#ifndef CLI_RUN_SAME_H
#define CLI_RUN_SAME_H

#include "base/err.h"
#include "base/text.h"

/* Compares the run.json at `path` with the one that would be written now. False with a message that
 * names the fields when results could differ: config, weights, inputs, version, instruction set,
 * batch. Machine, threads and where files lie may differ. STATUS_BAD_INPUT; STATUS_IO when it
 * cannot be read. */
bool run_same(const char *path, const struct text *now, struct err *err);

#endif
