#include "engine/engine.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/algorithm.h"
#include "engine/pack.h"
#include "engine/plan.h"
#include "engine/ref.h"
#include "net/facts.h"

static size_t plan_floats(const struct engine *e) {
    size_t workers = (size_t)pool_threads(e->options.pool);
    return e->weight_floats + e->arena_floats + e->shared_floats + workers * e->scratch_floats;
}

static bool fits_memory(const struct engine *e, struct err *err) {
    size_t limit = e->options.memory_limit;
    if (!limit) {
        long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
        limit = pages > 0 && size > 0 ? (size_t)pages * (size_t)size : SIZE_MAX;
    }
    size_t floats = plan_floats(e);
    if (floats <= limit / sizeof(float)) return true;
    return err_add(err, STATUS_LIMIT,
                   "the plan needs %.1f GB (weights %.1f, maps %.1f), over the limit of %.1f GB; a "
                   "smaller --batch or input needs less",
                   4e-9 * (double)floats, 4e-9 * (double)e->weight_floats,
                   4e-9 * (double)e->arena_floats, 1e-9 * (double)limit);
}

/* The reference needs the graph as it is. */
static void copy_graph(struct engine *e, const struct graph *graph) {
    struct graph *g = &e->graph;
    *g = (struct graph){.node_count = graph->node_count, .slot_count = graph->slot_count};
    g->nodes = arena_alloc(&e->memory, (size_t)g->node_count * sizeof *g->nodes);
    g->slots = arena_alloc(&e->memory, ((size_t)g->slot_count + 1) * sizeof *g->slots);
    memcpy(g->nodes, graph->nodes, (size_t)g->node_count * sizeof *g->nodes);
    for (int i = 0; i < g->slot_count; i++) {
        g->slots[i] = graph->slots[i];
        if (!graph->slots[i].data) continue;
        size_t bytes = slot_count(&g->slots[i]) * sizeof(float);
        float *data = arena_alloc(&e->memory, bytes);
        memcpy(data, graph->slots[i].data, bytes);
        g->slots[i].data = data;
        e->weight_floats += slot_count(&g->slots[i]);
    }
    struct step *step = plan_step(e, e->roots[0], "reference", NULL);
    bool *live = mem_array((size_t)graph->node_count, sizeof *live);
    graph_live(graph, e->roots, e->root_count, live);
    for (int n = 0; n < graph->node_count; n++)
        if (live[n])
            step->info.effective += (double)facts_node_macs(graph, &graph->nodes[n]).effective;
    mem_free(live);
    step->info.macs = step->info.effective;
}

static bool check_algorithm(const char *name, struct err *err) {
    if (!name || algorithm_find(name)) return true;
    err_add(err, STATUS_BAD_INPUT, "there is no algorithm \"%s\"; there are:", SAFE(name));
    for (int i = 0; i < algorithm_count(); i++)
        err_add(err, STATUS_BAD_INPUT, "  %s", algorithm_at(i)->name);
    return false;
}

/* The engine without weights and the memory that it works in; NULL when there is no plan. */
static struct engine *make_plan(const struct graph *graph, const int *roots, int root_count,
                                const struct engine_options *options, struct err *err) {
    if (!check_algorithm(options->algorithm, err)) return NULL;
    struct engine *e = mem_alloc(sizeof *e);
    e->options = *options;
    if (e->options.batch < 1) e->options.batch = 1;
    e->kernels = kernels_for(options->isa);
    e->roots = mem_array((size_t)root_count, sizeof *e->roots);
    memcpy(e->roots, roots, (size_t)root_count * sizeof *roots);
    e->root_count = root_count;
    if (options->isa == ISA_REF) {
        copy_graph(e, graph);
        return e;
    }
    if (!plan_make(e, graph, err)) {
        engine_free(e);
        return NULL;
    }
    plan_forms(e);
    plan_siblings(e);
    plan_memory(e);
    return e;
}

size_t engine_memory(const struct graph *graph, const int *roots, int root_count,
                     const struct engine_options *options) {
    struct err ignored = {0};
    struct engine *e = make_plan(graph, roots, root_count, options, &ignored);
    size_t floats = e ? plan_floats(e) : SIZE_MAX;
    err_free(&ignored);
    engine_free(e);
    return floats > SIZE_MAX / sizeof(float) ? SIZE_MAX : floats * sizeof(float);
}

struct engine *engine_create(const struct graph *graph, const int *roots, int root_count,
                             const struct engine_options *options, struct err *err) {
    struct engine *e = make_plan(graph, roots, root_count, options, err);
    if (!e || options->isa == ISA_REF) return e;
    if (!fits_memory(e, err)) {
        engine_free(e);
        return NULL;
    }
    pack_all(e);
    size_t workers = (size_t)pool_threads(options->pool);
    e->memories[0] = large_alloc(e->arena_floats);
    e->memories[1] = large_alloc((e->scratch_floats + 16) * workers);
    e->memories[2] = large_alloc(e->shared_floats + 16);
    e->arena = e->memories[0].floats;
    e->scratch = e->memories[1].floats;
    e->shared = e->memories[2].floats;
    return e;
}

void engine_free(struct engine *e) {
    if (!e) return;
    pack_free(e->packs);
    arena_free(&e->memory);
    mem_free(e->roots);
    mem_free(e->tensors);
    mem_free(e->steps);
    for (int i = 0; i < 3; i++) large_free(&e->memories[i]);
    mem_free(e);
}

int engine_step_count(const struct engine *e) {
    return e->step_count;
}

const struct engine_step *engine_step(const struct engine *e, int step) {
    return &e->steps[step].info;
}

size_t engine_weight_bytes(const struct engine *e) {
    return e->weight_floats * sizeof(float);
}

size_t engine_activation_bytes(const struct engine *e) {
    return e->arena_floats * sizeof(float);
}

struct reference_work {
    struct engine *engine;
};

static void run_reference(void *context, int image, int worker) {
    (void)worker;
    struct engine *e = ((struct reference_work *)context)->engine;
    float **outputs = mem_array((size_t)e->root_count, sizeof *outputs);
    for (int r = 0; r < e->root_count; r++) outputs[r] = e->outputs[r * e->image_count + image];
    ref_run(&e->graph, e->roots, e->root_count, e->images[image], e->labels ? e->labels[image] : -1,
            outputs, NULL, NULL);
    mem_free(outputs);
}

/* Step s and its siblings, which have equal shares of the time. Returns the one after them. */
static int run_step(struct engine *e, int s, int first, int count, double *seconds) {
    double start = seconds ? clock_seconds() : 0;
    int end = s + e->steps[s].siblings;
    e->steps[s].run(e, &e->steps[s], first, count);
    double share = seconds ? (clock_seconds() - start) / (end - s) : 0;
    for (; seconds && s < end; s++) seconds[s] += share;
    return end;
}

void engine_run(struct engine *e, const float *const *images, const int *labels, int count,
                float *const *outputs, double *seconds) {
    e->images = images;
    e->labels = labels;
    e->image_count = count;
    e->outputs = outputs;
    for (int s = 0; seconds && s < e->step_count; s++) seconds[s] = 0;
    if (e->options.isa == ISA_REF) {
        double start = clock_seconds();
        struct reference_work work = {e};
        pool_run(e->options.pool, run_reference, &work, count);
        if (seconds) seconds[0] = clock_seconds() - start;
        return;
    }
    for (int start = 0, end; start < e->step_count; start = end) {
        for (end = start;
             end < e->step_count && e->steps[end].together == e->steps[start].together;)
            end++;
        if (e->steps[start].together) {
            for (int s = start; s < end;) s = run_step(e, s, 0, count, seconds);
        } else {
            for (int i = 0; i < count; i++)
                for (int s = start; s < end;) s = run_step(e, s, i, 1, seconds);
        }
    }
}
