#include "report/onnx_build.h"

#include <string.h>

#include "base/hash.h"
#include "report/protobuf.h"

void onnx_build_free(struct onnx_builder *b) {
    text_free(&b->nodes);
    mem_free(b->constants);
    mem_free(b->weights);
    mem_free(b->names);
    arena_free(&b->arena);
    *b = (struct onnx_builder){0};
}

/* Names. */

/* The place of `name` in the table, or the empty one where it would go. */
static const char **find_name(const struct onnx_builder *b, const char *name) {
    size_t place = hash64(name, strlen(name), 0) & (b->name_size - 1);
    while (b->names[place] && strcmp(b->names[place], name) != 0)
        place = (place + 1) & (b->name_size - 1);
    return &b->names[place];
}

static void make_room(struct onnx_builder *b) {
    if (2 * (b->name_count + 1) <= b->name_size) return;
    const char **old = b->names;
    size_t old_size = b->name_size;
    b->name_size = old_size ? 2 * old_size : 256;
    b->names = mem_array(b->name_size, sizeof *b->names);
    for (size_t i = 0; i < old_size; i++)
        if (old[i]) *find_name(b, old[i]) = old[i];
    mem_free(old);
}

const char *onnx_name(struct onnx_builder *b, const char *wanted) {
    make_room(b);
    const char *name = arena_strdup(&b->arena, wanted);
    for (int number = 2; *find_name(b, name); number++)
        name = arena_printf(&b->arena, "%s.%d", wanted, number);
    *find_name(b, name) = name;
    b->name_count++;
    return name;
}

/* Constants. */

static struct onnx_constant *add_constant(struct onnx_builder *b, const char *name,
                                          enum onnx_type type, const void *data, size_t size) {
    mem_grow(&b->constants, &b->constant_capacity, b->constant_count + 1, sizeof *b->constants);
    struct onnx_constant *constant = &b->constants[b->constant_count++];
    *constant = (struct onnx_constant){
        .name = onnx_name(b, name), .type = type, .data = data, .size = size};
    return constant;
}

const char *onnx_weight(struct onnx_builder *b, int slot, enum onnx_form form) {
    const struct slot *s = &b->graph->slots[slot];
    if (!b->weights) b->weights = mem_array((size_t)b->graph->slot_count, ONNX_FORMS * sizeof(int));
    int *number = &b->weights[slot * ONNX_FORMS + (int)form];
    if (*number) return b->constants[*number - 1].name;
    struct onnx_constant *constant =
        add_constant(b, s->name, ONNX_FLOAT, s->data, slot_count(s) * sizeof(float));
    *number = (int)b->constant_count;
    constant->rank = form == ONNX_AS_KERNEL ? 4 : form == ONNX_AS_CHANNELS ? 3 : s->rank;
    for (int i = 0; i < constant->rank; i++) constant->dims[i] = i < s->rank ? s->dims[i] : 1;
    return constant->name;
}

const char *onnx_row(struct onnx_builder *b, int slot, int row) {
    const struct slot *s = &b->graph->slots[slot];
    size_t length = (size_t)s->dims[1];
    struct onnx_constant *constant =
        add_constant(b, arena_printf(&b->arena, "%s[%d]", s->name, row), ONNX_FLOAT,
                     s->data + (size_t)row * length, length * sizeof(float));
    constant->rank = 4;
    memcpy(constant->dims, (const int64_t[]){1, s->dims[1], 1, 1}, sizeof constant->dims);
    return constant->name;
}

/* The constant of that content and shape; `name` is for a new one. */
static const char *small(struct onnx_builder *b, const char *name, enum onnx_type type, int rank,
                         int count, const void *data, size_t size) {
    for (size_t i = 0; i < b->constant_count; i++) {
        const struct onnx_constant *c = &b->constants[i];
        if (c->type == type && c->rank == rank && c->dims[0] == count && c->size == size &&
            memcmp(c->data, data, size) == 0)
            return c->name;
    }
    void *copy = arena_alloc(&b->arena, size);
    memcpy(copy, data, size);
    struct onnx_constant *constant = add_constant(b, name, type, copy, size);
    constant->rank = rank;
    constant->dims[0] = count;
    return constant->name;
}

const char *onnx_ints(struct onnx_builder *b, const int64_t *values, int count) {
    struct text name = {0};
    text_put(&name, "const/int");
    for (int i = 0; i < count; i++) text_add(&name, "%s%lld", i ? "," : ":", (long long)values[i]);
    const char *result =
        small(b, name.s, ONNX_INT64, 1, count, values, (size_t)count * sizeof *values);
    text_free(&name);
    return result;
}

const char *onnx_float(struct onnx_builder *b, float value) {
    struct text name = {0};
    text_put(&name, "const/float:");
    text_put_number(&name, (double)value);
    const char *result = small(b, name.s, ONNX_FLOAT, 0, 0, &value, sizeof value);
    text_free(&name);
    return result;
}

const char *onnx_filled(struct onnx_builder *b, float value, int count) {
    float *values = mem_array((size_t)count, sizeof *values);
    for (int i = 0; i < count; i++) values[i] = value;
    struct text name = {0};
    text_put(&name, "const/float:");
    text_put_number(&name, (double)value);
    text_add(&name, "x%d", count);
    const char *result =
        small(b, name.s, ONNX_FLOAT, 1, count, values, (size_t)count * sizeof *values);
    text_free(&name);
    mem_free(values);
    return result;
}

/* Nodes. */

enum attribute_type {
    ATTRIBUTE_FLOAT = 1,
    ATTRIBUTE_INT = 2,
    ATTRIBUTE_STRING = 3,
    ATTRIBUTE_INTS = 7
};

struct onnx_node onnx_begin(const char *op, const char *output) {
    return (struct onnx_node){.op = op, .output = output};
}

void onnx_input(struct onnx_node *node, const char *name) {
    protobuf_string(&node->inputs, 1, name); /* NodeProto.input */
}

/* AttributeProto: `value` holds the fields of the value. */
static void put_attribute(struct onnx_node *node, const char *name, enum attribute_type type,
                          struct text *value) {
    struct text attribute = {0};
    protobuf_string(&attribute, 1, name);
    if (value->length) text_write(&attribute, value->s, value->length);
    protobuf_int(&attribute, 20, type);
    protobuf_message(&node->attributes, 5, &attribute); /* NodeProto.attribute */
    text_free(&attribute);
    text_free(value);
}

void onnx_int(struct onnx_node *node, const char *name, int64_t value) {
    struct text field = {0};
    protobuf_int(&field, 3, value);
    put_attribute(node, name, ATTRIBUTE_INT, &field);
}

void onnx_real(struct onnx_node *node, const char *name, double value) {
    struct text field = {0};
    protobuf_float(&field, 2, (float)value);
    put_attribute(node, name, ATTRIBUTE_FLOAT, &field);
}

void onnx_word(struct onnx_node *node, const char *name, const char *value) {
    struct text field = {0};
    protobuf_string(&field, 4, value);
    put_attribute(node, name, ATTRIBUTE_STRING, &field);
}

void onnx_list(struct onnx_node *node, const char *name, const int64_t *values, int count) {
    struct text field = {0};
    for (int i = 0; i < count; i++) protobuf_int(&field, 8, values[i]);
    put_attribute(node, name, ATTRIBUTE_INTS, &field);
}

void onnx_pair(struct onnx_node *node, const char *name, struct extent value) {
    onnx_list(node, name, (const int64_t[]){value.h, value.w}, 2);
}

const char *onnx_end(struct onnx_builder *b, struct onnx_node *node) {
    struct text message = {0};
    if (node->inputs.length) text_write(&message, node->inputs.s, node->inputs.length);
    protobuf_string(&message, 2, node->output);
    protobuf_string(&message, 3, node->output); /* the node is named as its result */
    protobuf_string(&message, 4, node->op);
    if (node->attributes.length) text_write(&message, node->attributes.s, node->attributes.length);
    protobuf_message(&b->nodes, 1, &message); /* GraphProto.node */
    text_free(&message);
    text_free(&node->inputs);
    text_free(&node->attributes);
    return node->output;
}

const char *onnx_add(struct onnx_builder *b, const char *op, const char *output, const char *x,
                     const char *y) {
    struct onnx_node node = onnx_begin(op, output);
    onnx_input(&node, x);
    if (y) onnx_input(&node, y);
    return onnx_end(b, &node);
}
