/* Which tensor of a checkpoint each weight of a net reads (private to bind). */
#ifndef ENGINE_BIND_MAP_H
#define ENGINE_BIND_MAP_H

#include "config/config.h"
#include "net/net.h"
#include "weights/checkpoint.h"

struct bind_map {
    enum naming naming;            /* as stated, or found */
    const struct tensor **tensors; /* of each of net.slots; NULL where the file has none */
    const char **expected;         /* the name looked for first */
    int count;
};

/* Maps the slots of `net`; a name in weights->names overrides. All is allocated in `arena`. */
void bind_map_make(const struct checkpoint *checkpoint, const struct config_variant *variant,
                   const struct config_weights *weights, const struct graph *graph,
                   const struct net *net, struct arena *arena, struct bind_map *out);

/* Equal dimensions, where 1s at the end do not count: a linear layer is a 1x1 convolution. */
bool bind_map_fits(const struct slot *slot, const struct tensor *tensor);

/* Flags in used[tensor_count] what the map reads, and beside it what comes with a batch norm
 * (num_batches_tracked; its running statistics where it is run with those of the image). */
void bind_map_use(const struct bind_map *map, const struct checkpoint *checkpoint,
                  const struct config_variant *variant, const struct graph *graph,
                  const struct net *net, bool *used);

#endif
