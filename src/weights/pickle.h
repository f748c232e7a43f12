/* The pickle machine: reads the protocol 2 pickles that torch.save writes into a table of nodes.
 * Nothing is called, imported or built: a global is only a name on a short list, and what it would
 * make is a node that says so. Values refer to each other by index, so a pickle cannot grow by
 * copying and cycles are harmless. Rules: the tables in pickle.c and pickle_object.c. */
#ifndef WEIGHTS_PICKLE_H
#define WEIGHTS_PICKLE_H

#include "weights/checkpoint.h"
#include "weights/source.h"

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,    /* integer */
    PICKLE_INT,     /* integer */
    PICKLE_FLOAT,   /* the value is not kept: nothing reads it */
    PICKLE_STRING,  /* string: UTF-8 */
    PICKLE_TUPLE,   /* tuple */
    PICKLE_LIST,    /* list */
    PICKLE_DICT,    /* list */
    PICKLE_ORDERED, /* list: an OrderedDict */
    PICKLE_GLOBAL,  /* integer: an enum pickle_global */
    PICKLE_STORAGE, /* integer: index in storages */
    PICKLE_TENSOR,  /* integer: index in tensors */
    PICKLE_OPAQUE   /* an allowed object that nobody looks into */
};

/* An index in nodes or cells; 0 is none. */
typedef uint32_t pickle_index;

struct pickle_node {
    enum pickle_kind kind;
    uint32_t at; /* the opcode's offset in the pickle */
    union {
        int64_t integer;
        struct {
            uint32_t start, length;
        } string; /* bytes of the pickle */
        struct {
            pickle_index first; /* of `count` adjacent cells */
            uint32_t count;
        } tuple;
        struct {
            pickle_index head, tail; /* chained cells */
            uint32_t count;
        } list; /* and dict */
    };
};

struct pickle_cell {
    pickle_index key; /* dicts only */
    pickle_index value;
    pickle_index next;
    uint32_t at; /* the opcode that added it */
};

struct pickle_storage { /* one mention of a storage, by persistent id */
    enum dtype dtype;
    const char *key; /* not NUL-terminated; points into the pickle */
    size_t key_length;
    int64_t numel;                   /* of the whole storage */
    int64_t view_offset, view_numel; /* the part that this mention means, in elements */
    uint32_t at;
};

struct pickle_tensor {
    uint32_t storage; /* index in storages */
    int rank;
    int64_t dims[TENSOR_RANK];
    int64_t strides[TENSOR_RANK];
    int64_t offset; /* in elements, from the start of the whole storage */
    int64_t count;  /* the product of dims */
    uint32_t at;
};

/* What persistent ids look like. */
enum pickle_ids { PICKLE_IDS_NONE, PICKLE_IDS_ZIP, PICKLE_IDS_LEGACY };

struct pickle {
    const struct source *source;
    uint64_t base; /* the pickle's offset in the file */
    const uint8_t *bytes;
    size_t size; /* after pickle_read: its length, up to and with STOP */
    enum pickle_ids ids;

    struct pickle_node *nodes; /* from 1 */
    struct pickle_cell *cells; /* from 1 */
    struct pickle_storage *storages;
    struct pickle_tensor *tensors;
    size_t node_count, cell_count, storage_count, tensor_count;
    size_t node_capacity, cell_capacity, storage_capacity, tensor_capacity;
    pickle_index root;
};

/* Reads one pickle from the start of `bytes`, which stand at `base` in the file. With `exact` STOP
 * must be the last byte. Without, `*more` says on failure that the bytes ran out before STOP;
 * nothing is added to err then. pickle_free also after a failure. `bytes` must outlive `p`. */
bool pickle_read(struct pickle *p, const struct source *source, uint64_t base, const uint8_t *bytes,
                 size_t size, enum pickle_ids ids, bool exact, bool *more);
void pickle_free(struct pickle *p); /* idempotent */

/* Refuses with the offset `at` in the pickle. */
bool pickle_refuse(const struct pickle *p, uint64_t at, const char *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static inline const struct pickle_node *pickle_node(const struct pickle *p, pickle_index index) {
    return &p->nodes[index];
}
static inline bool pickle_is_dict(const struct pickle_node *node) {
    return node->kind == PICKLE_DICT || node->kind == PICKLE_ORDERED;
}
/* Element `i` of a tuple. */
static inline const struct pickle_node *pickle_item(const struct pickle *p,
                                                    const struct pickle_node *tuple, uint32_t i) {
    return &p->nodes[p->cells[tuple->tuple.first + i].value];
}
bool pickle_string_is(const struct pickle *p, const struct pickle_node *node, const char *text);
/* The value of a string key, or NULL. */
const struct pickle_node *pickle_get(const struct pickle *p, const struct pickle_node *dict,
                                     const char *key);

/* For the parts of the machine: a new node; node 0 means that the limit was passed (refused). */
pickle_index pickle_add(struct pickle *p, enum pickle_kind kind, uint32_t at);
bool pickle_add_cell(struct pickle *p, pickle_index key, pickle_index value, uint32_t at);
bool pickle_check_keys(const struct pickle *p); /* refuses a dict with a key twice (P9) */

#endif
