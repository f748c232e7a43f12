#include "report/onnx.h"

#include <limits.h>
#include <string.h>

#include "report/onnx_ops.h"
#include "report/protobuf.h"

enum { IR_VERSION = 8, OPSET = 18 };

/* Dimension, as a field of a TensorShapeProto: `size`, or its name when that is 0. */
static void put_dimension(struct text *shape, int size, const char *name) {
    struct text dim = {0};
    if (size == 0)
        protobuf_string(&dim, 2, name); /* dim_param */
    else
        protobuf_int(&dim, 1, size); /* dim_value */
    protobuf_message(shape, 1, &dim);
    text_free(&dim);
}

/* ValueInfoProto, as a field of a GraphProto, of `rank` dimensions beyond the number of images. */
static void put_value(struct text *graph, int field, const char *name, enum onnx_type element,
                      const int *dims, int rank) {
    static const char *const names[] = {"C", "H", "W"};
    struct text shape = {0}, tensor = {0}, type = {0}, value = {0};
    put_dimension(&shape, 0, "N");
    for (int i = 0; i < rank; i++) put_dimension(&shape, dims[i], names[i]);
    protobuf_int(&tensor, 1, element); /* TypeProto.Tensor.elem_type */
    protobuf_message(&tensor, 2, &shape);
    protobuf_message(&type, 1, &tensor); /* TypeProto.tensor_type */
    protobuf_string(&value, 1, name);
    protobuf_message(&value, 2, &type);
    protobuf_message(graph, field, &value);
    text_free(&shape);
    text_free(&tensor);
    text_free(&type);
    text_free(&value);
}

static void put_map(const struct onnx *onnx, struct text *graph, int field, const char *name,
                    struct shape shape) {
    int h = onnx->any_size ? 0 : shape.h, w = onnx->any_size ? 0 : shape.w;
    put_value(graph, field, name, ONNX_FLOAT, (const int[]){shape.c, h, w}, 3);
}

enum { GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT, GRAPH_VALUE };

/* The name of the value of node `n`. */
static const char *name_of(const struct onnx *onnx, const struct export_node *nodes, int n,
                           struct onnx_builder *b) {
    struct text name = {0};
    export_name(onnx->graph, onnx->net, nodes, n, &name);
    const char *unique = n == onnx->net->root ? "output" : onnx_name(b, name.s);
    text_free(&name);
    return unique;
}

static struct onnx_op op_of(const struct onnx *onnx, const struct export_node *nodes, int n,
                            const char *const *values, struct onnx_builder *b) {
    struct onnx_op op = {.b = b, .node = &onnx->graph->nodes[n], .exported = &nodes[n]};
    for (int i = 0; i < NODE_INPUTS; i++) {
        int input = op.node->inputs[i];
        if (input < 0) continue;
        op.x[i] = values[input];
        op.in[i] = onnx->graph->nodes[input].out;
    }
    op.name = op.node->op == OP_INPUT ? ONNX_IMAGE : name_of(onnx, nodes, n, b);
    return op;
}

/* Fills the builder, and `values` with the fields of the graph that describe its values. */
static void build(const struct onnx *onnx, struct onnx_builder *b, struct text *values) {
    const struct graph *graph = onnx->graph;
    struct export_node *nodes = export_nodes(graph, onnx->net);
    const char **names = mem_array((size_t)graph->node_count, sizeof *names);
    const char *const reserved[] = {ONNX_IMAGE, ONNX_LABEL, "output"};
    for (int i = 0; i < 3; i++) onnx_name(b, reserved[i]);
    bool labelled = false;
    put_map(onnx, values, GRAPH_INPUT, ONNX_IMAGE, onnx->net->input);
    for (int n = 0; n < graph->node_count; n++) {
        const struct node *node = &graph->nodes[n];
        if (!nodes[n].live) continue;
        struct onnx_op op = op_of(onnx, nodes, n, names, b);
        names[n] = onnx_op(&op);
        if (node->op != OP_INPUT && n != onnx->net->root && !onnx->any_size)
            put_map(onnx, values, GRAPH_VALUE, names[n], node->out);
        labelled |= node->op == OP_STYLE && node->label == -1;
    }
    if (labelled) put_value(values, GRAPH_INPUT, ONNX_LABEL, ONNX_INT64, NULL, 0);
    put_map(onnx, values, GRAPH_OUTPUT, "output", onnx->net->output);
    mem_free(names);
    mem_free(nodes);
}

static bool same_constants(const struct onnx_builder *a, const struct onnx_builder *b) {
    if (a->constant_count != b->constant_count) return false;
    for (size_t i = 0; i < a->constant_count; i++) {
        const struct onnx_constant *x = &a->constants[i], *y = &b->constants[i];
        /* Those of one binding have the same address. */
        bool same = strcmp(x->name, y->name) == 0 && x->size == y->size &&
                    (x->data == y->data || memcmp(x->data, y->data, x->size) == 0);
        if (!same) return false;
    }
    return true;
}

bool onnx_same(const struct onnx *a, const struct onnx *b) {
    struct onnx_builder x = {.graph = a->graph}, y = {.graph = b->graph};
    struct text values = {0};
    build(a, &x, &values);
    build(b, &y, &values);
    bool same = x.nodes.length == y.nodes.length &&
                memcmp(x.nodes.s, y.nodes.s, x.nodes.length) == 0 && same_constants(&x, &y);
    text_free(&values);
    onnx_build_free(&x);
    onnx_build_free(&y);
    return same;
}

/* A constant as a field of the graph, up to its data. */
static void put_constant_head(const struct onnx_constant *constant, struct text *graph) {
    struct text tensor = {0}; /* a TensorProto */
    for (int i = 0; i < constant->rank; i++) protobuf_int(&tensor, 1, constant->dims[i]);
    protobuf_int(&tensor, 2, constant->type);
    protobuf_string(&tensor, 8, constant->name);
    protobuf_head(&tensor, 9, constant->size); /* raw_data */
    protobuf_head(graph, GRAPH_INITIALIZER, tensor.length + constant->size);
    text_write(graph, tensor.s, tensor.length);
    text_free(&tensor);
}

static size_t constants_size(const struct onnx_builder *b) {
    struct text heads = {0};
    size_t size = 0;
    for (size_t i = 0; i < b->constant_count; i++) {
        put_constant_head(&b->constants[i], &heads);
        size += b->constants[i].size;
    }
    size += heads.length;
    text_free(&heads);
    return size;
}

static void put_constants(const struct onnx_builder *b, struct text *graph) {
    for (size_t i = 0; i < b->constant_count; i++) {
        put_constant_head(&b->constants[i], graph);
        text_write(graph, b->constants[i].data, b->constants[i].size); /* little endian */
    }
}

static void put_pair(struct text *model, const char *key, const char *value) {
    struct text pair = {0};
    protobuf_string(&pair, 1, key);
    protobuf_string(&pair, 2, value);
    protobuf_message(model, 14, &pair); /* ModelProto.metadata_props */
    text_free(&pair);
}

static void put_number(struct text *model, const char *key, double value) {
    struct text number = {0};
    text_put_number(&number, value);
    put_pair(model, key, number.s);
    text_free(&number);
}

/* A ModelProto without its graph. */
static void put_model(const struct onnx *onnx, struct text *model) {
    struct text opset = {0};
    protobuf_int(model, 1, IR_VERSION);
    protobuf_string(model, 2, "stridelab"); /* producer_name */
    protobuf_string(model, 3, onnx->version);
    protobuf_int(&opset, 2, OPSET); /* OperatorSetIdProto.version; no domain is ONNX's own */
    protobuf_message(model, 8, &opset);
    text_free(&opset);
    put_pair(model, "variant", onnx->net->name);
    put_number(model, "mean", onnx->mean);
    put_number(model, "std", onnx->std);
}

bool onnx_write(const struct onnx *onnx, struct text *out, struct err *err) {
    struct onnx_builder b = {.graph = onnx->graph};
    struct text values = {0};
    build(onnx, &b, &values);
    protobuf_string(&values, GRAPH_NAME, onnx->net->name);
    put_model(onnx, out);
    size_t graph = b.nodes.length + values.length + constants_size(&b), head = 6;
    size_t size = out->length + head + graph;
    bool ok = size <= INT_MAX;
    if (ok) {
        mem_grow(&out->s, &out->capacity, size + 1, 1); /* at once: weights may be most of memory */
        protobuf_head(out, 7, graph);                   /* ModelProto.graph */
        text_write(out, b.nodes.s, b.nodes.length);
        text_write(out, values.s, values.length);
        put_constants(&b, out);
    } else {
        err_add(err, STATUS_LIMIT,
                "the ONNX model of %s would have %.1f GiB; a protocol buffer holds less than 2",
                onnx->net->name, (double)size / 0x1p30);
    }
    text_free(&values);
    onnx_build_free(&b);
    return ok;
}
