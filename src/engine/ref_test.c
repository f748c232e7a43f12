#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/ref.h"

#define VALUES_MAX 4096

/* A case of data/golden/ops.txt: see scripts/make_op_golden.py. */
struct golden {
    struct node node;
    struct shape inputs[NODE_INPUTS];
    float *values[NODE_INPUTS];
    struct slot slots[NODE_WEIGHTS];
    float *weights[NODE_WEIGHTS];
    float *expected;
    int input_count;
};

static const char *const op_names[] = {
    [OP_CONV] = "conv",     [OP_CONV_TRANSPOSE] = "conv_transpose",
    [OP_RESIZE] = "resize", [OP_WINDOW] = "window",
    [OP_ACT] = "act",       [OP_PIXEL_SHUFFLE] = "pixel_shuffle",
    [OP_NORM] = "norm",     [OP_BATCH_NORM] = "batch_norm",
    [OP_CONCAT] = "concat", [OP_CHANNEL_NORM] = "channel_norm",
    [OP_ADD] = "add",       [OP_MUL] = "mul",
    [OP_EXPAND] = "expand", [OP_FILM] = "film",
    [OP_SLICE] = "slice",   [OP_ATTENTION] = "attention",
    [OP_GAMMA] = "gamma",   [OP_LINEAR_ATTENTION] = "linear_attention"};

static enum op op_of(const char *name) {
    for (size_t i = 0; i < sizeof op_names / sizeof *op_names; i++)
        if (op_names[i] && strcmp(op_names[i], name) == 0) return (enum op)i;
    printf("no operation %s\n", name);
    check_failed++;
    return OP_INPUT;
}

static size_t count_of(struct shape s) {
    return (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

static float *read_values(FILE *file, size_t count) {
    CHECK(count > 0 && count <= VALUES_MAX);
    float *values = mem_array(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        if (fscanf(file, "%f", &values[i]) != 1) check_failed++;
    return values;
}

static struct shape read_shape(FILE *file) {
    struct shape s = {0, 0, 0};
    CHECK(fscanf(file, "%d %d %d", &s.c, &s.h, &s.w) == 3);
    return s;
}

static void read_weight(FILE *file, struct golden *g) {
    int i = 0, rank = 0;
    CHECK(fscanf(file, "%d %d", &i, &rank) == 2 && i < NODE_WEIGHTS && rank <= 4);
    size_t count = 1;
    for (int d = 0; d < rank; d++) {
        CHECK(fscanf(file, "%d", &g->slots[i].dims[d]) == 1);
        count *= (size_t)g->slots[i].dims[d];
    }
    g->slots[i].data = g->weights[i] = read_values(file, count);
    g->node.weights[i] = i;
}

static void read_pair(FILE *file, struct extent *pair) {
    CHECK(fscanf(file, "%d %d", &pair->h, &pair->w) == 2);
}

static void read_attribute(FILE *file, const char *key, struct node *n) {
    int number = 0;
    if (strcmp(key, "kernel") == 0) {
        read_pair(file, &n->kernel);
    } else if (strcmp(key, "stride") == 0) {
        read_pair(file, &n->stride);
    } else if (strcmp(key, "padding") == 0) {
        read_pair(file, &n->padding);
    } else if (strcmp(key, "value") == 0) {
        CHECK(fscanf(file, "%lf", &n->value) == 1);
    } else if (strcmp(key, "act") == 0) {
        CHECK(fscanf(file, "%d", &number) == 1);
        n->act = (enum act)number;
    } else if (strcmp(key, "mode") == 0) {
        CHECK(fscanf(file, "%d", &number) == 1);
        n->mode = (enum mode)number;
    } else if (strcmp(key, "groups") == 0) {
        CHECK(fscanf(file, "%d", &n->groups) == 1);
    } else {
        printf("no attribute %s\n", key);
        check_failed++;
    }
}

/* False at the end of the file. */
static bool read_case(FILE *file, struct golden *g) {
    char word[32];
    if (fscanf(file, " case %31s", word) != 1) return false;
    *g = (struct golden){.node = {.op = op_of(word)}};
    for (int i = 0; i < NODE_INPUTS; i++) g->node.inputs[i] = -1;
    for (int i = 0; i < NODE_WEIGHTS; i++) g->node.weights[i] = -1;
    while (fscanf(file, "%31s", word) == 1) {
        if (strcmp(word, "in") == 0 && g->input_count < NODE_INPUTS) {
            int i = g->input_count++;
            g->inputs[i] = read_shape(file);
            g->values[i] = read_values(file, count_of(g->inputs[i]));
            g->node.inputs[i] = i;
        } else if (strcmp(word, "weight") == 0) {
            read_weight(file, g);
        } else if (strcmp(word, "out") == 0) {
            g->node.out = read_shape(file);
            g->expected = read_values(file, count_of(g->node.out));
            return true;
        } else {
            read_attribute(file, word, &g->node);
        }
    }
    return false;
}

/* A tap that puts each input's values into its node, so one case can have several inputs. */
static void put_input(void *context, int node, float *tensor) {
    const struct golden *g = context;
    if (node < g->input_count)
        memcpy(tensor, g->values[node], count_of(g->inputs[node]) * sizeof(float));
}

/* The largest |got - want| / max(1, |want|). */
static double run_case(struct golden *g) {
    static const float nothing[VALUES_MAX];
    struct node nodes[NODE_INPUTS + 1];
    for (int i = 0; i < g->input_count; i++)
        nodes[i] = (struct node){.op = OP_INPUT,
                                 .inputs = {-1, -1, -1},
                                 .weights = {-1, -1, -1, -1},
                                 .out = g->inputs[i]};
    nodes[g->input_count] = g->node;
    struct graph graph = {.nodes = nodes,
                          .node_count = g->input_count + 1,
                          .slots = g->slots,
                          .slot_count = NODE_WEIGHTS};
    size_t count = count_of(g->node.out);
    float *got = mem_array(count, sizeof *got);
    ref_run(&graph, &g->input_count, 1, nothing, 0, &got, put_input, g);
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        double want = (double)g->expected[i];
        double off = fabs((double)got[i] - want) / fmax(1, fabs(want));
        if (!(off <= worst)) worst = off;
    }
    mem_free(got);
    return worst;
}

static void free_case(struct golden *g) {
    for (int i = 0; i < NODE_INPUTS; i++) mem_free(g->values[i]);
    for (int i = 0; i < NODE_WEIGHTS; i++) mem_free(g->weights[i]);
    mem_free(g->expected);
}

static void test_golden(void) {
    FILE *file = fopen("data/golden/ops.txt", "r");
    CHECK(file);
    if (!file) return;
    struct golden g;
    int cases = 0, seen[OP_GAMMA + 1] = {0};
    while (read_case(file, &g)) {
        double off = run_case(&g);
        if (!(off <= 1e-6)) printf("case %d, %s\n", cases, op_names[g.node.op]);
        CHECK_NEAR(off, 0, 1e-6);
        seen[g.node.op]++;
        cases++;
        free_case(&g);
    }
    CHECK(feof(file));
    CHECK(cases > 100);
    for (int op = OP_CONV; op <= OP_GAMMA; op++) CHECK(seen[op] > 0);
    fclose(file);
}

/* Numbers that can be checked by hand, and the parts that no golden case has: the style's label,
 * several roots, nodes that nothing needs. */
static void test_graph(void) {
    static const float table[] = {1, 2, 3, 4, 5, 6}, kernel[] = {1, 10}, image[] = {1, 2, 3};
    struct slot slots[] = {{.data = table, .rank = 2, .dims = {3, 2}},
                           {.data = kernel, .rank = 4, .dims = {1, 1, 1, 2}},
                           {.data = NULL}};
    struct node nodes[] = {
        {.op = OP_INPUT, .inputs = {-1, -1, -1}, .weights = {-1, -1, -1, -1}, .out = {1, 1, 3}},
        {.op = OP_STYLE,
         .inputs = {-1, -1, -1},
         .weights = {0, -1, -1, -1},
         .out = {2, 1, 1},
         .label = -1},
        {.op = OP_STYLE,
         .inputs = {-1, -1, -1},
         .weights = {0, -1, -1, -1},
         .out = {2, 1, 1},
         .label = 1},
        /* not needed, and could not run */
        {.op = OP_CONV, .inputs = {0, -1, -1}, .weights = {2, -1, -1, -1}, .out = {1, 1, 3}},
        {.op = OP_CONV,
         .inputs = {0, -1, -1},
         .weights = {1, -1, -1, -1},
         .kernel = {1, 2},
         .stride = {1, 1},
         .out = {1, 1, 2}},
        {.op = OP_ADD, .inputs = {4, 4, -1}, .weights = {-1, -1, -1, -1}, .out = {1, 1, 2}}};
    struct graph graph = {.nodes = nodes, .node_count = 6, .slots = slots, .slot_count = 3};
    int roots[] = {5, 1, 2, 0, 5};
    float out[5][3];
    float *outputs[] = {out[0], out[1], out[2], out[3], out[4]};
    ref_run(&graph, roots, 5, image, 2, outputs, NULL, NULL);
    CHECK(out[0][0] == 42 && out[0][1] == 64); /* 2 * (1 + 10 * 2), 2 * (2 + 10 * 3) */
    CHECK(out[1][0] == 5 && out[1][1] == 6);
    CHECK(out[2][0] == 3 && out[2][1] == 4);
    CHECK(out[3][0] == 1 && out[3][2] == 3);
    CHECK(out[4][0] == 42 && out[4][1] == 64);
}

int main(void) {
    test_golden();
    test_graph();
    return check_end();
}
