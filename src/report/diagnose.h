/* Repairs of a variant that does not fit: changes of stride, padding, kernel, output_padding and
 * fit at the block that fails, of the style, of the number of blocks and of the input size, each
 * found by trying it and each with what it costs. */
#ifndef REPORT_DIAGNOSE_H
#define REPORT_DIAGNOSE_H

#include "net/net.h"

struct repair {
    const char
        *change; /* "blocks.innermost.up.stride=1", as --set takes it; " and " between several */
    const char *cost; /* in words */
};

#define REPAIRS_MAX 12

struct diagnosis {
    struct repair repairs[REPAIRS_MAX];
    int count;
};

/* `net` is `variant` built at `size`, not ok. Texts are allocated in `arena`. */
void diagnose(const struct config_variant *variant, const struct net *net, struct extent size,
              struct arena *arena, struct diagnosis *out);

#endif
