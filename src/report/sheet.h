/* Contact sheets: images of one input side by side, labelled, with maps of their differences; and
 * an overview of several inputs. Nothing is resampled but by whole factors: small images are
 * enlarged, large ones shown as means. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "image/image.h"

struct sheet_variant {
    const char *name;          /* UTF-8, of any length */
    const char *note;          /* a few words under the output, such as a metric; NULL: none */
    const struct image *image; /* its output; NULL: there is none, and the cell says so */
};

struct sheet {
    const char *title;          /* NULL: none */
    const struct image *input;  /* NULL: none */
    const struct image *target; /* NULL: none, then differences are to the first variant's output */
    const struct sheet_variant *variants;
    int variant_count; /* 1 or more; many are wrapped into several rows */
};

/* Input and target, then for each variant its output and below it the difference to the target. A
 * legend gives the maps' scale and the factor that images are shown at. The caller frees the image,
 * which is RGB. Grey and RGB may be mixed; a difference of two sizes is
 * not drawn. */
struct image sheet_draw(const struct sheet *sheet);

struct sheet_row {
    const char *name;
    const struct image *input, *target; /* NULL: none */
    const struct image *const *outputs; /* one for each variant, NULL where there is none */
};

/* A row for each image, with columns for input and target (where any row has one) and each variant.
 * The caller frees it. */
struct image sheet_overview(const char *title, const char *const *variants, int variant_count,
                            const struct sheet_row *rows, int row_count);

#endif
