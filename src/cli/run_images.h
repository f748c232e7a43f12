/* The way of the images of a run: decode, compute, encode, measure, a batch at a time; each stage
 * on all threads. */
#ifndef CLI_RUN_IMAGES_H
#define CLI_RUN_IMAGES_H

#include "cli/input.h"
#include "cli/session.h"
#include "report/results.h"
#include "report/timing.h"

/* See run_journal.h. */
struct journal {
    int fd;
    char *path;    /* NULL: not open */
    double synced; /* when the disk had it all, and how long that took */
    double waited;
};

struct run {
    const struct options *options;
    struct session session;
    struct image_decoder *decoder;
    struct folder images, targets; /* targets is empty without --targets */
    struct results results;
    struct metrics_context **metrics; /* one a thread */
    struct timing_plan timing;
    struct journal journal;
    struct arena arena;      /* strings of results */
    struct planned *planned; /* the plan whose steps are timed: the first one used */
};

/* How the images of a run are read. */
struct input_reader run_reader(const struct run *run);

/* Runs all images of run->images that are not done yet (results.images[i].width == 0) and writes
 * their outputs. A bad image is noted in its result and the others go on; false only when going on
 * is pointless (an output cannot be written). Stops between batches when a signal came. */
bool run_images(struct run *run, struct err *err);

#endif
