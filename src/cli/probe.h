/* What the parts of the probe share. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/input.h"
#include "cli/probe_graph.h"
#include "cli/session.h"
#include "metrics/spectrum.h"
#include "report/probe.h"

enum { PROBE_IMAGES = 8 }; /* at most, evenly spread over those given */

struct probe_job {
    const struct options *options;
    struct session session;
    struct image_decoder *decoder;
    struct folder images, targets;
    struct input *inputs; /* of the probed images; without a tensor: it could not be read */
    int input_count;
    struct probe_measure *measures; /* one a thread */
    struct probe doc;
    struct arena arena;
};

/* Some of the probed images: those of one size. */
struct probe_group {
    struct extent size;
    int images[PROBE_IMAGES]; /* among job->inputs */
    int count;
};

/* probe_images.c: chooses and reads the images. A bad one is added to err with STATUS_SOME_FAILED;
 * false when none is left. */
struct input_reader probe_reader(const struct probe_job *job);
bool probe_read_images(struct probe_job *job, struct err *err);

/* probe_engine.c: all members at one size, and engines for any nodes of their graph. */
struct probe_nets {
    struct graph graph;
    struct net *nets; /* per member */
    int count;
};
bool probe_nets_make(struct session *session, struct extent size, struct probe_nets *out,
                     struct err *err);
void probe_nets_free(struct probe_nets *nets); /* idempotent */

/* An engine over `roots` that takes one image at a time; outputs[root]. */
struct probe_run {
    struct engine *engine;
    float **outputs;
    int root_count;
};
bool probe_run_start(const struct session *session, const struct graph *graph, const int *roots,
                     int root_count, struct probe_run *out, struct err *err);
void probe_run_one(struct probe_run *run, const float *tensor, int label);
void probe_run_free(struct probe_run *run); /* idempotent */

/* probe_measure.c: two outputs as levels. Scratch of one thread. */
struct probe_measure {
    struct fft_cache plans;
    struct scratch keep, work;
};
struct probe_moved {
    double levels, max, dsnr[BAND_COUNT];
};
/* How far `changed` is from `unchanged`, both [c, h, w] outputs of `variant`; of a padded image
 * only its `own` size counts. */
struct probe_moved probe_compare(struct probe_measure *measure,
                                 const struct config_variant *variant, struct extent own,
                                 struct shape shape, const float *unchanged, const float *changed);
void probe_measure_free(struct probe_measure *measure); /* idempotent */

/* The parts: each adds to job->doc what a group of images gives. */
bool probe_blocks_of(struct probe_job *job, struct probe_nets *nets,
                     const struct probe_group *group, struct err *err);
bool probe_parting_of(struct probe_job *job, const struct probe_nets *nets,
                      const struct probe_group *group, struct err *err);
bool probe_norms_of(struct probe_job *job, struct probe_nets *nets, const struct probe_group *group,
                    struct err *err);

/* probe_blocks.c: fills every variant's list of blocks to probe from --block. */
bool probe_choose_blocks(struct probe_job *job, struct err *err);

#endif
