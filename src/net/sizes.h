/* Sizes along one axis without a graph: a walk of a few dozen integer operations, for searches over
 * many input sizes. */
#ifndef NET_SIZES_H
#define NET_SIZES_H

#include "net/net.h"

struct sizes {
    bool fits; /* necessary for net_build to be ok: no kernel too large, no join that disagrees */
    int code;  /* the innermost encoded size (its area, of both axes), 0 when it is not reached */
    /* A hash of every size on the way and of what acts there: strides of convolutions that can
     * move, modes of fits and of upsampling that change something. Two variants that are equal at
     * one input size are equal at every other one at which their signatures agree along both axes:
     * whatever else their configs differ in acts, or does not, at any size. */
    uint64_t signature;
};

struct sizes sizes_along(const struct config_variant *variant, bool height, int size);

/* Of both axes together; does not fit either when style.mode concat meets a code that is not 1x1.
 */
struct sizes sizes_of(const struct config_variant *variant, struct extent size);

/* The number of leading blocks that are walked alike in both, and what block `index` reads: sizes
 * at which the first block that is not alike reads the same have signatures that agree, or do not,
 * alike. Along each axis the entry never shrinks when the size grows. */
int sizes_alike(const struct config_variant *a, const struct config_variant *b);
struct extent sizes_entry(const struct config_variant *variant, int index, struct extent size);

/* `size` with its height replaced and its width scaled alike. */
struct extent sizes_scaled(struct extent size, int height);

#endif
