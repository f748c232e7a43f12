/* From the graph to steps. A convolution takes with it the pixel shuffle and the batch norm behind
 * it, when nothing else reads what lies between; activations become further copies of the result
 * they act on; a concatenation that only convolutions read is not made. */
#include "engine/plan.h"

#include <string.h>

#include "engine/algorithm.h"
#include "engine/exec.h"
#include "engine/plan_graph.h"
#include "net/facts.h"

int plan_tensor(struct engine *engine, struct shape shape, int lanes) {
    mem_grow(&engine->tensors, &engine->tensor_capacity, (size_t)engine->tensor_count + 1,
             sizeof *engine->tensors);
    struct tensor *t = &engine->tensors[engine->tensor_count];
    *t = (struct tensor){.shape = shape, .lanes = lanes};
    size_t blocks = (size_t)((shape.c + lanes - 1) / lanes);
    t->plane = (tensor_pixels(t) + 1) * (size_t)lanes;
    t->image = (blocks * t->plane + 15) / 16 * 16;
    return engine->tensor_count++;
}

struct step *plan_step(struct engine *engine, int node, const char *algorithm, step_run *run) {
    mem_grow(&engine->steps, &engine->step_capacity, (size_t)engine->step_count + 1,
             sizeof *engine->steps);
    struct step *step = &engine->steps[engine->step_count++];
    *step = (struct step){.info = {.node = node, .head = node, .algorithm = algorithm},
                          .run = run,
                          .neutral = true,
                          .siblings = 1,
                          .output = -1,
                          .root = -1};
    return step;
}

enum curve plan_curve(enum act act) {
    static const enum curve curves[] = {
        [ACT_NONE] = CURVE_NONE, [ACT_RELU] = CURVE_RELU,      [ACT_LEAKY_RELU] = CURVE_LEAKY,
        [ACT_SILU] = CURVE_SILU, [ACT_ELU] = CURVE_ELU,        [ACT_GELU] = CURVE_GELU,
        [ACT_TANH] = CURVE_TANH, [ACT_SIGMOID] = CURVE_SIGMOID};
    return curves[act];
}

/* The lanes of a result: planar when its step can write that and it only goes to the caller. */
static int result_lanes(const struct planner *p, const struct step *step, int node) {
    bool read = p->user_start[node] < p->user_start[node + 1];
    return step->conv && step->conv->algorithm->planar_out && !read ? 1 : BLOCK;
}

void plan_results(struct planner *p, struct step *step, int node, bool activations) {
    const struct graph *g = p->graph;
    bool plain = p->is_root[node];
    int last = activations ? FORMS - 1 : 0;
    for (int i = p->user_start[node]; i < p->user_start[node + 1]; i++) {
        int user = p->users[i];
        const struct node *n = &g->nodes[user];
        if (p->done[user]) continue; /* it is folded into a step of its own */
        if (n->op != OP_ACT || step->form_count == last) {
            plain = true;
            continue;
        }
        int tensor = plan_tensor(p->engine, n->out, result_lanes(p, step, user));
        step->forms[step->form_count++] =
            (struct plan_form){tensor, plan_curve(n->act), (float)n->value};
        p->tensor[user] = tensor;
        p->done[user] = true;
    }
    if (!plain) return;
    step->output = plan_tensor(p->engine, g->nodes[node].out, result_lanes(p, step, node));
    step->forms[step->form_count++] = (struct plan_form){step->output, CURVE_NONE, 0};
    p->tensor[node] = step->output;
}

static void make_users(struct planner *p) {
    const struct graph *g = p->graph;
    size_t nodes = (size_t)g->node_count;
    p->user_start = mem_array(nodes + 2, sizeof(int));
    p->users = mem_array(nodes * NODE_INPUTS + 1, sizeof(int));
    for (int pass = 0; pass < 2; pass++) {
        /* First count into [input + 2], then, with running sums, fill from [input + 1]. */
        for (int n = 0; n < g->node_count; n++)
            for (int i = 0; i < NODE_INPUTS && p->live[n]; i++) {
                int input = g->nodes[n].inputs[i];
                if (input < 0) continue;
                if (pass == 0)
                    p->user_start[input + 2]++;
                else
                    p->users[p->user_start[input + 1]++] = n;
            }
        for (size_t n = 2; pass == 0 && n < nodes + 2; n++)
            p->user_start[n] += p->user_start[n - 1];
    }
}

static bool is_conv(const struct node *n) {
    return n->op == OP_CONV || n->op == OP_CONV_TRANSPOSE;
}

/* Nearest upsampling by whole factors, which a convolution can read through. */
static bool is_upsampling(const struct planner *p, int node) {
    const struct node *n = &p->graph->nodes[node];
    if (n->op != OP_RESIZE || n->mode != MODE_NEAREST || p->is_root[node]) return false;
    struct shape in = p->graph->nodes[n->inputs[0]].out;
    if (n->out.h % in.h || n->out.w % in.w) return false;
    return exec_nearest_is_exact(in.h, n->out.h) && exec_nearest_is_exact(in.w, n->out.w);
}

struct operands plan_operands(const struct planner *p, int node) {
    const struct graph *g = p->graph;
    struct operands o = {.count = 1, .upsample = {1, 1}};
    int input = g->nodes[node].inputs[0];
    if (g->nodes[node].op == OP_CONV && is_upsampling(p, input)) {
        int from = g->nodes[input].inputs[0];
        o.upsample.h = g->nodes[input].out.h / g->nodes[from].out.h;
        o.upsample.w = g->nodes[input].out.w / g->nodes[from].out.w;
        input = from;
    }
    o.node[0] = input;
    for (int i = 0;
         i < o.count;) { /* the first concatenation opens in place, as long as there is room */
        const struct node *n = &g->nodes[o.node[i]];
        if (n->op != OP_CONCAT || o.count == PARTS) {
            i++;
            continue;
        }
        memmove(&o.node[i + 2], &o.node[i + 1], (size_t)(o.count - i - 1) * sizeof(int));
        o.node[i] = n->inputs[0];
        o.node[i + 1] = n->inputs[1];
        o.count++;
    }
    return o;
}

/* Marks concatenations and upsamplings that have to be made, as something reads them whole. */
static void find_needed(struct planner *p) {
    const struct graph *g = p->graph;
    for (int n = g->node_count - 1; n >= 0; n--) {
        if (!p->live[n]) continue;
        const struct node *node = &g->nodes[n];
        if (p->is_root[n]) p->needed[n] = true;
        if (is_conv(node)) {
            struct operands o = plan_operands(p, n);
            for (int i = 0; i < o.count; i++) p->needed[o.node[i]] = true;
        } else if ((node->op != OP_CONCAT && node->op != OP_RESIZE) || p->needed[n]) {
            for (int i = 0; i < NODE_INPUTS; i++)
                if (node->inputs[i] >= 0) p->needed[node->inputs[i]] = true;
        }
    }
}

static void copy_weights(struct planner *p, struct step *step, const struct node *node) {
    for (int i = 0; i < NODE_WEIGHTS; i++) {
        if (node->weights[i] < 0) continue;
        const struct slot *slot = &p->graph->slots[node->weights[i]];
        size_t count = slot_count(slot);
        float *copy = arena_alloc(&p->engine->memory, (count + BLOCK) * sizeof(float));
        memcpy(copy, slot->data, count * sizeof(float));
        step->weights[i] = copy;
    }
}

/* A planar input saves reading fifteen empty lanes for a grey image, but only convolutions can read
 * one. */
static bool reads_planar(const struct planner *p, int node) {
    const char *forced = p->engine->options.algorithm;
    if (forced && !algorithm_find(forced)->planar_in) return false;
    if (p->graph->nodes[node].out.c >= BLOCK || p->is_root[node]) return false;
    for (int i = p->user_start[node]; i < p->user_start[node + 1]; i++)
        if (!is_conv(&p->graph->nodes[p->users[i]])) return false;
    return true;
}

static void plan_op(struct planner *p, int n) {
    const struct node *node = &p->graph->nodes[n];
    const struct exec_op *op = exec_op_of(node->op);
    struct step *step = plan_step(p->engine, n, op->name, op->run);
    step->node = *node;
    step->info.macs = step->info.effective = (double)facts_node_macs(p->graph, node).effective;
    for (int i = 0; i < NODE_INPUTS; i++)
        if (node->inputs[i] >= 0) step->input[step->input_count++] = p->tensor[node->inputs[i]];
    if (op->prepare) op->prepare(p->engine, step, p->graph->nodes[node->inputs[0]].out);
    copy_weights(p, step, node);
    if (node->op == OP_INPUT && reads_planar(p, n)) {
        step->output = p->tensor[n] = plan_tensor(p->engine, node->out, 1);
        step->forms[step->form_count++] = (struct plan_form){step->output, CURVE_NONE, 0};
    } else {
        plan_results(p, step, n, op->activations);
    }
}

static void plan_outputs(struct planner *p, int n) {
    for (int r = 0; r < p->engine->root_count; r++) {
        if (p->engine->roots[r] != n) continue;
        struct step *step = plan_step(p->engine, n, "output", exec_output);
        step->input[step->input_count++] = p->tensor[n];
        step->root = r;
    }
}

static void plan_nodes(struct planner *p) {
    for (int n = 0; n < p->graph->node_count; n++) {
        const struct node *node = &p->graph->nodes[n];
        if (!p->live[n]) continue;
        bool folded = (node->op == OP_CONCAT || node->op == OP_RESIZE) && !p->needed[n];
        if (!p->done[n] && !folded) {
            p->done[n] = true;
            if (is_conv(node))
                plan_conv(p, n);
            else
                plan_op(p, n);
        }
        if (p->is_root[n]) plan_outputs(p, n);
    }
}

/* Offsets are 32 bits. */
static bool check_sizes(const struct engine *e, struct err *err) {
    for (int t = 0; t < e->tensor_count; t++) {
        const struct tensor *tensor = &e->tensors[t];
        if (tensor->partial || tensor->image <= (size_t)INT32_MAX / (size_t)e->options.batch)
            continue;
        return err_add(err, STATUS_LIMIT,
                       "a map of [%d, %d, %d] for %d images at once is over the limit of 2^31 "
                       "values; a smaller --batch helps",
                       tensor->shape.c, tensor->shape.h, tensor->shape.w, e->options.batch);
    }
    return true;
}

bool plan_make(struct engine *engine, const struct graph *graph, struct err *err) {
    size_t nodes = (size_t)graph->node_count;
    struct planner p = {.engine = engine, .graph = graph};
    p.live = mem_array(nodes, sizeof *p.live);
    p.is_root = mem_array(nodes, sizeof *p.is_root);
    p.needed = mem_array(nodes, sizeof *p.needed);
    p.done = mem_array(nodes, sizeof *p.done);
    p.tensor = mem_array(nodes, sizeof *p.tensor);
    p.half = mem_array(nodes, sizeof *p.half);
    p.sums = mem_array(nodes, sizeof *p.sums);
    graph_live(graph, engine->roots, engine->root_count, p.live);
    for (int i = 0; i < engine->root_count; i++) p.is_root[engine->roots[i]] = true;
    for (size_t n = 0; n < nodes; n++) p.tensor[n] = p.half[n] = p.sums[n] = -1;
    make_users(&p);
    find_needed(&p);
    plan_halves(&p);
    plan_nodes(&p);
    mem_free(p.live);
    mem_free(p.is_root);
    mem_free(p.needed);
    mem_free(p.done);
    mem_free(p.tensor);
    mem_free(p.half);
    mem_free(p.sums);
    mem_free(p.users);
    mem_free(p.user_start);
    return check_sizes(engine, err);
}
