/* From a checkpoint to the preset and the options that make a config for it (`init --from`). */
#ifndef ENGINE_RECOGNISE_PRESET_H
#define ENGINE_RECOGNISE_PRESET_H

#include "config/config.h"
#include "config/preset.h"
#include "engine/recognise.h"

#define RECOGNISED_SETS_MAX 8

struct lines { /* of text, in the owner's arena */
    const char **items;
    size_t count, capacity;
};

struct recognised {
    struct seen seen;
    const char *preset;
    struct preset_options options; /* `weights` is left to the caller */
    /* Where the file differs from the preset in what options cannot say: as for --set. */
    struct config_override sets[RECOGNISED_SETS_MAX];
    int set_count;
    struct lines conclusions; /* "8 blocks: ...", each with what it was read from */
    struct lines unknowns;    /* what a file cannot tell, and what was assumed */
    bool attention[RECOGNISE_LEVELS_MAX], residual[RECOGNISE_LEVELS_MAX];
    int channels[RECOGNISE_LEVELS_MAX];
    struct arena arena;
};

/* A file of no family known here: STATUS_BAD_INPUT. `options` points into *out, which must not
 * move; the caller frees it with recognised_free, also after a failure. */
bool recognise_preset(const struct checkpoint *checkpoint, struct recognised *out, struct err *err);
void recognised_free(struct recognised *recognised); /* idempotent */

#endif
