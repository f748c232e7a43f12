/* The parts of an ONNX graph as they are made (private to onnx): nodes, constants, and names that
 * are unique. Field numbers are those of onnx.proto. */
#ifndef REPORT_ONNX_BUILD_H
#define REPORT_ONNX_BUILD_H

#include "base/text.h"
#include "net/graph.h"

enum onnx_type { ONNX_FLOAT = 1, ONNX_INT64 = 7 }; /* TensorProto.DataType */

struct onnx_constant { /* an initializer */
    const char *name;
    enum onnx_type type;
    int rank;
    int64_t dims[4];
    const void *data; /* of a slot, or in the builder's arena */
    size_t size;      /* in bytes */
};

/* How an operation wants a weight. */
enum onnx_form {
    ONNX_AS_IS,
    ONNX_AS_KERNEL,  /* a linear layer [out, in] as [out, in, 1, 1] */
    ONNX_AS_CHANNELS /* [c] as [c, 1, 1], which is broadcast over the positions */
};
enum { ONNX_FORMS = ONNX_AS_CHANNELS + 1 };

struct onnx_builder { /* start it zeroed but for `graph` */
    const struct graph *graph;
    struct text nodes; /* fields of a GraphProto */
    struct onnx_constant *constants;
    size_t constant_count, constant_capacity;
    int *weights; /* per slot and form the number of its constant + 1, or 0 */
    /* private: names in use */
    const char **names; /* open addressing */
    size_t name_count, name_size;
    struct arena arena;
};
void onnx_build_free(struct onnx_builder *b); /* idempotent */

/* `wanted`, or with a number after it when that is taken. Lives as long as the builder. */
const char *onnx_name(struct onnx_builder *b, const char *wanted);

/* Constants; each gives the name to use as an input. Equal small ones are one. */
const char *onnx_weight(struct onnx_builder *b, int slot, enum onnx_form form);
const char *onnx_row(struct onnx_builder *b, int slot, int row); /* of a matrix, as [1, n, 1, 1] */
const char *onnx_ints(struct onnx_builder *b, const int64_t *values, int count);
const char *onnx_float(struct onnx_builder *b, float value);             /* a scalar */
const char *onnx_filled(struct onnx_builder *b, float value, int count); /* [count] */
#define ONNX_INTS(b, ...)                                                                          \
    onnx_ints(b, (const int64_t[]){__VA_ARGS__},                                                   \
              (int)(sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t)))

/* One operation: made with onnx_begin, given inputs in order ("" for one that is left out) and
 * attributes, and added by onnx_end, which gives the name of its result. */
struct onnx_node {
    const char *op, *output;
    struct text inputs, attributes;
};
struct onnx_node onnx_begin(const char *op, const char *output);
void onnx_input(struct onnx_node *node, const char *name);
void onnx_int(struct onnx_node *node, const char *name, int64_t value);
void onnx_pair(struct onnx_node *node, const char *name, struct extent value); /* ints [h, w] */
void onnx_real(struct onnx_node *node, const char *name, double value);
void onnx_word(struct onnx_node *node, const char *name, const char *value);
void onnx_list(struct onnx_node *node, const char *name, const int64_t *values, int count);
const char *onnx_end(struct onnx_builder *b, struct onnx_node *node);

/* The same for an operation of one or two inputs (`y` NULL) without attributes. */
const char *onnx_add(struct onnx_builder *b, const char *op, const char *output, const char *x,
                     const char *y);

#endif
