/* Plain tensor names ("b2.down.conv.weight") and what the sources' checkpoints call the same
 * tensor. The file's names follow from the block's place in the variant, so any U-Net of these
 * families binds, not only the presets. */
#ifndef ENGINE_NAMING_H
#define ENGINE_NAMING_H

#include "base/mem.h"
#include "config/config.h"

enum place_part {
    PLACE_EMBEDDING, /* "style.embedding" */
    PLACE_FILM,      /* "style.film.<leaf>" */
    PLACE_DOWN_CONV,
    PLACE_DOWN_NORM,
    PLACE_UP_CONV,
    PLACE_UP_NORM,
    PLACE_EXTRA,
    PLACE_OTHER /* in a block; `leaf` is all that follows the block's name */
};

/* Where in a variant a plain name stands. */
struct place {
    enum place_part part;
    int block;                 /* from 0, the outermost; -1 for the embedding and FiLM */
    const struct extra *extra; /* PLACE_EXTRA */
    bool upsampled;            /* PLACE_EXTRA: it stands in extra.upsampled */
    const char *leaf;          /* what follows the part's name; points into the name */
};

/* False when the variant has no such block. */
bool naming_place(const struct config_variant *variant, const char *plain, struct place *out);

/* The norm that the tensor at `place` belongs to, or NULL. */
const struct norm *naming_norm(const struct config_variant *variant, const struct place *place);

#define NAMING_MAX 24

struct names { /* in the order to try; the first that the file has is meant */
    const char *name[NAMING_MAX];
    int count;
};

/* The names that a file may have for `plain`, without "module."; `naming` is not NAMING_AUTO. The
 * strings are allocated in `arena` or are `plain`. */
void naming_candidates(const struct config_variant *variant, enum naming naming, const char *plain,
                       struct arena *arena, struct names *out);

const char *naming_name(enum naming naming);

#endif
