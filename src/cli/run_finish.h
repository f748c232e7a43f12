/* What a run does with the outputs of one image: encode, write, measure. */
#ifndef CLI_RUN_FINISH_H
#define CLI_RUN_FINISH_H

#include "cli/run_outputs.h"

/* One image on its way through a batch. */
struct run_item {
    int index; /* among run->images */
    struct input input;
    float **outputs;        /* per root */
    struct err err;         /* of this image alone */
    struct err fatal;       /* of the output: going on is pointless */
    char note[96];          /* why the target was not compared */
    struct digest *digests; /* of its files; NULL: none was written */
};

/* Writes the files of an item whose outputs are computed, and its results; fills in item->digests,
 * item->note and, when a file cannot be written, item->fatal. */
void run_finish(struct run *run, const struct planned *planned, struct run_item *item, int worker);

#endif
