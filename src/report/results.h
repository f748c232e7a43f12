/* What a run found, as the writers of reports read it. Strings and arrays are owned by whoever
 * filled it in. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/config.h"
#include "engine/bind.h"
#include "metrics/metrics.h"
#include "metrics/window.h"

/* One variant with one training seed. */
struct result_member {
    const char *variant;
    int seed, seed_count; /* from 1; seed_count 1: the variant has one checkpoint or none */
    enum origin origin;
    int initialised;     /* tensors made by the config's "init" */
    const char *weights; /* the checkpoint's path as in the config, NULL for random weights */
    const char *weights_sha256; /* NULL likewise */
    const char *runs_as;        /* the variant whose computation this one shares, or NULL */
    const char *folder;         /* below OUT: "<variant>" or "<variant>/seed-<k>" */
};

struct result_image {
    const char *stem, *path;
    const char *dir;  /* of the run that holds its input, target and outputs */
    const char *base; /* the same seen from the folder of the documents: "" or "../part1/" */
    const char *target, *target_link; /* where its target is, as read and as seen from the
                                         documents; NULL: in `dir` */
    const char *error;                /* NULL: done */
    int width, height;                /* of the output */
    int input_width, input_height;
    bool no_input; /* it is not in `dir` any more */
    bool has_target;
    const char *note;       /* why its target was not compared, or NULL */
    int label;              /* -1: none */
    char sha256[65];        /* of the input file; empty when it cannot be read */
    char target_sha256[65]; /* of the target file; empty without one */
};

struct results {
    const struct config *config;
    struct result_member *members;
    int member_count;
    struct result_image *images;
    int image_count;
    bool has_targets;
    double *metrics;          /* [image][member][METRIC_COUNT], NaN where it does not apply */
    double *targets;          /* [image][METRIC_COUNT]: the targets measured without a reference */
    struct profile *profiles; /* [image][member] */
    struct profile *target_profiles; /* [image] */
    struct window *worst;            /* [image][member]: where it differs most from its target */
    double *max_difference; /* [image][member]: largest |y - y of member 0| of the outputs */
    bool from_files;        /* outputs are the 8-bit images as saved; otherwise, of a run, floats */
};

/* The file of an image in a folder of its run ("inputs", "targets", a member's), as read and as a
 * path relative to the documents. The caller frees it. */
char *results_path(const struct result_image *image, const char *folder);
char *results_link(const struct result_image *image, const char *folder);

/* pairs.csv: image, variant, seed, output, target, for tools that compare image files; paths as
 * results_link gives them, no target where there is none. */
void results_pairs(const struct results *results, struct text *out);

static inline double *results_metrics(const struct results *r, int image, int member) {
    return r->metrics + ((size_t)image * (size_t)r->member_count + (size_t)member) * METRIC_COUNT;
}

static inline struct profile *results_profile(const struct results *r, int image, int member) {
    return r->profiles + (size_t)image * (size_t)r->member_count + (size_t)member;
}

static inline struct window *results_worst(const struct results *r, int image, int member) {
    return r->worst + (size_t)image * (size_t)r->member_count + (size_t)member;
}

static inline double *results_difference(const struct results *r, int image, int member) {
    return r->max_difference + (size_t)image * (size_t)r->member_count + (size_t)member;
}

#endif
