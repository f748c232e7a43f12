#include "report/torch_lines.h"

#include <stdio.h>
#include <string.h>

void torch_put_string(const char *s, struct text *out) {
    text_put(out, "\"");
    while (*s) {
        int length;
        unsigned c = text_utf8_decode(s, &length);
        if (c == '"' || c == '\\')
            text_add(out, "\\%c", (char)c);
        else if (c >= 0x20 && c < 0x7f)
            text_add(out, "%c", (char)c);
        else
            text_add(out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
        s += length;
    }
    text_put(out, "\"");
}

static const struct bound *find_bound(const struct torch_module *module, const char *plain) {
    for (int i = 0; module->binding && i < module->binding->count; i++)
        if (strcmp(module->binding->weights[i].slot.name, plain) == 0)
            return &module->binding->weights[i];
    return NULL;
}

struct torch_weight torch_weight(const struct torch_module *module, int slot) {
    const struct slot *s = &module->graph->slots[slot];
    const struct bound *bound = find_bound(module, s->name);
    const struct tensor *tensor = bound && bound->file_name && module->checkpoint
                                      ? checkpoint_find(module->checkpoint, bound->file_name)
                                      : NULL;
    struct torch_weight w = {.name = s->name, .rank = s->rank};
    for (int i = 0; i < s->rank; i++) w.dims[i] = s->dims[i];
    if (!tensor) return w;
    w = (struct torch_weight){.name = bound->file_name, .rank = tensor->rank, .of_file = true};
    memcpy(w.dims, tensor->dims, sizeof w.dims);
    return w;
}

/* One line. */

struct line {
    const struct torch_module *module;
    const struct export_node *exported;
    const struct node *node;
    const char *prefix; /* what the names of the section's weights begin with, `p` in the text */
    char x[NODE_INPUTS][16]; /* the inputs' variables */
    struct shape in[NODE_INPUTS];
    struct text *out;
};

/* Weight `i` of the line's node with `rank` dimensions, or None. */
static void put_weight(const struct line *line, int i, int rank) {
    int slot = line->node->weights[i];
    if (slot < 0) {
        text_put(line->out, "None");
        return;
    }
    struct torch_weight w = torch_weight(line->module, slot);
    size_t length = strlen(line->prefix);
    bool inside = length > 0 && strncmp(w.name, line->prefix, length) == 0;
    text_put(line->out, inside ? "w[p + " : "w[");
    torch_put_string(w.name + (inside ? length : 0), line->out);
    text_put(line->out, "]");
    if (w.rank == rank) return;
    const struct slot *s = &line->module->graph->slots[slot];
    text_put(line->out, ".reshape(");
    for (int d = 0; d < rank; d++)
        text_add(line->out, "%s%d", d ? ", " : "", d < s->rank ? s->dims[d] : 1);
    text_put(line->out, ")");
}

/* ", name=2" or ", name=(2, 1)", nothing when it is the default. */
static void put_extent(const struct line *line, const char *name, struct extent value,
                       int standard) {
    if (value.h == standard && value.w == standard) return;
    if (value.h == value.w)
        text_add(line->out, ", %s=%d", name, value.h);
    else
        text_add(line->out, ", %s=(%d, %d)", name, value.h, value.w);
}

static void put_eps(const struct line *line) {
    text_put(line->out, ", eps=");
    text_put_number(line->out, line->node->value);
    text_put(line->out, ")");
}

static void put_style(const struct line *line) {
    put_weight(line, 0, 2);
    text_add(line->out,
             "[torch.as_tensor(label, device=image.device).expand(image.shape[0])]"
             ".reshape(-1, %d, 1, 1)",
             line->node->out.c);
}

static void put_conv(const struct line *line) {
    bool transposed = line->node->op == OP_CONV_TRANSPOSE;
    text_add(line->out, "F.conv%s2d(%s, ", transposed ? "_transpose" : "", line->x[0]);
    put_weight(line, 0, 4);
    if (line->node->weights[1] >= 0) {
        text_put(line->out, ", ");
        put_weight(line, 1, 1);
    }
    put_extent(line, "stride", line->exported->stride, 1);
    put_extent(line, "padding", line->node->padding, 0);
    if (transposed) put_extent(line, "output_padding", line->exported->output_padding, 0);
    text_put(line->out, ")");
}

static void put_resize(const struct line *line) {
    struct shape out = line->node->out;
    text_add(line->out, "F.interpolate(%s, size=(%d, %d), mode=\"%s\"%s)", line->x[0], out.h, out.w,
             config_mode_name(line->node->mode),
             line->node->mode == MODE_NEAREST ? "" : ", align_corners=False");
}

static void put_pixel_shuffle(const struct line *line) {
    struct shape in = line->in[0], out = line->node->out;
    int sh = line->node->stride.h, sw = line->node->stride.w;
    if (sh == sw)
        text_add(line->out, "F.pixel_shuffle(%s, %d)", line->x[0], sh);
    else
        text_add(line->out,
                 "%s.reshape(-1, %d, %d, %d, %d, %d).permute(0, 1, 4, 2, 5, 3)"
                 ".reshape(-1, %d, %d, %d)",
                 line->x[0], out.c, sh, sw, in.h, in.w, out.c, out.h, out.w);
}

static void put_act(const struct line *line) {
    static const char *const functions[] = {
        [ACT_RELU] = "F.relu",          [ACT_LEAKY_RELU] = "F.leaky_relu",
        [ACT_SILU] = "F.silu",          [ACT_ELU] = "F.elu",
        [ACT_GELU] = "F.gelu",          [ACT_TANH] = "torch.tanh",
        [ACT_SIGMOID] = "torch.sigmoid"};
    text_add(line->out, "%s(%s", functions[line->node->act], line->x[0]);
    if (line->node->act == ACT_LEAKY_RELU) {
        text_put(line->out, ", ");
        text_put_number(line->out, line->node->value);
    }
    text_put(line->out, ")");
}

static void put_batch_norm(const struct line *line) {
    static const int order[] = {2, 3, 0, 1}; /* mean, variance, weight, bias */
    text_add(line->out, "F.batch_norm(%s", line->x[0]);
    for (int i = 0; i < 4; i++) {
        text_put(line->out, ", ");
        put_weight(line, order[i], 1);
    }
    put_eps(line);
}

static void put_norm(const struct line *line) {
    bool instance = line->node->groups == line->node->out.c;
    if (instance)
        text_add(line->out, "F.instance_norm(%s", line->x[0]);
    else
        text_add(line->out, "F.group_norm(%s, %d", line->x[0], line->node->groups);
    if (line->node->weights[0] >= 0) {
        text_put(line->out, instance ? ", weight=" : ", ");
        put_weight(line, 0, 1);
        text_put(line->out, instance ? ", bias=" : ", ");
        put_weight(line, 1, 1);
    }
    put_eps(line);
}

static void put_channel_norm(const struct line *line) {
    text_add(line->out, "F.layer_norm(%s.permute(0, 2, 3, 1), (%d,), ", line->x[0],
             line->node->out.c);
    put_weight(line, 0, 1);
    text_put(line->out, ", ");
    put_weight(line, 1, 1);
    put_eps(line);
    text_put(line->out, ".permute(0, 3, 1, 2)");
}

static void put_gamma(const struct line *line) {
    put_weight(line, 0, 1);
    text_add(line->out, " * %s + %s", line->x[0], line->x[1]);
}

/* What the node is, as an expression. */
static void put_expression(const struct line *line) {
    const struct node *node = line->node;
    const char *x = line->x[0], *y = line->x[1], *z = line->x[2];
    struct shape out = node->out, in = line->in[0];
    switch (node->op) {
    case OP_INPUT:
        text_put(line->out, "image");
        break;
    case OP_STYLE:
        put_style(line);
        break;
    case OP_CONV:
    case OP_CONV_TRANSPOSE:
        put_conv(line);
        break;
    case OP_RESIZE:
        put_resize(line);
        break;
    case OP_WINDOW: /* negative padding crops */
        text_add(line->out, "F.pad(%s, (0, %d, 0, %d))", x, out.w - in.w, out.h - in.h);
        break;
    case OP_PIXEL_SHUFFLE:
        put_pixel_shuffle(line);
        break;
    case OP_ACT:
        put_act(line);
        break;
    case OP_BATCH_NORM:
        put_batch_norm(line);
        break;
    case OP_NORM:
        put_norm(line);
        break;
    case OP_CHANNEL_NORM:
        put_channel_norm(line);
        break;
    case OP_CONCAT:
        text_add(line->out, "torch.cat((%s, %s), 1)", x, y);
        break;
    case OP_ADD:
        text_add(line->out, "%s + %s", x, y);
        break;
    case OP_MUL:
        text_add(line->out, "%s * %s", x, y);
        break;
    case OP_EXPAND:
        text_add(line->out, "%s.expand(-1, -1, %d, %d)", x, out.h, out.w);
        break;
    case OP_FILM:
        text_add(line->out, "%s[:, :%d] * %s + %s[:, %d:]", y, out.c, x, y, out.c);
        break;
    case OP_SLICE:
        text_add(line->out, "%s[:, %d:%d]", x, node->groups, node->groups + out.c);
        break;
    case OP_ATTENTION:
        text_add(line->out, "attention(%s, %s, %s, heads=%d)", x, y, z, node->groups);
        break;
    case OP_LINEAR_ATTENTION:
        text_add(line->out, "linear_attention(%s, %s, %s)", x, y, z);
        break;
    case OP_GAMMA:
        put_gamma(line);
        break;
    }
}

/* Sections: the nodes in a row that are of one half of one block. */

static bool same_section(const struct export_node *a, const struct export_node *b) {
    return a->block == b->block && a->down == b->down;
}

/* Shortens `prefix` to what `name` begins with too, cut after a dot. */
static void share_prefix(char *prefix, const char *name) {
    size_t shared = 0;
    for (size_t i = 0; prefix[i] && prefix[i] == name[i]; i++)
        if (prefix[i] == '.') shared = i + 1;
    prefix[shared] = '\0';
}

/* What the names of the section's weights begin with, up to a dot. Owned by the caller. */
static char *section_prefix(const struct torch_module *module, const struct export_node *nodes,
                            int first) {
    char *prefix = NULL;
    for (int n = first; n < module->graph->node_count; n++) {
        const struct node *node = &module->graph->nodes[n];
        if (!nodes[n].live || node->op == OP_STYLE) continue;
        if (!same_section(&nodes[n], &nodes[first])) break;
        for (int i = 0; i < NODE_WEIGHTS; i++) {
            if (node->weights[i] < 0) continue;
            const char *name = torch_weight(module, node->weights[i]).name;
            if (!prefix) prefix = mem_strdup(name);
            share_prefix(prefix, name);
        }
    }
    return prefix ? prefix : mem_strdup("");
}

static void put_section(const struct torch_module *module, const struct export_node *node,
                        const char *prefix, struct text *out) {
    const char *block = module->net->blocks[node->block].name;
    text_add(out, "\n        # %s, %s\n", SAFE(block), node->down ? "down" : "up");
    if (!*prefix) return;
    text_put(out, "        p = ");
    torch_put_string(prefix, out);
    text_put(out, "\n");
}

static struct line line_of(const struct torch_module *module, const struct export_node *nodes,
                           int n, const char *prefix, struct text *out) {
    const struct graph *graph = module->graph;
    struct line line = {.module = module,
                        .exported = &nodes[n],
                        .node = &graph->nodes[n],
                        .prefix = prefix,
                        .out = out};
    for (int i = 0; i < NODE_INPUTS; i++) {
        int input = line.node->inputs[i];
        if (input < 0) continue;
        line.in[i] = graph->nodes[input].out;
        if (graph->nodes[input].op == OP_INPUT)
            snprintf(line.x[i], sizeof line.x[i], "image");
        else
            snprintf(line.x[i], sizeof line.x[i], "x%d", input);
    }
    return line;
}

void torch_put_lines(const struct torch_module *module, const struct export_node *nodes,
                     struct text *out) {
    const struct graph *graph = module->graph;
    char *prefix = NULL;
    int before = -1;
    for (int n = 0; n < graph->node_count; n++) {
        const struct node *node = &graph->nodes[n];
        if (!nodes[n].live || node->op == OP_INPUT) continue;
        if (before < 0 || !same_section(&nodes[n], &nodes[before])) {
            mem_free(prefix);
            prefix = section_prefix(module, nodes, n);
            put_section(module, &nodes[n], prefix, out);
        }
        before = n;
        struct line line = line_of(module, nodes, n, prefix, out);
        text_add(out, "        x%d = ", n);
        put_expression(&line);
        text_add(out, "  # [%d, %d, %d]\n", node->out.c, node->out.h, node->out.w);
    }
    text_add(out, "        return x%d\n", module->net->root);
    mem_free(prefix);
}
