#include <string.h>

#include "base/mem.h"
#include "cli/probe.h"

bool probe_nets_make(struct session *session, struct extent size, struct probe_nets *out,
                     struct err *err) {
    *out = (struct probe_nets){.count = session->member_count};
    out->nets = mem_array((size_t)session->member_count, sizeof *out->nets);
    bool ok = true;
    for (int m = 0; ok && m < session->member_count; m++) {
        struct member *member = &session->members[m];
        struct net *net = &out->nets[m];
        ok = net_build(&out->graph, member->variant, size, session->label, bind_slot,
                       &member->binding, net, err);
        if (ok && !net->ok)
            ok = err_add(err, STATUS_SOME_FAILED, "%s at %dx%d: %s", member->variant->name, size.h,
                         size.w, net->error);
    }
    if (!ok) probe_nets_free(out);
    return ok;
}

void probe_nets_free(struct probe_nets *nets) {
    for (int m = 0; nets->nets && m < nets->count; m++) net_free(&nets->nets[m]);
    mem_free(nets->nets);
    graph_free(&nets->graph);
    *nets = (struct probe_nets){0};
}

bool probe_run_start(const struct session *session, const struct graph *graph, const int *roots,
                     int root_count, struct probe_run *out, struct err *err) {
    struct engine_options options = {
        .isa = session->isa, .batch = 1, .exact = session->exact, .pool = session->pool};
    *out = (struct probe_run){.root_count = root_count};
    out->engine = engine_create(graph, roots, root_count, &options, err);
    if (!out->engine) return false;
    out->outputs = mem_array((size_t)root_count, sizeof *out->outputs);
    for (int r = 0; r < root_count; r++) {
        struct shape shape = graph->nodes[roots[r]].out;
        size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
        out->outputs[r] = mem_aligned(count * sizeof(float));
    }
    return true;
}

void probe_run_one(struct probe_run *run, const float *tensor, int label) {
    engine_run(run->engine, &tensor, &label, 1, run->outputs, NULL);
}

void probe_run_free(struct probe_run *run) {
    for (int r = 0; run->outputs && r < run->root_count; r++) mem_free(run->outputs[r]);
    mem_free(run->outputs);
    engine_free(run->engine);
    *run = (struct probe_run){0};
}
