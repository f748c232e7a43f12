/* What a checkpoint's tensor names and shapes tell of the generator that it belongs to. */
#ifndef ENGINE_RECOGNISE_H
#define ENGINE_RECOGNISE_H

#include "config/config.h"
#include "weights/checkpoint.h"

#define RECOGNISE_LEVELS_MAX 32

enum seen_up { /* the form of a decoder */
               SEEN_UP_NONE,
               SEEN_UP_CONV_TRANSPOSE,
               SEEN_UP_PIXEL_SHUFFLE,      /* up.1 is a convolution to 4 times the channels */
               SEEN_UP_UPSAMPLE_FUSION,    /* up.1.upsample.1 and up.1.fusion_conv */
               SEEN_UP_PIXEL_SHUFFLE_POST, /* up.1.conv and up.1.post_conv */
               SEEN_UP_UNKNOWN
};

enum seen_norm { SEEN_NORM_NONE, SEEN_NORM_AFFINE, SEEN_NORM_RUNNING };

enum family {
    FAMILY_UNKNOWN,
    FAMILY_ZI2ZI_2020,    /* A */
    FAMILY_ZI2ZI_2025_03, /* B */
    FAMILY_ZI2ZI_2025_04, /* C */
    FAMILY_ZI2ZI_SHUFFLE, /* D: 2025-12 and 2026-03 */
    FAMILY_PIX2PIX        /* E */
};

struct seen_level {
    int in, channels; /* of the down convolution */
    struct extent down_kernel;
    bool down_bias;
    enum seen_norm down_norm;
    enum seen_up up;
    int up_in, up_out; /* channels that the decoder reads and gives; 0 when there is none */
    struct extent up_kernel;
    bool up_bias;
    enum seen_norm up_norm;
    const char *attention;  /* "self_attn", "att", "attn_block", or NULL */
    int attention_channels; /* of the map that it acts on: `in` or `channels` of the level */
    int attention_keys;     /* channels of its queries and keys */
    const char *residual;   /* "res_skip", or NULL */
    int residual_layers;
    bool transformer, film;
};

struct seen {           /* start it zeroed */
    enum naming naming; /* NAMING_AUTO: no level was found */
    enum family family;
    struct seen_level levels[RECOGNISE_LEVELS_MAX]; /* outermost first */
    int level_count;
    int style_count, style_dim; /* 0: no embedding */
};

/* The tensor of that name, with or without a leading "module.", or NULL. */
const struct tensor *recognise_find(const struct checkpoint *checkpoint, const char *name);

/* Reads zi2zi's and pix2pix's names. A file with neither gives no levels. Never fails: what does
 * not fit is left out. */
void recognise_read(const struct checkpoint *checkpoint, struct seen *out);

/* "generator D (pixel shuffle, norm at up.3)" and so on: the family in words. */
const char *recognise_family_words(enum family family);

#endif
