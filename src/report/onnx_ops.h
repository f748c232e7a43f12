/* Each operation of the graph as ONNX nodes of opset 18 (private to onnx). */
#ifndef REPORT_ONNX_OPS_H
#define REPORT_ONNX_OPS_H

#include "report/export_node.h"
#include "report/onnx_build.h"

#define ONNX_IMAGE "image"       /* the input, [N, c, h, w] */
#define ONNX_LABEL "style_label" /* the input that a style with label -1 reads, int64 [N] */

struct onnx_op {
    struct onnx_builder *b;
    const struct node *node;
    const struct export_node *exported;
    struct shape in[NODE_INPUTS]; /* the inputs' shapes */
    const char *x[NODE_INPUTS];   /* the values of the inputs */
    const char *name;             /* that its value is to have; unique */
};

/* Adds what `op` is to its builder and gives the name of its value. */
const char *onnx_op(const struct onnx_op *op);

/* For onnx_ops.c: the parts that are made of several nodes. */
const char *onnx_part(const struct onnx_op *op, const char *what); /* "<name>/<what>", unique */
const char *onnx_reshape(const struct onnx_op *op, const char *output, const char *x,
                         const int64_t *dims, int rank); /* 0: as in x, -1: what is left */
const char *onnx_reshape_like(const struct onnx_op *op, const char *output, const char *x,
                              const char *like); /* of any size */
const char *onnx_transpose(const struct onnx_op *op, const char *output, const char *x,
                           const int64_t *order, int rank);
const char *onnx_slice(const struct onnx_op *op, const char *output, const char *x, int axis,
                       int first, int end);
const char *onnx_attention(const struct onnx_op *op);
const char *onnx_linear_attention(const struct onnx_op *op);
const char *onnx_batch_norm(const struct onnx_op *op);
const char *onnx_norm(const struct onnx_op *op);
const char *onnx_channel_norm(const struct onnx_op *op);
const char *onnx_resize(const struct onnx_op *op);

#endif
