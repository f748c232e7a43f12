/* OUT: whose it is, and what of an older run goes. */
#ifndef CLI_RUN_OUT_H
#define CLI_RUN_OUT_H

#include "cli/run_images.h"

/* Makes OUT and takes it for this run: STATUS_IO "in use by process N" when another one has it,
 * STATUS_BAD_INPUT when it is not empty and neither --resume nor --force was given, when --resume
 * finds no run in it, or when a folder of results is that of --images or --targets. */
bool run_out_take(struct run *run, struct err *err);

/* --force: removes the results of the older run in OUT, as its run.json lists them, and nothing
 * else. */
bool run_out_clear(struct run *run, struct err *err);

/* The folders below OUT; removes what killed runs left half-written in them. */
bool run_out_make_folders(const struct run *run, struct err *err);

/* A variant's folder must not be one of the run's own names. */
bool run_out_check_names(const struct session *session, struct err *err);

#endif
