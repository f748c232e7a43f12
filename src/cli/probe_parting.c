/* Where a variant and the reference part ways: both at every block, on the same images. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cli/probe.h"

#define STAGES 3
static const char *const STAGE_NAMES[STAGES] = {"encoded", "decoded", "joined"};

static int stage_node(const struct net_block *block, int stage) {
    return stage == 0 ? block->encoded : stage == 1 ? block->decoded : block->out;
}

static const struct net_block *find_block(const struct net *net, const char *name) {
    for (int b = 0; b < net->block_count; b++)
        if (strcmp(net->blocks[b].name, name) == 0) return &net->blocks[b];
    return NULL;
}

/* A step and the two nodes that it compares, -1 where there is nothing to measure. */
struct pair {
    struct probe_step *step;
    int reference, node; /* among the roots */
};

struct parting {
    const struct graph *graph;
    struct pair *pairs;
    int pair_count;
    int *roots;
    int root_count;
};

static int add_root(struct parting *p, int node) {
    p->roots[p->root_count] = node;
    return p->root_count++;
}

static void add_step(struct parting *p, struct probe_step *step, int reference, int node) {
    struct pair *pair = &p->pairs[p->pair_count++];
    *pair = (struct pair){step, -1, -1};
    step->shape = p->graph->nodes[node].out;
    step->missing = reference < 0;
    step->same = step->missing ? false : reference == node;
    if (step->missing) {
        step->differs = true;
        return;
    }
    struct shape a = step->reference = p->graph->nodes[reference].out, b = step->shape;
    bool fits = a.c == b.c && a.h == b.h && a.w == b.w;
    step->differs = step->differs || !fits;
    if (step->same || !fits) return;
    pair->reference = add_root(p, reference);
    pair->node = add_root(p, node);
}

/* The steps of member `m`; made when this is the first group. */
static void find_steps(struct probe_job *job, const struct probe_nets *nets, int m,
                       struct parting *p) {
    const struct net *reference = &nets->nets[0], *net = &nets->nets[m];
    struct probe_variant *variant = &job->doc.variants[m];
    size_t count = (size_t)net->block_count * STAGES;
    *p = (struct parting){.graph = &nets->graph};
    p->pairs = mem_array(count, sizeof *p->pairs);
    p->roots = mem_array(2 * count, sizeof *p->roots);
    if (!variant->steps) variant->steps = arena_alloc(&job->arena, count * sizeof *variant->steps);
    variant->step_count = (int)count;
    for (int b = 0; b < net->block_count; b++) {
        const char *name = job->session.members[m].variant->blocks[b].name;
        const struct net_block *block = &net->blocks[b], *other = find_block(reference, name);
        for (int s = 0; s < STAGES; s++) {
            struct probe_step *step = &variant->steps[b * STAGES + s];
            step->block = name;
            step->stage = STAGE_NAMES[s];
            add_step(p, step, other ? stage_node(other, s) : -1, stage_node(block, s));
        }
    }
}

struct measuring {
    const struct parting *parting;
    const struct probe_run *run;
    double *means, *largest; /* per pair */
};

static void measure_one(void *context, int index, int worker) {
    (void)worker;
    struct measuring *m = context;
    const struct pair *pair = &m->parting->pairs[index];
    if (pair->node < 0) return;
    const float *a = m->run->outputs[pair->reference], *b = m->run->outputs[pair->node];
    struct shape shape = pair->step->shape;
    size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
    double square = 0, sum = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        square += (double)a[i] * (double)a[i];
        sum += d;
        largest = fmax(largest, d);
    }
    double rms = sqrt(square / (double)count);
    m->means[index] = largest > 0 ? sum / (double)count / rms : 0; /* not 0 / 0 */
    m->largest[index] = largest > 0 ? largest / rms : 0;
}

static void measure_all(struct probe_job *job, const struct probe_group *group,
                        const struct parting *p, struct probe_run *run) {
    struct measuring measuring = {.parting = p, .run = run};
    measuring.means = mem_array((size_t)p->pair_count, sizeof *measuring.means);
    measuring.largest = mem_array((size_t)p->pair_count, sizeof *measuring.largest);
    for (int i = 0; i < group->count && !stop_requested(); i++) {
        const struct input *input = &job->inputs[group->images[i]];
        probe_run_one(run, input->tensor, input->label);
        pool_run(job->session.pool, measure_one, &measuring, p->pair_count);
        for (int k = 0; k < p->pair_count; k++)
            if (p->pairs[k].node >= 0)
                probe_add_step(p->pairs[k].step, measuring.means[k], measuring.largest[k]);
    }
    mem_free(measuring.means);
    mem_free(measuring.largest);
}

bool probe_parting_of(struct probe_job *job, const struct probe_nets *nets,
                      const struct probe_group *group, struct err *err) {
    bool ok = true;
    for (int m = 1; ok && m < nets->count; m++) {
        struct parting p;
        struct probe_run run = {0};
        find_steps(job, nets, m, &p);
        if (p.root_count > 0) {
            ok = probe_run_start(&job->session, &nets->graph, p.roots, p.root_count, &run, err);
            if (ok) measure_all(job, group, &p, &run);
        }
        probe_run_free(&run);
        mem_free(p.pairs);
        mem_free(p.roots);
    }
    return ok;
}
