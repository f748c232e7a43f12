/* The documents of a run. */
#ifndef CLI_RUN_WRITE_H
#define CLI_RUN_WRITE_H

#include "cli/run_images.h"

/* run.json (what is about to be done) and the shape trace of every variant at `size`. */
bool run_write_start(struct run *run, struct extent size, struct err *err);
/* --resume: false with a message unless OUT/run.json, if there is one, says what is about to be
 * done. */
bool run_write_is_same(struct run *run, struct err *err);
/* Timings, metrics, sheets and the report. */
bool run_write_end(struct run *run, struct extent size, struct err *err);

#endif
