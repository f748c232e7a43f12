#include "cli/timed.h"

#include "base/mem.h"
#include "config/architecture.h"
#include "net/facts.h"
#include "net/owner.h"

void timed_plan(const struct planned *planned, struct timing_plan *out) {
    *out = (struct timing_plan){.step_count = engine_step_count(planned->engine)};
    out->steps = mem_array((size_t)out->step_count, sizeof *out->steps);
    for (int s = 0; s < out->step_count; s++) {
        const struct engine_step *step = engine_step(planned->engine, s);
        out->steps[s] =
            (struct timing_step){.op = graph_op_name(planned->graph.nodes[step->head].op),
                                 .algorithm = step->algorithm,
                                 .executed = step->macs,
                                 .effective = step->effective};
    }
}

/* How many members need each step. */
static int *count_users(const struct planned *planned, struct arena *arena) {
    int steps = engine_step_count(planned->engine);
    int *users = arena_alloc(arena, (size_t)steps * sizeof *users);
    bool *live = mem_array((size_t)planned->graph.node_count, sizeof *live);
    for (int m = 0; m < planned->member_count; m++) {
        for (int n = 0; n < planned->graph.node_count; n++) live[n] = false;
        graph_live(&planned->graph, &planned->nets[m].root, 1, live);
        for (int s = 0; s < steps; s++) users[s] += live[engine_step(planned->engine, s)->node];
    }
    mem_free(live);
    return users;
}

struct timing timed_start(const struct session *session, const struct planned *all,
                          const struct timing_plan *together, struct arena *arena) {
    size_t members = (size_t)session->member_count;
    return (struct timing){.isa = isa_name(session->isa),
                           .threads = pool_threads(session->pool),
                           .batch = session->batch,
                           .height = all->size.h,
                           .width = all->size.w,
                           .exact = session->exact,
                           .weight_bytes = engine_weight_bytes(all->engine),
                           .activation_bytes = engine_activation_bytes(all->engine),
                           .variants = arena_alloc(arena, members * sizeof(struct timing_variant)),
                           .variant_count = session->member_count,
                           .together = together};
}

struct timing_variant timed_variant(const struct config_variant *variant,
                                    const struct planned *planned, int member,
                                    const struct timing_plan *plan, struct arena *arena) {
    const struct net *net = &planned->nets[member];
    int *owner = mem_array((size_t)planned->graph.node_count, sizeof *owner);
    int *blocks = arena_alloc(arena, (size_t)plan->step_count * sizeof *blocks);
    const char **names = arena_alloc(arena, (size_t)net->block_count * sizeof *names);
    char architecture[65];
    owner_of_nodes(&planned->graph, net, owner);
    for (int s = 0; s < plan->step_count; s++)
        blocks[s] = owner[engine_step(planned->engine, s)->node];
    for (int b = 0; b < net->block_count; b++) names[b] = net->blocks[b].name;
    mem_free(owner);
    architecture_hash(variant, architecture);
    int same = planned->runs_as[member];
    return (struct timing_variant){.name = variant->name,
                                   .architecture = arena_strdup(arena, architecture),
                                   .runs_as = same < member ? planned->nets[same].name : NULL,
                                   .plan = plan,
                                   .block_of_step = blocks,
                                   .users_of_step = count_users(planned, arena),
                                   .block_names = names,
                                   .block_count = net->block_count,
                                   .effective = (double)facts_macs(&planned->graph, net).effective};
}
