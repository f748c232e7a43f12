/* Steps of convolutions: what folds into one, and which halves several variants share. */
#include <string.h>

#include "base/mem.h"
#include "engine/algorithm.h"
#include "engine/plan_graph.h"
#include "net/facts.h"

/* A convolution with what follows it in the same pass. */
struct chain {
    int conv, shuffle, batch_norm; /* nodes, -1 for none */
    int end;                       /* the node whose result the step stores */
    struct operands operands;
};

static int user_count(const struct planner *p, int node) {
    return p->user_start[node + 1] - p->user_start[node];
}

/* Chains from `node`, which ends `from`: one for each batch norm that reads it, and one that ends
 * with it, if anything else does. */
static int add_chains(const struct planner *p, struct chain from, int node, struct chain *out) {
    const struct graph *g = p->graph;
    bool plain = p->is_root[node];
    int count = 0;
    from.end = node;
    for (int i = p->user_start[node]; i < p->user_start[node + 1]; i++) {
        int user = p->users[i];
        const struct node *n = &g->nodes[user];
        if (n->op == OP_BATCH_NORM) {
            out[count] = from;
            out[count].batch_norm = out[count].end = user;
            count++;
        } else if (n->op == OP_PIXEL_SHUFFLE && g->nodes[node].op == OP_CONV) {
            struct chain shuffled = from;
            shuffled.shuffle = user;
            count += add_chains(p, shuffled, user, out + count);
        } else {
            plain = true;
        }
    }
    if (plain) out[count++] = from;
    return count;
}

/* Every chain that begins with the convolution `conv`. What is folded must not depend on who else
 * reads the convolution's result, or a variant's bits would change in company: then its sums are
 * made once for each. Returns their number; the caller frees *out. */
static int find_chains(const struct planner *p, int conv, struct chain **out) {
    size_t most = (size_t)user_count(p, conv) + 1;
    for (int i = p->user_start[conv]; i < p->user_start[conv + 1]; i++)
        most += (size_t)user_count(p, p->users[i]) + 1;
    *out = mem_array(most, sizeof **out);
    struct chain from = {conv, -1, -1, conv, plan_operands(p, conv)};
    return add_chains(p, from, conv, *out);
}

static bool same_geometry(const struct node *a, const struct node *b) {
    return a->op == b->op && a->weights[0] == b->weights[0] && a->weights[1] == b->weights[1] &&
           memcmp(&a->kernel, &b->kernel, sizeof a->kernel) == 0 &&
           memcmp(&a->stride, &b->stride, sizeof a->stride) == 0 &&
           memcmp(&a->padding, &b->padding, sizeof a->padding) == 0 &&
           memcmp(&a->out, &b->out, sizeof a->out) == 0;
}

static bool same_fold(const struct planner *p, const struct chain *a, const struct chain *b) {
    const struct node *nodes = p->graph->nodes;
    if ((a->shuffle < 0) != (b->shuffle < 0) || (a->batch_norm < 0) != (b->batch_norm < 0))
        return false;
    if (a->shuffle >= 0 &&
        memcmp(&nodes[a->shuffle].stride, &nodes[b->shuffle].stride, sizeof nodes[0].stride) != 0)
        return false;
    if (a->batch_norm < 0) return true;
    const struct node *m = &nodes[a->batch_norm], *n = &nodes[b->batch_norm];
    return memcmp(m->weights, n->weights, sizeof m->weights) == 0 && !(m->value < n->value) &&
           !(m->value > n->value);
}

/* Whether the sums over the first part are the same for both: same weights, same geometry, same
 * first part. */
static bool share_first_part(const struct planner *p, const struct chain *a,
                             const struct chain *b) {
    const struct node *nodes = p->graph->nodes;
    if (a->operands.count < 2 || a->operands.count != b->operands.count ||
        a->operands.node[0] != b->operands.node[0] ||
        memcmp(&a->operands.upsample, &b->operands.upsample, sizeof a->operands.upsample) != 0)
        return false;
    for (int i = 1; i < a->operands.count; i++)
        if (nodes[a->operands.node[i]].out.c != nodes[b->operands.node[i]].out.c) return false;
    return same_geometry(&nodes[a->conv], &nodes[b->conv]) && same_fold(p, a, b);
}

void plan_halves(struct planner *p) {
    const struct graph *g = p->graph;
    struct chain *all = NULL;
    size_t count = 0, capacity = 0;
    for (int n = 0; n < g->node_count; n++) {
        enum op op = g->nodes[n].op;
        if (!p->live[n] || (op != OP_CONV && op != OP_CONV_TRANSPOSE)) continue;
        struct chain *chains;
        int found = find_chains(p, n, &chains);
        mem_grow(&all, &capacity, count + (size_t)found, sizeof *all);
        for (int i = 0; i < found; i++)
            if (chains[i].operands.count > 1) all[count++] = chains[i];
        mem_free(chains);
    }
    for (size_t i = 0; i < count; i++) {
        if (p->half[all[i].end] >= 0) continue;
        for (size_t j = i + 1; j < count; j++)
            if (p->half[all[j].end] < 0 && share_first_part(p, &all[i], &all[j]))
                p->half[all[i].end] = p->half[all[j].end] = all[i].end;
    }
    mem_free(all);
}

static struct conv *make_conv(struct planner *p, const struct chain *c) {
    const struct graph *g = p->graph;
    const struct node *node = &g->nodes[c->conv];
    struct shape in = g->nodes[c->operands.node[0]].out, out = g->nodes[c->end].out;
    struct extent shuffle = {1, 1}, up = c->operands.upsample;
    if (c->shuffle >= 0) shuffle = g->nodes[c->shuffle].stride;
    struct conv *conv = arena_alloc(&p->engine->memory, sizeof *conv);
    conv->transposed = node->op == OP_CONV_TRANSPOSE;
    conv->y = (struct conv_line){conv->transposed, in.h, out.h,    node->kernel.h, node->stride.h,
                                 node->padding.h,  up.h, shuffle.h};
    conv->x = (struct conv_line){conv->transposed, in.w, out.w,    node->kernel.w, node->stride.w,
                                 node->padding.w,  up.w, shuffle.w};
    conv->channels = out.c;
    conv->part_count = conv->end_part = c->operands.count;
    for (int i = 0; i < c->operands.count; i++)
        conv->part_channels[i] = g->nodes[c->operands.node[i]].out.c;
    conv->partial_in = conv->partial_out = -1;
    return conv;
}

static struct step *add_step(struct planner *p, const struct chain *c, struct conv *conv) {
    const struct engine *e = p->engine;
    struct step *step = plan_step(p->engine, c->end, conv->algorithm->name, conv->algorithm->run);
    step->conv = conv;
    step->neutral = false;
    step->together = algorithm_together(e, conv);
    int channels = 0;
    for (int i = conv->first_part; i < conv->end_part; i++) {
        step->input[step->input_count++] = p->tensor[c->operands.node[i]];
        channels += conv->part_channels[i];
    }
    const struct node *node = &p->graph->nodes[c->conv];
    int all = p->graph->nodes[node->inputs[0]].out.c;
    step->info.head = c->conv;
    step->info.macs = conv->algorithm->macs(e, conv);
    step->info.effective = (double)facts_node_macs(p->graph, node).effective / all * channels;
    return step;
}

/* The step of the first part's sums, unless it is there already. */
static void share_half(struct planner *p, const struct chain *c, struct conv *conv) {
    int *sums = &p->sums[p->half[c->end]];
    if (*sums < 0) {
        struct conv *half = arena_alloc(&p->engine->memory, sizeof *half);
        *half = *conv;
        half->end_part = 1;
        *sums = half->partial_out = plan_tensor(p->engine, (struct shape){0, 0, 0}, BLOCK);
        struct tensor *t = &p->engine->tensors[*sums];
        t->partial = true;
        t->image = conv->algorithm->partial(p->engine, conv);
        add_step(p, c, half);
    }
    conv->first_part = 1;
    conv->partial_in = *sums;
}

static bool is_planar(const struct planner *p, const struct chain *c) {
    for (int i = 0; i < c->operands.count; i++)
        if (p->engine->tensors[p->tensor[c->operands.node[i]]].lanes != BLOCK) return true;
    return false;
}

static void plan_chain(struct planner *p, const struct chain *c) {
    struct engine *e = p->engine;
    struct conv *conv = make_conv(p, c);
    conv->algorithm = algorithm_choose(e, conv, is_planar(p, c));
    conv->algorithm->map(e, conv);
    struct fold fold;
    fold_make(&fold, p->graph, &p->graph->nodes[c->conv],
              c->batch_norm >= 0 ? &p->graph->nodes[c->batch_norm] : NULL,
              conv->y.shuffle * conv->x.shuffle);
    conv->packed = pack_find(e, conv, &fold);
    if (p->half[c->end] >= 0) share_half(p, c, conv);
    struct step *step = add_step(p, c, conv);
    plan_results(p, step, c->end, true);
}

void plan_conv(struct planner *p, int node) {
    struct chain *chains;
    int count = find_chains(p, node, &chains);
    for (int i = 0; i < count; i++) {
        p->done[chains[i].end] = true;
        if (chains[i].shuffle >= 0) p->done[chains[i].shuffle] = true;
    }
    for (int i = 0; i < count; i++) plan_chain(p, &chains[i]);
    mem_free(chains);
}
