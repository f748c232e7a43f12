/* Images on their way into the networks, as run and probe read them. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "cli/options.h"
#include "config/config.h"
#include "image/decode.h"
#include "image/folder.h"

struct input_reader {
    const struct options *options; /* --pairs, --label-from-name */
    const struct config_variant *variant;
    struct image_decoder *decoder;
    const struct folder *targets; /* empty without */
};

/* SHA-256 of the files as they were when they were hashed, empty where that failed. A file without
 * one is not read, even if it can be by now. */
struct input_digests {
    const char *image, *target;
};

struct input {
    struct image image;  /* as the networks see it */
    struct image target; /* without pixels: there is none */
    struct extent own;   /* of the image before it was made to fit; 0 until it is read */
    struct extent size;  /* of the networks' input */
    int label;           /* -1: not of its own */
    float *tensor;       /* [channels_in, size] */
};

/* STATUS_BAD_INPUT for options about images that exclude each other. */
bool input_check_options(const struct options *options, struct err *err);

/* The size that the variants must fit: the config's, or with resize native and none given that of
 * the image `first`. */
bool input_common_size(const struct input_reader *reader, const struct folder_item *first,
                       struct extent *size, struct err *err);

/* Reads an image, its target and its label; `digests` may be NULL. `worker` as in decoder_read. The
 * caller frees `out` with input_free, also after a failure. */
bool input_read(const struct input_reader *reader, int worker, const struct folder_item *file,
                const struct input_digests *digests, struct input *out, struct err *err);
void input_free(struct input *input); /* idempotent */

#endif
