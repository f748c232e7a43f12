/* How much a block matters: its result, as it is joined with the skip, is replaced, and the output
 * is compared with the unchanged one. All questions are roots of one graph over two images at once,
 * the one at hand and the next, so what they share runs once. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cli/probe.h"

/* One output to compare with its member's unchanged one. */
struct question {
    int member, block; /* block: among the member's probed ones; -1: against the reference */
    enum probe_what what;
    int root, unchanged; /* among the roots */
};

struct questions {
    struct question *items;
    int count;
    int *roots;
    int root_count;
    int *base; /* per member: the root of the unchanged output */
};

/* Whether `selector` (a name, a number from 1, outermost, innermost, *) means block `b`. */
static bool selects(const char *selector, const struct config_variant *variant, int b) {
    char number[16];
    snprintf(number, sizeof number, "%d", b + 1);
    return strcmp(selector, "*") == 0 || strcmp(selector, variant->blocks[b].name) == 0 ||
           strcmp(selector, number) == 0 || (strcmp(selector, "outermost") == 0 && b == 0) ||
           (strcmp(selector, "innermost") == 0 && b == variant->block_count - 1);
}

static bool is_asked(const struct words *asked, const struct config_variant *variant, int b) {
    bool any = asked->count == 0 && b == variant->block_count - 1;
    for (int i = 0; i < asked->count; i++) any = any || selects(asked->items[i], variant, b);
    return any && b > 0; /* the outermost block's result is the output itself */
}

static bool check_selectors(const struct probe_job *job, struct err *err) {
    const struct words *asked = &job->options->blocks;
    for (int i = 0; i < asked->count; i++) {
        bool found = false, outermost = false;
        for (int m = 0; m < job->session.member_count; m++) {
            const struct config_variant *variant = job->session.members[m].variant;
            for (int b = 0; b < variant->block_count; b++)
                if (selects(asked->items[i], variant, b)) *(b ? &found : &outermost) = true;
        }
        if (!found && outermost)
            err_add(err, STATUS_BAD_INPUT,
                    "--block %s: the outermost block's result is the output itself",
                    SAFE(asked->items[i]));
        else if (!found)
            err_add(err, STATUS_BAD_INPUT, "--block %s: no variant has such a block",
                    SAFE(asked->items[i]));
    }
    return err->status == STATUS_OK;
}

bool probe_choose_blocks(struct probe_job *job, struct err *err) {
    if (!check_selectors(job, err)) return false;
    for (int m = 0; m < job->session.member_count; m++) {
        const struct config_variant *variant = job->session.members[m].variant;
        struct probe_variant *out = &job->doc.variants[m];
        size_t bytes = (size_t)variant->block_count * sizeof *out->blocks;
        out->blocks = arena_alloc(&job->arena, bytes);
        for (int b = 0; b < variant->block_count; b++)
            if (is_asked(&job->options->blocks, variant, b))
                out->blocks[out->block_count++] =
                    (struct probe_block){.name = variant->blocks[b].name, .alone = true};
    }
    return true;
}

static const struct net_block *find_block(const struct net *net, const char *name) {
    int b = 0;
    while (strcmp(net->blocks[b].name, name) != 0) b++;
    return &net->blocks[b];
}

static int add_root(struct questions *q, int node) {
    int place = 0;
    while (place < q->root_count && q->roots[place] != node) place++;
    if (place == q->root_count) q->roots[q->root_count++] = node;
    return place;
}

static void ask_block(struct probe_nets *nets, int m, int block, const char *name, int input,
                      bool shuffle, struct questions *q) {
    struct graph *graph = &nets->graph;
    const struct net *net = &nets->nets[m];
    int result = find_block(net, name)->fitted;
    struct replacement first = {input, probe_input_half(graph, input, 0)};
    struct replacement next = {input, probe_input_half(graph, input, 1)};
    int instead[PROBE_WHATS] = {[PROBE_ZERO] = probe_zeros(graph, graph->nodes[result].out),
                                [PROBE_MEAN] =
                                    probe_means(graph, probe_replace(graph, result, &first, 1)),
                                [PROBE_SHUFFLE] = probe_replace(graph, result, &next, 1)};
    for (int w = 0; w < PROBE_WHATS; w++) {
        if (w == PROBE_SHUFFLE && !shuffle) continue;
        struct replacement both[] = {first, {result, instead[w]}};
        int root = add_root(q, probe_replace(graph, net->root, both, 2));
        q->items[q->count++] = (struct question){m, block, (enum probe_what)w, root, q->base[m]};
    }
}

/* Every question about every member; the last ones compare the members with the reference. */
static void ask(struct probe_job *job, struct probe_nets *nets, int input, bool shuffle,
                struct questions *q) {
    size_t most = 0;
    for (int m = 0; m < nets->count; m++)
        most += (size_t)job->doc.variants[m].block_count * PROBE_WHATS + 2;
    *q = (struct questions){0};
    q->items = mem_array(most, sizeof *q->items);
    q->roots = mem_array(most, sizeof *q->roots);
    q->base = mem_array((size_t)nets->count, sizeof *q->base);
    struct replacement first = {input, probe_input_half(&nets->graph, input, 0)};
    for (int m = 0; m < nets->count; m++)
        q->base[m] = add_root(q, probe_replace(&nets->graph, nets->nets[m].root, &first, 1));
    for (int m = 0; m < nets->count; m++) {
        struct probe_variant *variant = &job->doc.variants[m];
        for (int b = 0; b < variant->block_count; b++) {
            int result = find_block(&nets->nets[m], variant->blocks[b].name)->fitted;
            if (!variant->blocks[b].shape.c)
                variant->blocks[b].shape = nets->graph.nodes[result].out;
            ask_block(nets, m, b, variant->blocks[b].name, input, shuffle, q);
        }
        struct shape a = nets->nets[0].output, o = nets->nets[m].output;
        if (m > 0 && a.c == o.c && a.h == o.h && a.w == o.w)
            q->items[q->count++] = (struct question){m, -1, PROBE_ZERO, q->base[m], q->base[0]};
    }
}

static void questions_free(struct questions *q) {
    mem_free(q->items);
    mem_free(q->roots);
    mem_free(q->base);
}

struct answering {
    struct probe_job *job;
    const struct probe_nets *nets;
    const struct questions *questions;
    const struct probe_run *run;
    const struct input *input;
    struct probe_moved *answers;
};

static void answer_one(void *context, int index, int worker) {
    struct answering *a = context;
    const struct question *question = &a->questions->items[index];
    a->answers[index] =
        probe_compare(&a->job->measures[worker], a->job->session.members[question->member].variant,
                      a->input->own, a->nets->nets[question->member].output,
                      a->run->outputs[question->unchanged], a->run->outputs[question->root]);
}

static void note_answers(struct answering *a) {
    for (int i = 0; i < a->questions->count; i++) {
        const struct question *question = &a->questions->items[i];
        const struct probe_moved *moved = &a->answers[i];
        struct probe_variant *variant = &a->job->doc.variants[question->member];
        struct probe_change *change =
            question->block < 0 ? &variant->output
                                : &variant->blocks[question->block].changes[question->what];
        probe_add_change(change, moved->levels, moved->max, moved->dsnr);
    }
}

/* Image and next image, one after the other. */
static void fill_pair(const struct probe_job *job, const struct probe_group *group, int i,
                      size_t count, float *pair) {
    int next = group->images[(i + 1) % group->count];
    memcpy(pair, job->inputs[group->images[i]].tensor, count * sizeof *pair);
    memcpy(pair + count, job->inputs[next].tensor, count * sizeof *pair);
}

static void answer_all(struct probe_job *job, const struct probe_nets *nets,
                       const struct probe_group *group, const struct questions *q,
                       struct probe_run *run) {
    struct shape in = nets->nets[0].input;
    size_t count = (size_t)in.c * (size_t)in.h * (size_t)in.w;
    float *pair = mem_aligned(2 * count * sizeof *pair);
    struct answering answering = {.job = job, .nets = nets, .questions = q, .run = run};
    answering.answers = mem_array((size_t)q->count, sizeof *answering.answers);
    for (int i = 0; i < group->count && !stop_requested(); i++) {
        answering.input = &job->inputs[group->images[i]];
        fill_pair(job, group, i, count, pair);
        probe_run_one(run, pair, answering.input->label);
        pool_run(job->session.pool, answer_one, &answering, q->count);
        note_answers(&answering);
    }
    mem_free(answering.answers);
    mem_free(pair);
}

static const struct question *zero_of(const struct probe_job *job, const struct questions *q,
                                      int member, const char *block) {
    for (int i = 0; i < q->count; i++) {
        const struct question *item = &q->items[i];
        if (item->member == member && item->block >= 0 && item->what == PROBE_ZERO &&
            strcmp(job->doc.variants[member].blocks[item->block].name, block) == 0)
            return item;
    }
    return NULL;
}

/* Which blocks are all that sets a member apart from the reference, as the graph proves at this
 * size too. */
static void find_alone(struct probe_job *job, const struct questions *q) {
    for (int i = 0; i < q->count; i++) {
        const struct question *a = &q->items[i];
        if (a->block < 0 || a->what != PROBE_ZERO) continue;
        struct probe_block *block = &job->doc.variants[a->member].blocks[a->block];
        const struct question *b = zero_of(job, q, 0, block->name);
        if (!b || a->root != b->root || a->unchanged == b->unchanged) block->alone = false;
    }
}

bool probe_blocks_of(struct probe_job *job, struct probe_nets *nets,
                     const struct probe_group *group, struct err *err) {
    struct questions q;
    struct probe_run run;
    int input = probe_input(&nets->graph, nets->nets[0].input);
    ask(job, nets, input, group->count > 1, &q);
    bool ok = probe_run_start(&job->session, &nets->graph, q.roots, q.root_count, &run, err);
    find_alone(job, &q);
    if (ok) answer_all(job, nets, group, &q, &run);
    probe_run_free(&run);
    questions_free(&q);
    return ok;
}
