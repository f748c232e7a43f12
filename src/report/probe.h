/* What probing found: how much each block's result matters to the output, where two variants part
 * ways, and what a checkpoint's batch norms give with other statistics. "stridelab.probe/1".
 *
 * Outputs are compared as levels, (y * std + mean) * 255 clamped to [0, 255] and not rounded, so
 * that a change below one level of a saved image is seen too. */
#ifndef REPORT_PROBE_H
#define REPORT_PROBE_H

#include "base/text.h"
#include "engine/bind.h"
#include "metrics/spectrum.h"
#include "net/graph.h"

/* What takes the place of a block's result: what is joined with the kept skip. */
enum probe_what {
    PROBE_ZERO,   /* zeros */
    PROBE_MEAN,   /* each channel's mean over the positions of the image */
    PROBE_SHUFFLE /* the result that the next image gives, with this image's label */
};
#define PROBE_WHATS 3
const char *probe_what_name(enum probe_what what); /* "zero", "mean", "shuffle" */

/* How far an output moved, over images. */
struct probe_change {
    int images;
    double levels;           /* mean absolute change, of 255; C of one image is this over 255 */
    double max;              /* largest change of a pixel, of 255 */
    double dsnr[BAND_COUNT]; /* dB, against the unchanged output; mean of the images that have it */
    int dsnr_images[BAND_COUNT];
};
void probe_add_change(struct probe_change *change, double levels, double max,
                      const double dsnr[BAND_COUNT]); /* of one more image */

struct probe_block {
    const char *name;
    struct shape shape; /* of what is joined, at the first image's size */
    struct probe_change changes[PROBE_WHATS];
    /* With zeros here this variant and the reference, with zeros in its block of this name, are one
     * computation G_0. Then |G_a - G_b| <= |G_a - G_0| + |G_0 - G_b|: what both blocks move bounds
     * how far the outputs differ. */
    bool alone;
};

/* A variant against the reference at one place of a block. */
struct probe_step {
    const char *block, *stage; /* stage: "encoded", "decoded", "joined" */
    bool missing;              /* the reference has no such block */
    bool same;                 /* one computation for both: nothing was measured */
    struct shape reference, shape;
    int images;   /* measured; 0 where the shapes differ */
    double mean;  /* mean of |a - b| / rms(a), a the reference's, then over images */
    double max;   /* largest |a - b| / rms(a) of all images */
    bool differs; /* in any bit, or in shape */
};
/* One more image: the differences relative to the reference's rms. */
void probe_add_step(struct probe_step *step, double mean, double max);

/* Which statistics the batch norms use. */
enum probe_norm { PROBE_RUNNING, PROBE_IMAGE, PROBE_BATCH };
#define PROBE_NORMS 3
const char *probe_norm_name(enum probe_norm norm); /* "running", "image", "batch" */

struct probe_norm_mode {
    struct probe_change change; /* against running */
    int targets;
    double l1; /* of the saved output against its target, as the metric l1 */
};

void probe_add_l1(struct probe_norm_mode *mode, double l1); /* NaN: no target */

struct probe_variant {
    const char *name;
    int seed, seeds;     /* seed from 1 */
    const char *runs_as; /* the earlier variant whose computation this one is, or NULL */
    enum origin origin;  /* of the weights */
    struct probe_block *blocks;
    int block_count;
    struct probe_step *steps; /* empty for the reference */
    int step_count;
    struct probe_change output; /* against the reference's */
    int batch_norms;            /* with running statistics; 0: `norms` is empty */
    int single;                 /* of them on maps of one position: PROBE_IMAGE is empty */
    struct probe_norm_mode norms[PROBE_NORMS];
};

struct probe {
    const char *reference;
    const char **images;
    int image_count, available;     /* those probed, of how many */
    bool sampled;                   /* not all were wanted; others could not be read */
    struct probe_variant *variants; /* the reference first */
    int variant_count;
};

void probe_json(const struct probe *probe, struct text *out);
/* A row a number: variant, seed, part (block, parting, norm), block, what, images, mean, max,
 * dsnr_lo, dsnr_mid, dsnr_hi, l1. Means and maxima are levels, for parting relative to the rms. */
void probe_csv(const struct probe *probe, struct text *out);
/* The tables, and what they mean in words; `markdown` as Markdown. */
void probe_table(const struct probe *probe, bool markdown, struct text *out);

/* The most by which the outputs can differ, in levels, mean over images, when `block` of a variant
 * is alone; else NaN. */
double probe_bound(const struct probe *probe, const struct probe_block *block);

/* The variant's label: "stride2", or "stride2 seed 2" when there are several; valid until the next
 * call with the same `buffer`. */
const char *probe_label(const struct probe_variant *variant, char *buffer, size_t size);

#endif
