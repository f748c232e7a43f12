/* What the weights of a variant's upsampling say of checkerboards: the imbalance of the phases of
 * each transposed convolution and of each convolution before a pixel shuffle. */
#ifndef ENGINE_PHASES_H
#define ENGINE_PHASES_H

#include "engine/bind.h"

struct phases {
    const char *weight;   /* plain name of the kernel, of the binding */
    struct extent stride; /* or the scale of the shuffle, as the config says it */
    double imbalance;     /* PI of metrics/imbalance.h */
};

/* Of variant `net`, built unbound in `graph`, with its weights in `binding`; from the innermost
 * block outwards, where there is more than one phase. Returns how many; the caller frees *out with
 * mem_free. */
int phases_of_net(const struct graph *graph, const struct net *net, const struct binding *binding,
                  struct phases **out);

#endif
