#include "net/fingerprint.h"

#include "base/hash.h"
#include "base/text.h"

static void put_node(const struct graph *graph, const struct node *node, const int *place,
                     struct text *out) {
    text_add(out, "%s %d,%d,%d %dx%d %dx%d %dx%d %d %d %d ", graph_op_name(node->op), node->out.c,
             node->out.h, node->out.w, node->kernel.h, node->kernel.w, node->stride.h,
             node->stride.w, node->padding.h, node->padding.w, node->act, node->mode, node->groups);
    text_put_number(out, node->value);
    for (int i = 0; i < NODE_INPUTS; i++)
        if (node->inputs[i] >= 0) text_add(out, " %d", place[node->inputs[i]]);
    for (int i = 0; i < NODE_WEIGHTS; i++) {
        text_put(out, " ;");
        if (node->weights[i] < 0) continue;
        const struct slot *slot = &graph->slots[node->weights[i]];
        for (int d = 0; d < slot->rank; d++) text_add(out, " %d", slot->dims[d]);
    }
    text_put(out, "\n");
}

void fingerprint(const struct graph *graph, int root, char hex[65]) {
    size_t count = (size_t)graph->node_count;
    bool *live = mem_array(count, sizeof *live);
    int *place = mem_array(count, sizeof *place), places = 0; /* among those that are needed */
    struct text text = {0};
    graph_live(graph, &root, 1, live);
    for (int n = 0; n < graph->node_count; n++) {
        if (!live[n]) continue;
        place[n] = places++;
        put_node(graph, &graph->nodes[n], place, &text);
    }
    sha256_hex_of(text.s, text.length, hex);
    text_free(&text);
    mem_free(place);
    mem_free(live);
}
