/* safetensors, rules (the format's README and reference reader, stricter where they leave room):
 *
 *   S1   8 bytes of header length N, N <= 16 MiB and <= the file's size - 8
 *   S2   the header is one strict JSON object, with white space around it at most; no name twice,
 *        at any level, and no NUL in names
 *   S4   __metadata__ is an object of strings
 *   S5   every other value is an object of exactly dtype, shape, data_offsets
 *   S6   dtype is one that we know
 *   S7   shape is at most 8 integers of at most 2^48 - 1; their product and its bytes fit
 *   S8   data_offsets are two integers, begin <= end, end - begin = the tensor's bytes
 *   S9   sorted, the tensors fill the data without holes and overlaps, up to the file's end
 *   S11  at most 40,000 tensors, names of 1 to 512 bytes
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"
#include "weights/readers.h"

#define MAX_HEADER  (16u << 20)
#define MAX_NODES   500000
#define MAX_TENSORS 40000
#define MAX_NAME    512
#define MAX_SIZE    ((UINT64_C(1) << 48) - 1)
#define HEADER_AT   8

struct range { /* of a tensor's data, in bytes from the end of the header */
    uint64_t begin, end;
    int tensor;
};

static bool refuse(const struct source *s, const struct json_node *node, const char *rule,
                   const char *message) {
    struct text path = {0}, value = {0};
    json_path(node, &path);
    json_excerpt(node, 60, &value);
    source_refuse(s, HEADER_AT + node->start, rule, "%s: %s, got %s", SAFE(path.s), message,
                  SAFE(value.s));
    text_free(&path);
    text_free(&value);
    return false;
}

static bool read_metadata(const struct source *s, const struct json_node *node,
                          struct checkpoint *out) {
    if (node->type != JSON_OBJECT) return refuse(s, node, "safetensors S4", "expected an object");
    out->metadata = mem_array(node->count, sizeof *out->metadata);
    for (const struct json_node *n = json_first(node); n; n = json_next(n)) {
        if (n->type != JSON_STRING) return refuse(s, n, "safetensors S4", "expected a string");
        out->metadata[out->metadata_count++] =
            (struct checkpoint_pair){.key = arena_strdup(&out->arena, json_key(n)),
                                     .value = arena_strdup(&out->arena, json_string(n))};
    }
    return true;
}

static bool read_dtype(const struct source *s, const struct json_node *node, enum dtype *dtype) {
    static const char *const unsupported[] = {"F8_", "F4", "F6_", "C64"};
    const char *text = json_string(node);
    if (!text) return refuse(s, node, "safetensors S6", "expected a string");
    for (int d = DTYPE_F32; d <= DTYPE_BOOL; d++) {
        if (strcmp(text, dtype_name((enum dtype)d)) != 0) continue;
        *dtype = (enum dtype)d;
        return true;
    }
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        if (strncmp(text, unsupported[i], strlen(unsupported[i])) == 0)
            return refuse(s, node, "safetensors S6", "a type that is not supported here");
    }
    return refuse(s, node, "safetensors S6", "expected a known type such as F32 or F16");
}

/* The product is checked even when a size is 0: what wraps to 0 must not pass for empty. */
static bool read_shape(const struct source *s, const struct json_node *node, struct tensor *tensor,
                       uint64_t *bytes) {
    uint64_t product = 1, value;
    bool empty = false;
    if (node->type != JSON_ARRAY || node->count > TENSOR_RANK)
        return refuse(s, node, "safetensors S7", "expected an array of at most 8 integers");
    for (const struct json_node *n = json_first(node); n; n = json_next(n)) {
        if (!json_u64(n, &value) || value > MAX_SIZE)
            return refuse(s, node, "safetensors S7", "expected integers from 0 to 2^48 - 1");
        tensor->dims[tensor->rank++] = (int64_t)value;
        empty = empty || value == 0;
        if (__builtin_mul_overflow(product, value ? value : 1, &product))
            return refuse(s, node, "safetensors S7", "the product of the sizes overflows");
    }
    if (__builtin_mul_overflow(product, dtype_size(tensor->dtype), bytes) || *bytes > INT64_MAX)
        return refuse(s, node, "safetensors S7", "the number of bytes overflows");
    if (empty) product = *bytes = 0;
    tensor->count = (size_t)product;
    return true;
}

static bool read_offsets(const struct source *s, const struct json_node *node, uint64_t bytes,
                         struct range *range) {
    const struct json_node *first = json_first(node);
    if (node->type != JSON_ARRAY || node->count != 2 || !json_u64(first, &range->begin) ||
        !json_u64(json_next(first), &range->end) || range->begin > range->end)
        return refuse(s, node, "safetensors S8", "expected [begin, end] with begin <= end");
    if (range->end - range->begin == bytes) return true;
    return source_refuse(s, HEADER_AT + node->start, "safetensors S8",
                         "%s: %" PRIu64 " bytes of data, but its type and shape need %" PRIu64,
                         SAFE(json_key(json_parent(node))), range->end - range->begin, bytes);
}

static bool read_tensor(const struct source *s, const struct json_node *node,
                        struct checkpoint *out, struct range *range) {
    const char *name = json_key(node);
    size_t length = strlen(name);
    uint64_t bytes = 0;
    if (length < 1 || length > MAX_NAME)
        return source_refuse(s, HEADER_AT + node->key_start, "safetensors S11",
                             "a tensor name of %zu bytes, expected 1 to %d", length, MAX_NAME);
    const struct json_node *dtype = NULL, *shape = NULL, *offsets = NULL;
    if (node->type == JSON_OBJECT && node->count == 3) {
        dtype = json_find(node, "dtype");
        shape = json_find(node, "shape");
        offsets = json_find(node, "data_offsets");
    }
    if (!dtype || !shape || !offsets)
        return refuse(s, node, "safetensors S5",
                      "expected an object of exactly dtype, shape and data_offsets");
    struct tensor *tensor = &out->tensors[out->tensor_count];
    tensor->name = arena_strdup(&out->arena, name);
    range->tensor = out->tensor_count++;
    return read_dtype(s, dtype, &tensor->dtype) && read_shape(s, shape, tensor, &bytes) &&
           read_offsets(s, offsets, bytes, range);
}

static int by_range(const void *a, const void *b) {
    const struct range *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return x->tensor - y->tensor;
}

static bool check_ranges(const struct source *s, uint64_t data, struct range *ranges,
                         const struct checkpoint *out) {
    uint64_t end = 0;
    qsort(ranges, (size_t)out->tensor_count, sizeof *ranges, by_range);
    for (int i = 0; i < out->tensor_count; i++) {
        if (ranges[i].begin != end)
            return source_refuse(s, data + end, "safetensors S9",
                                 "%s starts at byte %" PRIu64 " of the data, expected %" PRIu64
                                 ": a hole or an overlap",
                                 SAFE(out->tensors[ranges[i].tensor].name), ranges[i].begin, end);
        end = ranges[i].end;
    }
    if (end == s->size - data) return true;
    return source_refuse(s, data, "safetensors S9",
                         "the file has %" PRIu64 " bytes of data, its tensors take %" PRIu64,
                         s->size - data, end);
}

/* A region for each tensor, which its view fills. */
static void fill_load(struct load *load, uint64_t data, const struct range *ranges,
                      const struct checkpoint *out) {
    load->region_count = out->tensor_count;
    load->regions = mem_array((size_t)out->tensor_count, sizeof *load->regions);
    load->views = mem_array((size_t)out->tensor_count, sizeof *load->views);
    for (int i = 0; i < out->tensor_count; i++) {
        const struct tensor *t = &out->tensors[ranges[i].tensor];
        struct load_view *view = &load->views[ranges[i].tensor];
        load->regions[i] = (struct load_region){
            .offset = data + ranges[i].begin, .numel = (int64_t)t->count, .dtype = t->dtype};
        view->region = i;
        view->at = load->regions[i].offset;
        int64_t stride = 1;
        for (int d = t->rank - 1; d >= 0; d--) {
            view->strides[d] = stride;
            if (t->count > 0) stride *= t->dims[d]; /* an empty tensor's strides mean nothing */
        }
    }
}

static bool read_header(const struct source *s, const struct json_node *root, uint64_t data,
                        struct load *load, struct checkpoint *out) {
    if (root->type != JSON_OBJECT)
        return source_refuse(s, HEADER_AT + root->start, "safetensors S2",
                             "the header is %s, expected an object", json_type_name(root->type));
    if (root->count > MAX_TENSORS + 1)
        return source_over_limit(s, HEADER_AT, "safetensors S11",
                                 "%" PRIu32 " tensors, at most %d are read", root->count,
                                 MAX_TENSORS);
    struct range *ranges = mem_array(root->count, sizeof *ranges);
    out->tensors = mem_array(root->count, sizeof *out->tensors);
    bool ok = true;
    for (const struct json_node *n = json_first(root); ok && n; n = json_next(n)) {
        if (strcmp(json_key(n), "__metadata__") == 0)
            ok = read_metadata(s, n, out);
        else
            ok = read_tensor(s, n, out, &ranges[out->tensor_count]);
    }
    ok = ok && check_ranges(s, data, ranges, out);
    if (ok) fill_load(load, data, ranges, out);
    mem_free(ranges);
    return ok;
}

/* The JSON reader's messages stand in an err of their own; they become one refusal each. */
static bool parse_header(const struct source *s, const char *text, size_t size,
                         struct json_doc *doc) {
    static const struct json_limits limits = {.bytes = MAX_HEADER, .nodes = MAX_NODES, .depth = 8};
    struct err problems = {0};
    bool ok = json_parse("header", text, size, &limits, doc, &problems);
    if (!ok && problems.status == STATUS_LIMIT)
        source_over_limit(s, HEADER_AT, "safetensors S2", "%s", problems.text);
    else if (!ok)
        source_refuse(s, HEADER_AT, "safetensors S2", "%s", problems.text);
    err_free(&problems);
    return ok;
}

bool safetensors_read(const struct source *source, struct load *load, struct checkpoint *out) {
    uint8_t b[8];
    if (source->size < HEADER_AT)
        return source_refuse(source, source->size, "safetensors S1",
                             "a file of %" PRIu64 " bytes has no header length", source->size);
    if (!source_read(source, 0, b, sizeof b)) return false;
    uint64_t size = source_u64(b);
    if (size > source->size - HEADER_AT)
        return source_refuse(source, 0, "safetensors S1",
                             "a header of %" PRIu64 " bytes in a file of %" PRIu64, size,
                             source->size);
    if (size > MAX_HEADER)
        return source_over_limit(source, 0, "safetensors S1",
                                 "a header of %" PRIu64 " bytes, at most %u are read", size,
                                 MAX_HEADER);
    char *text = mem_alloc((size_t)size + 1);
    struct json_doc doc = {0};
    bool ok = source_read(source, HEADER_AT, text, (size_t)size) &&
              parse_header(source, text, (size_t)size, &doc) &&
              read_header(source, json_root(&doc), HEADER_AT + size, load, out);
    json_free(&doc);
    mem_free(text);
    return ok;
}
