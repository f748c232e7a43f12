/* Configs of known generators, ready to run: what `stridelab init` prints. */
#ifndef CONFIG_PRESET_H
#define CONFIG_PRESET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"

/* What differs from the preset's own values; zeroed it changes nothing. */
struct preset_options {
    struct extent size;
    int ngf;             /* channels of the outermost block */
    int blocks;          /* 2 to 64 */
    const int *channels; /* of every block, outermost first (then `blocks` is given); NULL: ngf x 1,
                            2, 4, 8, 8 ... */
    int channels_in, channels_out;
    int style_count, style_dim;
    bool no_style;
    const bool *attention;   /* for every block, outermost first (then `blocks` is given) */
    const bool *residual;    /* likewise, in the generators that have them */
    const char *weights;     /* path of a checkpoint; NULL: random weights */
    const char *weights_key; /* the dict in it that holds the tensors; NULL: there is one only */
};

int preset_count(void);
const char *preset_name(int index);
const char *preset_description(int index); /* one line */

/* Appends the config as JSON text. An unknown name, or values out of range: STATUS_BAD_INPUT. */
bool preset_write(const char *name, const struct preset_options *options, struct text *out,
                  struct err *err);

#endif
