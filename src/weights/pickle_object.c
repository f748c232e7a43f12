/* The globals that a state_dict or a training checkpoint needs, and tensors, rules:
 *
 *   T1  a persistent id is ('storage', class, key, location, numel) in zip files, and has a sixth
 *       item, None or (key, offset, numel) of a view, in legacy files
 *   T2  a storage's key is decimal digits without leading zeros, at most 9 in zip files, 20 in
 *       legacy ones
 *   T5  _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]) and
 *       _rebuild_parameter(tensor, requires_grad, hooks), types exact, hooks and metadata empty
 *   T6  at most 8 dimensions; sizes, strides and offset not negative; their products fit
 *   T7  the last element lies within the storage
 *   T8  no more elements than the storage has: no expansion of a few bytes to a huge tensor
 *
 * T3, T4, T12 and T13 stand in torch_dict.c, T9 to T11 in load.c.
 */
#include "weights/pickle_object.h"

#include <inttypes.h>
#include <string.h>

#define MAX_TENSORS    40000
#define MAX_KEY_ZIP    9
#define MAX_KEY_LEGACY 20

enum pickle_global {
    GLOBAL_ORDERED_DICT,
    GLOBAL_REBUILD_TENSOR,
    GLOBAL_REBUILD_PARAMETER,
    GLOBAL_INERT,  /* REDUCE, NEWOBJ and BUILD of it give an opaque node */
    GLOBAL_STORAGE /* + an enum dtype */
};

static const struct allowed {
    const char *module, *name;
    int global;
} allowed[] = {
    {"collections", "OrderedDict", GLOBAL_ORDERED_DICT},
    {"torch._utils", "_rebuild_tensor_v2", GLOBAL_REBUILD_TENSOR},
    {"torch._utils", "_rebuild_parameter", GLOBAL_REBUILD_PARAMETER},
    {"torch", "FloatStorage", GLOBAL_STORAGE + DTYPE_F32},
    {"torch", "DoubleStorage", GLOBAL_STORAGE + DTYPE_F64},
    {"torch", "HalfStorage", GLOBAL_STORAGE + DTYPE_F16},
    {"torch", "BFloat16Storage", GLOBAL_STORAGE + DTYPE_BF16},
    {"torch", "LongStorage", GLOBAL_STORAGE + DTYPE_I64},
    {"torch", "IntStorage", GLOBAL_STORAGE + DTYPE_I32},
    {"torch", "ShortStorage", GLOBAL_STORAGE + DTYPE_I16},
    {"torch", "CharStorage", GLOBAL_STORAGE + DTYPE_I8},
    {"torch", "ByteStorage", GLOBAL_STORAGE + DTYPE_U8},
    {"torch", "BoolStorage", GLOBAL_STORAGE + DTYPE_BOOL},
    /* What training checkpoints hold beside their tensors: data without behaviour of its own. */
    {"torch", "Size", GLOBAL_INERT},
    {"torch", "device", GLOBAL_INERT},
    {"argparse", "Namespace", GLOBAL_INERT},
    {"numpy", "dtype", GLOBAL_INERT},
    {"numpy.core.multiarray", "scalar", GLOBAL_INERT},
    {"numpy._core.multiarray", "scalar", GLOBAL_INERT},
    {"_codecs", "encode", GLOBAL_INERT}, /* how protocol 2 writes bytes */
};

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

pickle_index object_global(struct pickle *p, uint32_t at, const char *module, const char *name) {
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (strcmp(module, allowed[i].module) != 0 || strcmp(name, allowed[i].name) != 0) continue;
        pickle_index index = pickle_add(p, PICKLE_GLOBAL, at);
        if (index) p->nodes[index].integer = allowed[i].global;
        return index;
    }
    if (starts_with(module, "torch.nn.") || starts_with(module, "torchvision.models."))
        pickle_refuse(p, at, "pickle P13",
                      "the class %s.%s: this is a pickled model, not a state_dict: save "
                      "model.state_dict()",
                      SAFE(module), SAFE(name));
    else
        pickle_refuse(
            p, at, "pickle P3",
            "the global %s.%s, which no state_dict needs; if this is a pickled model, save "
            "model.state_dict()",
            SAFE(module), SAFE(name));
    return 0;
}

/* A canonical decimal number of at most `digits` digits. */
static bool is_key(const struct pickle *p, const struct pickle_node *node, uint32_t digits) {
    if (node->kind != PICKLE_STRING) return false;
    uint32_t length = node->string.length;
    const uint8_t *text = p->bytes + node->string.start;
    if (length < 1 || length > digits || (text[0] == '0' && length > 1)) return false;
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    return true;
}

/* The sixth item of a legacy id: None, or a view (key, offset, numel) of the storage. */
static bool read_view(struct pickle *p, uint32_t at, const struct pickle_node *view,
                      struct pickle_storage *s) {
    if (view->kind == PICKLE_NONE) return true;
    if (view->kind != PICKLE_TUPLE || view->tuple.count != 3 ||
        !is_key(p, pickle_item(p, view, 0), MAX_KEY_LEGACY) ||
        pickle_item(p, view, 1)->kind != PICKLE_INT || pickle_item(p, view, 2)->kind != PICKLE_INT)
        return pickle_refuse(p, at, "tensor T1", "a view that is not (key, offset, numel)");
    int64_t offset = pickle_item(p, view, 1)->integer, numel = pickle_item(p, view, 2)->integer;
    if (offset < 0 || numel < 0 || offset > s->numel || numel > s->numel - offset)
        return pickle_refuse(p, at, "tensor T1",
                             "a view of %" PRId64 " elements from %" PRId64
                             " on in a storage of %" PRId64,
                             numel, offset, s->numel);
    s->view_offset = offset;
    s->view_numel = numel;
    return true;
}

pickle_index object_persistent(struct pickle *p, uint32_t at, pickle_index id) {
    const struct pickle_node *t = pickle_node(p, id);
    bool legacy = p->ids == PICKLE_IDS_LEGACY;
    uint32_t items = legacy ? 6 : 5;
    if (p->ids == PICKLE_IDS_NONE) {
        pickle_refuse(p, at, "tensor T1", "a persistent id where none can be");
        return 0;
    }
    if (t->kind == PICKLE_TUPLE && t->tuple.count > 0 &&
        pickle_string_is(p, pickle_item(p, t, 0), "module")) {
        pickle_refuse(p, at, "pickle P13",
                      "this is a pickled model, not a state_dict: save model.state_dict()");
        return 0;
    }
    if (t->kind != PICKLE_TUPLE || t->tuple.count != items ||
        !pickle_string_is(p, pickle_item(p, t, 0), "storage") ||
        pickle_item(p, t, 1)->kind != PICKLE_GLOBAL ||
        pickle_item(p, t, 1)->integer < GLOBAL_STORAGE ||
        pickle_item(p, t, 3)->kind != PICKLE_STRING || pickle_item(p, t, 4)->kind != PICKLE_INT ||
        pickle_item(p, t, 4)->integer < 0) {
        pickle_refuse(p, at, "tensor T1",
                      "a persistent id that is not ('storage', class, key, location, numel%s)",
                      legacy ? ", view" : "");
        return 0;
    }
    const struct pickle_node *key = pickle_item(p, t, 2);
    if (!is_key(p, key, legacy ? MAX_KEY_LEGACY : MAX_KEY_ZIP)) {
        pickle_refuse(p, at, "tensor T2", "a storage whose key is not a decimal number");
        return 0;
    }
    struct pickle_storage s = {.dtype =
                                   (enum dtype)(pickle_item(p, t, 1)->integer - GLOBAL_STORAGE),
                               .key = (const char *)p->bytes + key->string.start,
                               .key_length = key->string.length,
                               .numel = pickle_item(p, t, 4)->integer,
                               .at = at};
    s.view_numel = s.numel;
    if (legacy && !read_view(p, at, pickle_item(p, t, 5), &s)) return 0;
    if (p->storage_count >= MAX_TENSORS) {
        source_over_limit(p->source, p->base + at, "pickle P7", "more than %d storages",
                          MAX_TENSORS);
        return 0;
    }
    pickle_index index = pickle_add(p, PICKLE_STORAGE, at);
    if (!index) return 0;
    p->nodes[index].integer = (int64_t)p->storage_count;
    mem_grow(&p->storages, &p->storage_capacity, p->storage_count + 1, sizeof *p->storages);
    p->storages[p->storage_count++] = s;
    return index;
}

static bool is_empty_dict(const struct pickle_node *node) {
    return pickle_is_dict(node) && node->list.count == 0;
}

/* `tuple` as at most TENSOR_RANK integers that are not negative. */
static bool read_sizes(struct pickle *p, uint32_t at, const struct pickle_node *tuple,
                       const char *what, int64_t values[TENSOR_RANK]) {
    if (tuple->kind != PICKLE_TUPLE)
        return pickle_refuse(p, at, "tensor T5", "a tensor's %s that is no tuple", what);
    if (tuple->tuple.count > TENSOR_RANK)
        return pickle_refuse(p, at, "tensor T6",
                             "a tensor of %" PRIu32 " dimensions, at most %d are read",
                             tuple->tuple.count, TENSOR_RANK);
    for (uint32_t i = 0; i < tuple->tuple.count; i++) {
        const struct pickle_node *value = pickle_item(p, tuple, i);
        if (value->kind != PICKLE_INT)
            return pickle_refuse(p, at, "tensor T5", "a tensor's %s that is no integer", what);
        if (value->integer < 0)
            return pickle_refuse(p, at, "tensor T6", "a tensor's %s of %" PRId64, what,
                                 value->integer);
        values[i] = value->integer;
    }
    return true;
}

/* T6 to T8. The product is checked even when a size is 0, where it would be lost. */
static bool check_extent(struct pickle *p, const struct pickle_storage *s, int64_t offset,
                         struct pickle_tensor *t) {
    int64_t last = offset, product = 1;
    bool fits = true, empty = false;
    for (int i = 0; i < t->rank; i++) {
        int64_t step;
        empty = empty || t->dims[i] == 0;
        fits = fits && !__builtin_mul_overflow(product, t->dims[i] ? t->dims[i] : 1, &product);
        if (t->dims[i] == 0) continue;
        fits = fits && !__builtin_mul_overflow(t->dims[i] - 1, t->strides[i], &step) &&
               !__builtin_add_overflow(last, step, &last);
    }
    if (!fits)
        return pickle_refuse(p, t->at, "tensor T6", "a tensor whose sizes or strides overflow");
    if (empty) return true; /* it reaches no element, wherever it starts */
    t->count = product;
    if (last >= s->view_numel)
        return pickle_refuse(p, t->at, "tensor T7",
                             "a tensor that reaches element %" PRId64 " of a storage of %" PRId64,
                             last, s->view_numel);
    if (t->count > s->view_numel)
        return pickle_refuse(p, t->at, "tensor T8",
                             "a tensor of %" PRId64 " elements over a storage of %" PRId64,
                             t->count, s->view_numel);
    t->offset = s->view_offset + offset;
    return true;
}

static bool read_tensor(struct pickle *p, uint32_t at, const struct pickle_node *args,
                        struct pickle_tensor *t) {
    uint32_t count = args->tuple.count;
    if ((count != 6 && count != 7) || pickle_item(p, args, 0)->kind != PICKLE_STORAGE ||
        pickle_item(p, args, 1)->kind != PICKLE_INT ||
        pickle_item(p, args, 4)->kind != PICKLE_BOOL || !is_empty_dict(pickle_item(p, args, 5)) ||
        (count == 7 && pickle_item(p, args, 6)->kind != PICKLE_NONE &&
         !is_empty_dict(pickle_item(p, args, 6))))
        return pickle_refuse(p, at, "tensor T5",
                             "a tensor's arguments are not (storage, offset, size, stride, "
                             "requires_grad, no hooks)");
    *t = (struct pickle_tensor){.storage = (uint32_t)pickle_item(p, args, 0)->integer, .at = at};
    if (!read_sizes(p, at, pickle_item(p, args, 2), "size", t->dims) ||
        !read_sizes(p, at, pickle_item(p, args, 3), "stride", t->strides))
        return false;
    t->rank = (int)pickle_item(p, args, 2)->tuple.count;
    if (pickle_item(p, args, 3)->tuple.count != (uint32_t)t->rank)
        return pickle_refuse(p, at, "tensor T6", "a tensor with %d sizes and %" PRIu32 " strides",
                             t->rank, pickle_item(p, args, 3)->tuple.count);
    int64_t offset = pickle_item(p, args, 1)->integer;
    if (offset < 0)
        return pickle_refuse(p, at, "tensor T6", "a tensor's offset of %" PRId64, offset);
    return check_extent(p, &p->storages[t->storage], offset, t);
}

static pickle_index rebuild_tensor(struct pickle *p, uint32_t at, const struct pickle_node *args) {
    struct pickle_tensor t;
    if (!read_tensor(p, at, args, &t)) return 0;
    if (p->tensor_count >= MAX_TENSORS) {
        source_over_limit(p->source, p->base + at, "pickle P7", "more than %d tensors",
                          MAX_TENSORS);
        return 0;
    }
    pickle_index index = pickle_add(p, PICKLE_TENSOR, at);
    if (!index) return 0;
    p->nodes[index].integer = (int64_t)p->tensor_count;
    mem_grow(&p->tensors, &p->tensor_capacity, p->tensor_count + 1, sizeof *p->tensors);
    p->tensors[p->tensor_count++] = t;
    return index;
}

/* A parameter is its tensor. */
static pickle_index rebuild_parameter(struct pickle *p, uint32_t at,
                                      const struct pickle_node *args) {
    if (args->tuple.count != 3 || pickle_item(p, args, 0)->kind != PICKLE_TENSOR ||
        pickle_item(p, args, 1)->kind != PICKLE_BOOL || !is_empty_dict(pickle_item(p, args, 2))) {
        pickle_refuse(p, at, "tensor T5",
                      "a parameter's arguments are not (tensor, requires_grad, no hooks)");
        return 0;
    }
    return p->cells[args->tuple.first].value;
}

pickle_index object_reduce(struct pickle *p, uint32_t at, pickle_index what,
                           pickle_index arguments) {
    const struct pickle_node *callable = pickle_node(p, what), *args = pickle_node(p, arguments);
    if (callable->kind == PICKLE_GLOBAL && args->kind == PICKLE_TUPLE) {
        switch (callable->integer) {
        case GLOBAL_ORDERED_DICT:
            if (args->tuple.count == 0) return pickle_add(p, PICKLE_ORDERED, at);
            break;
        case GLOBAL_REBUILD_TENSOR:
            return rebuild_tensor(p, at, args);
        case GLOBAL_REBUILD_PARAMETER:
            return rebuild_parameter(p, at, args);
        case GLOBAL_INERT:
            return pickle_add(p, PICKLE_OPAQUE, at);
        default:
            break;
        }
    }
    pickle_refuse(p, at, "pickle P10", "a call of something that cannot be called so");
    return 0;
}

pickle_index object_new(struct pickle *p, uint32_t at, pickle_index what, pickle_index arguments) {
    const struct pickle_node *callable = pickle_node(p, what), *args = pickle_node(p, arguments);
    if (callable->kind == PICKLE_GLOBAL && callable->integer == GLOBAL_INERT &&
        args->kind == PICKLE_TUPLE)
        return pickle_add(p, PICKLE_OPAQUE, at);
    pickle_refuse(p, at, "pickle P10", "a new object of a class that has none here");
    return 0;
}

bool object_build(struct pickle *p, uint32_t at, pickle_index target, pickle_index state) {
    enum pickle_kind kind = pickle_node(p, target)->kind;
    if (kind == PICKLE_OPAQUE) return true;
    /* torch sets _metadata on a state_dict, which is an OrderedDict, so. */
    if (kind == PICKLE_ORDERED && pickle_is_dict(pickle_node(p, state))) return true;
    return pickle_refuse(p, at, "pickle P8", "state is set on something that takes none");
}
