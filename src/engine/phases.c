#include "engine/phases.h"

#include "base/mem.h"
#include "metrics/imbalance.h"

static const struct bound *find_bound(const struct net *net, const struct binding *binding,
                                      int slot) {
    for (int i = 0; i < net->slot_count; i++)
        if (net->slots[i] == slot) return &binding->weights[i];
    return NULL;
}

/* The weights that make the phases of use `use`: -1 when it makes none. */
static int find_kernel(const struct graph *graph, const struct net_use *use, struct phases *out) {
    const struct node *node = &graph->nodes[use->node];
    out->stride = use->stride;
    if (node->op == OP_CONV_TRANSPOSE) return node->weights[0];
    if (node->op != OP_PIXEL_SHUFFLE || graph->nodes[node->inputs[0]].op != OP_CONV) return -1;
    out->stride = node->stride;
    return graph->nodes[node->inputs[0]].weights[0];
}

static double imbalance(const struct slot *w, struct extent stride) {
    int phases = stride.h * stride.w;
    if (w->role == ROLE_CONV_TRANSPOSE)
        return imbalance_of_transposed(w->data, w->dims[0], w->dims[1], w->dims[2], w->dims[3],
                                       stride.h, stride.w);
    return imbalance_of_shuffled(w->data, w->dims[0] / phases, phases, w->dims[1], w->dims[2],
                                 w->dims[3]);
}

int phases_of_net(const struct graph *graph, const struct net *net, const struct binding *binding,
                  struct phases **out) {
    int count = 0;
    *out = mem_array((size_t)net->use_count, sizeof **out);
    for (int u = 0; u < net->use_count; u++) {
        struct phases *phases = &(*out)[count];
        int kernel = find_kernel(graph, &net->uses[u], phases);
        if (kernel < 0 || phases->stride.h * phases->stride.w == 1) continue;
        const struct bound *bound = find_bound(net, binding, kernel);
        phases->weight = bound->slot.name;
        phases->imbalance = imbalance(&bound->slot, phases->stride);
        count++;
    }
    return count;
}
