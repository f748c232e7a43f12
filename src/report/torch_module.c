#include "report/torch_module.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "report/torch_lines.h"

/* "stride1-up" gives Stride1UpGenerator. */
static void put_class_name(const char *variant, struct text *out) {
    bool start = true;
    if (!isalpha((unsigned char)*variant)) text_put(out, "Variant");
    for (const char *p = variant; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (isalnum(c)) text_add(out, "%c", start ? toupper(c) : c);
        start = !isalnum(c);
    }
    text_put(out, "Generator");
}

static void put_head(const struct torch_module *module, struct text *out) {
    struct shape in = module->net->input;
    const struct checkpoint *checkpoint = module->checkpoint;
    text_add(out, "# Variant %s, written by stridelab %s.\n", module->net->name, module->version);
    text_add(out, "# The image is [N, %d, %d, %d] and holds (pixel / 255 - ", in.c, in.h, in.w);
    text_put_number(out, module->mean);
    text_put(out, ") / ");
    text_put_number(out, module->std);
    text_put(out, ".\n# All tensors are zero until a state_dict is loaded");
    if (checkpoint) {
        text_put(out, ", such as that in ");
        torch_put_string(file_base(checkpoint->path), out);
    }
    if (checkpoint && checkpoint->key) {
        text_put(out, " under ");
        torch_put_string(checkpoint->key, out);
    }
    text_put(out, ".\n# For inference: batch norms use their running statistics in any mode.\n");
    text_put(out, "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n");
}

static void put_helpers(const struct torch_module *module, const struct export_node *nodes,
                        struct text *out) {
    bool attention = false, linear = false;
    for (int n = 0; n < module->graph->node_count; n++) {
        attention |= nodes[n].live && module->graph->nodes[n].op == OP_ATTENTION;
        linear |= nodes[n].live && module->graph->nodes[n].op == OP_LINEAR_ATTENTION;
    }
    if (attention)
        text_put(out,
                 "\n\ndef attention(q, k, v, heads):\n"
                 "    \"\"\"softmax(q . k / sqrt(depth)) v over the positions of a map.\"\"\"\n"
                 "    q, k, u = (x.reshape(x.shape[0], heads, x.shape[1] // heads, -1)"
                 " for x in (q, k, v))\n"
                 "    scores = q.transpose(2, 3) @ k * q.shape[2] ** -0.5\n"
                 "    return (u @ scores.softmax(3).transpose(2, 3)).reshape(v.shape)\n");
    if (linear)
        text_put(out, "\n\ndef linear_attention(q, k, v):\n"
                      "    q, k = F.elu(q).flatten(2) + 1, F.elu(k).flatten(2) + 1\n"
                      "    total = k.sum(2, keepdim=True).transpose(1, 2) @ q\n"
                      "    sums = v.flatten(2) @ k.transpose(1, 2) @ q\n"
                      "    return (sums / total.clamp(min=1e-6)).reshape(v.shape)\n");
}

/* Straight into the module's dicts, since a block may be called "half", which nn.Module has. */
static const char register_helper[] =
    "\n    def tensor(self, name, *shape, buffer=False, dtype=torch.float32):\n"
    "        \"\"\"Registers \"a.b.weight\" as `weight` of the module b in the module a.\"\"\"\n"
    "        module, (*path, leaf) = self, name.split(\".\")\n"
    "        for step in path:\n"
    "            module = module._modules.setdefault(step, nn.Module())\n"
    "        value = torch.zeros(shape, dtype=dtype)\n"
    "        if buffer:\n"
    "            module._buffers[leaf] = value\n"
    "        else:\n"
    "            module._parameters[leaf] = nn.Parameter(value)\n";

static const char *dtype_word(enum dtype dtype) {
    static const char *const words[] = {
        [DTYPE_F32] = "float32",   [DTYPE_F64] = "float64", [DTYPE_F16] = "float16",
        [DTYPE_BF16] = "bfloat16", [DTYPE_I64] = "int64",   [DTYPE_I32] = "int32",
        [DTYPE_I16] = "int16",     [DTYPE_I8] = "int8",     [DTYPE_U64] = "int64",
        [DTYPE_U32] = "int64",     [DTYPE_U16] = "int32",   [DTYPE_U8] = "uint8",
        [DTYPE_BOOL] = "bool"};
    return words[dtype];
}

static void put_tensor(const char *name, const int64_t *dims, int rank, const char *more,
                       struct text *out) {
    text_put(out, "        self.tensor(");
    torch_put_string(name, out);
    for (int i = 0; i < rank; i++) text_add(out, ", %lld", (long long)dims[i]);
    text_add(out, "%s)\n", more);
}

/* The tensors that forward() reads: those of the file, or those of no file. */
static void put_read(const struct torch_module *module, bool of_file, struct text *out) {
    for (int i = 0; i < module->net->slot_count; i++) {
        struct torch_weight w = torch_weight(module, module->net->slots[i]);
        enum slot_role role = module->graph->slots[module->net->slots[i]].role;
        bool buffer = role == ROLE_MEAN || role == ROLE_VARIANCE;
        if (w.of_file == of_file)
            put_tensor(w.name, w.dims, w.rank, buffer ? ", buffer=True" : "", out);
    }
}

static bool is_read(const struct torch_module *module, const char *name) {
    for (int i = 0; i < module->binding->count; i++) {
        const char *read = module->binding->weights[i].file_name;
        if (read && strcmp(read, name) == 0) return true;
    }
    return false;
}

/* What the file has besides: num_batches_tracked of batch norms, layers of other variants. */
static void put_unread(const struct torch_module *module, struct text *out) {
    for (int i = 0; i < module->checkpoint->tensor_count; i++) {
        const struct tensor *t = &module->checkpoint->tensors[i];
        if (is_read(module, t->name)) continue;
        struct text more = {0};
        text_add(&more, ", buffer=True, dtype=torch.%s", dtype_word(t->dtype));
        put_tensor(t->name, t->dims, t->rank, more.s, out);
        text_free(&more);
    }
}

static void put_init(const struct torch_module *module, struct text *out) {
    struct text rest = {0};
    text_put(out, "    def __init__(self):\n        super().__init__()\n");
    put_read(module, true, out);
    if (module->checkpoint) put_unread(module, &rest);
    if (rest.length) text_add(out, "        # In the file, not read here:\n%s", rest.s);
    text_free(&rest);
    put_read(module, false, &rest);
    if (rest.length && module->checkpoint)
        text_put(out, "        # Not in the file: load it with strict=False.\n");
    if (rest.length) text_put(out, rest.s);
    text_free(&rest);
    text_put(out, register_helper);
}

/* The label's default is the config's; without one it has to be given. */
static void put_forward_head(const struct torch_module *module, struct text *out) {
    const struct graph *graph = module->graph;
    struct shape in = module->net->input;
    text_put(out, "\n    def forward(self, image");
    for (int n = 0; n < graph->node_count; n++) {
        if (graph->nodes[n].op != OP_STYLE) continue;
        text_put(out, ", label");
        if (graph->nodes[n].label >= 0) text_add(out, "=%d", graph->nodes[n].label);
    }
    text_put(out, "):\n");
    text_add(out, "        if image.shape[1:] != (%d, %d, %d):\n", in.c, in.h, in.w);
    text_add(out,
             "            raise ValueError(f\"the image is {list(image.shape)}, "
             "not [N, %d, %d, %d]\")\n",
             in.c, in.h, in.w);
    text_put(out, "        w = {**dict(self.named_parameters()), **dict(self.named_buffers())}\n");
}

void torch_module_write(const struct torch_module *module, struct text *out) {
    struct export_node *nodes = export_nodes(module->graph, module->net);
    put_head(module, out);
    put_helpers(module, nodes, out);
    text_put(out, "\n\nclass ");
    put_class_name(module->net->name, out);
    text_put(out, "(nn.Module):\n");
    put_init(module, out);
    put_forward_head(module, out);
    torch_put_lines(module, nodes, out);
    mem_free(nodes);
}
