/* Steps of convolutions: what folds into one, and which halves several variants share. */
#include <string.h>

#include "engine/algorithm.h"
#include "engine/plan_graph.h"

/* A convolution with what follows it in the same pass. */
struct chain {
    int conv, shuffle, batch_norm; /* nodes, -1 for none */
    int end;                       /* the node whose result the step stores */
    struct operands operands;
};

static struct chain find_chain(const struct planner *p, int conv) {
    const struct graph *g = p->graph;
    struct chain c = {conv, -1, -1, conv, plan_operands(p, conv)};
    int user = plan_only_user(p, c.end);
    if (user >= 0 && g->nodes[conv].op == OP_CONV && g->nodes[user].op == OP_PIXEL_SHUFFLE) {
        c.shuffle = c.end = user;
        user = plan_only_user(p, c.end);
    }
    if (user >= 0 && g->nodes[user].op == OP_BATCH_NORM) c.batch_norm = c.end = user;
    return c;
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
    for (int n = 0; n < g->node_count; n++) {
        enum op op = g->nodes[n].op;
        if (!p->live[n] || (op != OP_CONV && op != OP_CONV_TRANSPOSE) || p->half[n] >= 0) continue;
        struct chain mine = find_chain(p, n);
        for (int m = n + 1; m < g->node_count && mine.operands.count > 1; m++) {
            if (!p->live[m] || g->nodes[m].op != op || p->half[m] >= 0) continue;
            struct chain other = find_chain(p, m);
            if (share_first_part(p, &mine, &other)) p->half[n] = p->half[m] = n;
        }
    }
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
    for (int i = conv->first_part; i < conv->end_part; i++)
        step->input[step->input_count++] = p->tensor[c->operands.node[i]];
    step->info.macs = conv->algorithm->macs(e, conv);
    return step;
}

/* The step of the first part's sums, unless it is there already. */
static void share_half(struct planner *p, const struct chain *c, struct conv *conv) {
    int *sums = &p->sums[p->half[c->conv]];
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

void plan_conv(struct planner *p, int node) {
    struct engine *e = p->engine;
    struct chain c = find_chain(p, node);
    struct conv *conv = make_conv(p, &c);
    conv->algorithm = algorithm_choose(e, conv, is_planar(p, &c));
    conv->algorithm->map(e, conv);
    struct fold fold;
    fold_make(&fold, p->graph, &p->graph->nodes[node],
              c.batch_norm >= 0 ? &p->graph->nodes[c.batch_norm] : NULL,
              conv->y.shuffle * conv->x.shuffle);
    conv->packed = pack_find(e, conv, &fold);
    fold_free(&fold);
    size_t scratch = (conv->algorithm->scratch(e, conv) + 15) / 16 * 16;
    if (scratch > e->scratch_floats) e->scratch_floats = scratch;
    size_t shared = conv->algorithm->shared_floats(e, conv);
    if (shared > e->shared_floats) e->shared_floats = shared;
    if (p->half[node] >= 0) share_half(p, &c, conv);
    struct step *step = add_step(p, &c, conv);
    plan_results(p, step, c.end, true);
    p->done[c.end] = true;
    if (c.shuffle >= 0) p->done[c.shuffle] = true;
}
