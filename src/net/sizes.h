/* Sizes along one axis without a graph: a walk of a few dozen integer operations, for searches over
 * many input sizes. */
#ifndef NET_SIZES_H
#define NET_SIZES_H

#include "net/net.h"

struct sizes {
    bool fits; /* necessary for net_build to be ok: no kernel too large, no join that disagrees */
    int code;  /* the innermost encoded size, 0 when it is not reached */
    /* What decides the canonical form of the nodes: which strides can act, which fits, whether the
     * code is one position. While it stays the same for two variants along both axes, as the input
     * size changes, they stay equal or different. */
    uint64_t decisions;
};

struct sizes sizes_along(const struct config_variant *variant, bool height, int size);

/* `size` with its height replaced and its width scaled alike. */
struct extent sizes_scaled(struct extent size, int height);

#endif
