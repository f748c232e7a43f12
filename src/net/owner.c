#include "net/owner.h"

#include "base/mem.h"

/* Gives to `block` every node that `root` needs and that nobody owns yet. */
static void claim(const struct graph *graph, int root, int block, bool *live, int *owner) {
    if (root < 0) return;
    for (int n = 0; n < graph->node_count; n++) live[n] = false;
    graph_live(graph, &root, 1, live);
    for (int n = 0; n < graph->node_count; n++)
        if (live[n] && owner[n] < 0) owner[n] = block;
}

void owner_of_nodes(const struct graph *graph, const struct net *net, int *owner) {
    bool *live = mem_array((size_t)graph->node_count, sizeof *live);
    for (int n = 0; n < graph->node_count; n++) owner[n] = -1;
    for (int b = 0; b < net->block_count; b++) claim(graph, net->blocks[b].styled, b, live, owner);
    for (int b = net->block_count - 1; b >= 0; b--)
        claim(graph, net->blocks[b].out, b, live, owner);
    mem_free(live);
}
