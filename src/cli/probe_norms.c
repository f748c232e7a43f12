/* The same checkpoint with running, per-image and per-batch statistics in its batch norms, side by
 * side. Every mode is a graph of its own: per-image statistics are OP_NORM with a group a channel;
 * those of a batch are measured norm by norm, in order, each on what the norms before it gave, and
 * then stand in for the running ones. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cli/probe.h"
#include "image/tensor_image.h"

/* The batch statistics of a node's channels, as weights of a batch norm. */
struct statistics {
    int node, mean, variance; /* slots */
};

struct norms {
    struct probe_job *job;
    struct probe_nets *nets;
    const struct probe_group *group;
    struct replacement *image, *batch; /* per batch norm of all members, in order */
    int count;
    struct statistics *known; /* members share what they share */
    int known_count;
};

/* Mean and sum of squared deviations of each channel, so far over `images` of them. */
struct moments {
    double *mean, *square;
    int images;
};

/* Adds an image of `area` positions a channel (Chan, Golub, LeVeque 1979). */
static void moments_add(struct moments *m, const float *values, int channels, size_t area) {
    for (int c = 0; c < channels; c++, values += area) {
        double sum = 0, square = 0, n = m->images;
        for (size_t i = 0; i < area; i++) sum += (double)values[i];
        double mean = sum / (double)area, apart = mean - m->mean[c];
        for (size_t i = 0; i < area; i++)
            square += ((double)values[i] - mean) * ((double)values[i] - mean);
        m->square[c] += square + apart * apart * (double)area * n / (n + 1);
        m->mean[c] += apart / (n + 1);
    }
    m->images++;
}

static struct statistics statistics_slots(struct graph *graph, int node, const struct moments *m) {
    struct shape shape = graph->nodes[node].out;
    double values = (double)shape.h * shape.w * m->images;
    float *mean = mem_array((size_t)shape.c, sizeof *mean);
    float *variance = mem_array((size_t)shape.c, sizeof *variance);
    for (int c = 0; c < shape.c; c++) {
        mean[c] = (float)m->mean[c];
        variance[c] = (float)(m->square[c] / values); /* as PyTorch normalises while training */
    }
    struct statistics s = {node, probe_slot(graph, "probe.mean", ROLE_MEAN, mean, shape.c),
                           probe_slot(graph, "probe.variance", ROLE_VARIANCE, variance, shape.c)};
    mem_free(mean);
    mem_free(variance);
    return s;
}

/* The statistics of `node` over the group's images; NULL after a failure. */
static const struct statistics *measure(struct norms *n, int node, struct err *err) {
    for (int i = 0; i < n->known_count; i++)
        if (n->known[i].node == node) return &n->known[i];
    struct graph *graph = &n->nets->graph;
    struct shape shape = graph->nodes[node].out;
    struct probe_run run;
    if (!probe_run_start(&n->job->session, graph, &node, 1, &run, err)) return NULL;
    struct moments m = {.mean = mem_array((size_t)shape.c, sizeof *m.mean),
                        .square = mem_array((size_t)shape.c, sizeof *m.square)};
    for (int i = 0; i < n->group->count; i++) {
        const struct input *input = &n->job->inputs[n->group->images[i]];
        probe_run_one(&run, input->tensor, input->label);
        moments_add(&m, run.outputs[0], shape.c, (size_t)shape.h * (size_t)shape.w);
    }
    n->known[n->known_count] = statistics_slots(graph, node, &m);
    mem_free(m.mean);
    mem_free(m.square);
    probe_run_free(&run);
    return &n->known[n->known_count++];
}

static void add_image_norm(struct norms *n, int number) {
    struct graph *graph = &n->nets->graph;
    struct node from = graph->nodes[number];
    struct node to = graph_node(OP_NORM, -1, -1);
    to.inputs[0] = probe_replace(graph, from.inputs[0], n->image, n->count);
    to.weights[0] = from.weights[0];
    to.weights[1] = from.weights[1];
    to.out = from.out;
    to.value = from.value;
    to.groups = from.out.c;
    n->image[n->count] = (struct replacement){number, graph_add(graph, to)};
}

static bool add_batch_norm(struct norms *n, int number, struct err *err) {
    struct graph *graph = &n->nets->graph;
    struct node to = graph->nodes[number];
    to.inputs[0] = probe_replace(graph, to.inputs[0], n->batch, n->count);
    const struct statistics *s = measure(n, to.inputs[0], err);
    if (!s) return false;
    to.weights[2] = s->mean;
    to.weights[3] = s->variance;
    n->batch[n->count] = (struct replacement){number, graph_add(graph, to)};
    return true;
}

/* Counts a member's batch norms, and those that see one position. */
static void count_norms(struct norms *n, int m, const bool *live, int nodes) {
    struct probe_variant *variant = &n->job->doc.variants[m];
    int norms = 0, single = 0;
    for (int i = 0; i < nodes; i++) {
        const struct node *node = &n->nets->graph.nodes[i];
        if (!live[i] || node->op != OP_BATCH_NORM) continue;
        norms++;
        single += node->out.h == 1 && node->out.w == 1;
    }
    variant->batch_norms = norms;
    if (single > variant->single) variant->single = single;
}

static bool find_norms(struct norms *n, struct err *err) {
    const struct graph *graph = &n->nets->graph;
    int nodes = graph->node_count; /* nodes are added on the way */
    bool *live = mem_array((size_t)nodes, sizeof *live);
    bool *any = mem_array((size_t)nodes, sizeof *any);
    for (int m = 0; m < n->nets->count; m++) {
        graph_live(graph, &n->nets->nets[m].root, 1, live);
        count_norms(n, m, live, nodes);
        for (int i = 0; i < nodes; i++) any[i] = any[i] || live[i];
    }
    size_t most = (size_t)nodes;
    n->image = mem_array(most, sizeof *n->image);
    n->batch = mem_array(most, sizeof *n->batch);
    n->known = mem_array(most, sizeof *n->known);
    bool ok = true;
    for (int i = 0; ok && i < nodes && !stop_requested(); i++) {
        if (!any[i] || graph->nodes[i].op != OP_BATCH_NORM) continue;
        add_image_norm(n, i);
        if (n->group->count == 1) /* a batch of one is the image */
            n->batch[n->count] = n->image[n->count];
        else
            ok = add_batch_norm(n, i, err);
        n->count += ok;
    }
    mem_free(live);
    mem_free(any);
    return ok;
}

/* L1 of the output as it is saved; NaN without a target of its size. */
static double l1_of(const struct input *input, const struct config_variant *variant,
                    struct shape shape, const float *output) {
    const struct image *target = &input->target;
    bool padded = variant->resize == RESIZE_PAD;
    int width = padded ? input->own.w : shape.w, height = padded ? input->own.h : shape.h;
    if (!target->pixels || target->width != width || target->height != height) return NAN;
    struct image saved = image_from_tensor(output, shape.c, shape.h, shape.w, width, height,
                                           variant->mean, variant->std);
    size_t count = (size_t)width * (size_t)height * (size_t)target->channels;
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += abs(saved.pixels[i] - target->pixels[i]);
    image_free(&saved);
    return sum / (255 * (double)count);
}

struct answering {
    struct norms *norms;
    const struct probe_run *run;
    const struct input *input;
    struct probe_moved *moved; /* [member][PROBE_NORMS] */
    double *l1;
};

static void answer_one(void *context, int index, int worker) {
    struct answering *a = context;
    struct probe_job *job = a->norms->job;
    int m = index / PROBE_NORMS, running = m * PROBE_NORMS;
    const struct config_variant *variant = job->session.members[m].variant;
    struct shape shape = a->norms->nets->nets[m].output;
    a->moved[index] = probe_compare(&job->measures[worker], variant, a->input->own, shape,
                                    a->run->outputs[running], a->run->outputs[index]);
    a->l1[index] = l1_of(a->input, variant, shape, a->run->outputs[index]);
}

static void note_answers(const struct answering *a) {
    for (int i = 0; i < a->norms->nets->count * PROBE_NORMS; i++) {
        struct probe_variant *variant = &a->norms->job->doc.variants[i / PROBE_NORMS];
        int norm = i % PROBE_NORMS;
        bool applies = norm == PROBE_RUNNING || (norm == PROBE_IMAGE && !variant->single) ||
                       (norm == PROBE_BATCH && a->norms->group->count > 1);
        if (!variant->batch_norms || !applies) continue;
        struct probe_norm_mode *mode = &variant->norms[norm];
        probe_add_change(&mode->change, a->moved[i].levels, a->moved[i].max, a->moved[i].dsnr);
        probe_add_l1(mode, a->l1[i]);
    }
}

static void answer_all(struct norms *n, struct probe_run *run) {
    size_t count = (size_t)n->nets->count * PROBE_NORMS;
    struct answering a = {.norms = n, .run = run};
    a.moved = mem_array(count, sizeof *a.moved);
    a.l1 = mem_array(count, sizeof *a.l1);
    for (int i = 0; i < n->group->count && !stop_requested(); i++) {
        a.input = &n->job->inputs[n->group->images[i]];
        probe_run_one(run, a.input->tensor, a.input->label);
        pool_run(n->job->session.pool, answer_one, &a, (int)count);
        note_answers(&a);
    }
    mem_free(a.moved);
    mem_free(a.l1);
}

bool probe_norms_of(struct probe_job *job, struct probe_nets *nets, const struct probe_group *group,
                    struct err *err) {
    struct norms n = {.job = job, .nets = nets, .group = group};
    struct probe_run run = {0};
    bool ok = find_norms(&n, err);
    if (ok && n.count > 0 && !stop_requested()) {
        int *roots = mem_array((size_t)nets->count * PROBE_NORMS, sizeof *roots);
        for (int m = 0; m < nets->count; m++) {
            int root = nets->nets[m].root;
            roots[m * PROBE_NORMS + PROBE_RUNNING] = root;
            roots[m * PROBE_NORMS + PROBE_IMAGE] =
                probe_replace(&nets->graph, root, n.image, n.count);
            roots[m * PROBE_NORMS + PROBE_BATCH] =
                probe_replace(&nets->graph, root, n.batch, n.count);
        }
        ok = probe_run_start(&job->session, &nets->graph, roots, nets->count * PROBE_NORMS, &run,
                             err);
        if (ok) answer_all(&n, &run);
        mem_free(roots);
    }
    probe_run_free(&run);
    mem_free(n.image);
    mem_free(n.batch);
    mem_free(n.known);
    return ok;
}
