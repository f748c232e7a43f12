/* One revision's engine as a shared object, for compare_revisions.c: a plan of all variants that a
 * `bench` command line selects, run on noise. */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/options.h"
#include "cli/session.h"

struct revision {
    struct options options;
    struct session session;
    struct planned *planned;
    const float **images;
    int *labels;
    float **outputs;
};

static float *noise(struct shape shape, unsigned seed) {
    size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
    float *x = mem_aligned(count * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        x[i] = (float)(int)seed * 0x1p-31f;
    }
    return x;
}

/* NULL with a message when the command line does not make a plan. Never freed. */
void *revision_open(int argc, char **argv) {
    struct revision *r = mem_alloc(sizeof *r);
    struct session *s = &r->session;
    struct err err = {0};
    if (options_parse(argc, argv, &r->options, &err) && session_load(&r->options, s, &err)) {
        struct extent size = r->options.size.h > 0 ? r->options.size : s->variants[0]->size;
        if (s->batch < 1) s->batch = 1;
        if (session_bind(s, &r->options, size, &err))
            r->planned = session_plan_members(s, size, 0, s->member_count, &err);
    }
    if (!r->planned) {
        fprintf(stderr, "%s", err.text ? err.text : "no plan\n");
        return NULL;
    }
    int roots = r->planned->root_count;
    r->images = mem_array((size_t)s->batch, sizeof *r->images);
    r->labels = mem_array((size_t)s->batch, sizeof *r->labels);
    r->outputs = mem_array((size_t)(s->batch * roots), sizeof *r->outputs);
    for (int i = 0; i < s->batch; i++) r->images[i] = noise(r->planned->nets[0].input, (unsigned)i);
    for (int i = 0; i < s->batch * roots; i++)
        r->outputs[i] = noise(r->planned->graph.nodes[r->planned->roots[i / s->batch]].out, 0);
    return r;
}

int revision_steps(void *revision) {
    return engine_step_count(((struct revision *)revision)->planned->engine);
}

/* "conv_transpose 64x128x128 f4x2 shared"; valid until the next call. */
const char *revision_step(void *revision, int step) {
    static char name[160];
    const struct planned *p = ((struct revision *)revision)->planned;
    const struct engine_step *s = engine_step(p->engine, step);
    const struct node *n = &p->graph.nodes[s->head];
    snprintf(name, sizeof name, "%s %dx%dx%d %s", graph_op_name(n->op), n->out.c, n->out.h,
             n->out.w, s->algorithm);
    return name;
}

/* Wall seconds of an image, and in seconds[] those of each step. */
double revision_run(void *revision, double *seconds) {
    struct revision *r = revision;
    int batch = r->session.batch;
    double start = clock_seconds();
    engine_run(r->planned->engine, r->images, r->labels, batch, r->outputs, seconds);
    double all = clock_seconds() - start;
    for (int s = 0; s < revision_steps(r); s++) seconds[s] /= batch;
    return all / batch;
}

/* Of the bytes of all outputs (FNV-1a): equal when all bits are. */
unsigned long long revision_digest(void *revision) {
    const struct revision *r = revision;
    unsigned long long hash = 14695981039346656037u;
    for (int i = 0; i < r->session.batch * r->planned->root_count; i++) {
        struct shape out = r->planned->graph.nodes[r->planned->roots[i / r->session.batch]].out;
        const unsigned char *bytes = (const unsigned char *)r->outputs[i];
        size_t count = (size_t)out.c * (size_t)out.h * (size_t)out.w * sizeof(float);
        for (size_t k = 0; k < count; k++) hash = (hash ^ bytes[k]) * 1099511628211u;
    }
    return hash;
}
