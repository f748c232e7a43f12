/* The generators behind the presets, as pieces of JSON. Private to preset.c. */
#ifndef CONFIG_FAMILY_H
#define CONFIG_FAMILY_H

#include "config/config.h"

/* Blocks are counted from the outermost, 0, to the innermost, blocks - 1. */
typedef bool family_blocks(int block, int blocks);

struct family {
    const char *name, *description;
    int size, ngf, blocks, channels;
    enum style_mode style; /* with 40 rows of 128 where there is one */
    const char *down, *up; /* of "defaults" */
    const char *skip, *fit;
    const char *const *upsampled;      /* extra ops of all blocks, NULL at the end, or NULL */
    const char *outermost, *innermost; /* members of these blocks */
    const char *attention;             /* the op, or NULL */
    bool attention_on_input;           /* in extra.input, else in extra.encoded */
    family_blocks *has_attention;
    const char *bottleneck; /* the innermost block's op on encoded after attention, or NULL */
    const char *residual;   /* the op in extra.decoded, or NULL */
    family_blocks *has_residual;
    const char *const *variants; /* NULL at the end */
};

extern const struct family families[];
extern const int family_count;

#endif
