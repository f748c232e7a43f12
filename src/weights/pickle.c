/* The machine, rules:
 *
 *   P1   a pickle starts with PROTO 2
 *   P2   only the opcodes that state_dicts and training checkpoints need
 *   P3   only the globals listed in pickle_object.c
 *   P4   no operand runs past the end
 *   P5   no value and no mark is taken that is not there
 *   P6   memo numbers are given in sequence, and read after they are given
 *   P7   limits: 4 M opcodes, 1 M values and items, 10,000 values on the stack, 1,000 marks,
 *        strings of 64 KiB, 40,000 tensors and storages
 *   P8   items are added to lists and dicts only, in pairs to dicts, with strings or integers as
 *        keys
 *   P9   no dict has a key twice
 *   P10  only what can be called is called (pickle_object.c)
 *   P11  text is UTF-8
 *   P12  STOP ends it, with one value left
 *   P13  not a whole pickled model
 */
#include "weights/pickle.h"

#include <inttypes.h>

#include "base/text.h"
#include "weights/pickle_object.h"

#define MAX_OPCODES 4000000
#define MAX_STACK   10000
#define MAX_MARKS   1000
#define MAX_STRING  65536
#define MAX_GLOBAL  128 /* bytes of a global's module or name */

enum opcode {
    PROTO = 0x80,
    STOP = '.',
    GLOBAL = 'c',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    BINGET = 'h',
    LONG_BINGET = 'j',
    MARK = '(',
    TUPLE = 't',
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    EMPTY_TUPLE = ')',
    EMPTY_DICT = '}',
    EMPTY_LIST = ']',
    SETITEM = 's',
    SETITEMS = 'u',
    APPEND = 'a',
    APPENDS = 'e',
    BINUNICODE = 'X',
    SHORT_BINSTRING = 'U',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    LONG1 = 0x8a,
    BINFLOAT = 'G',
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    NONE = 'N',
    BINPERSID = 'Q',
    REDUCE = 'R',
    NEWOBJ = 0x81,
    BUILD = 'b'
};

struct machine {
    struct pickle *p;
    size_t size, at; /* of the bytes; at: the next one */
    uint32_t op_at;
    pickle_index *stack;
    size_t depth, stack_capacity;
    uint32_t *marks; /* depths of the stack */
    size_t mark_count, mark_capacity;
    pickle_index *memo;
    size_t memo_capacity, memo_writes;
    bool ran_out; /* of bytes */
    bool exact;
};

static bool over_limit(struct machine *m, const char *what, size_t limit) {
    return source_over_limit(m->p->source, m->p->base + m->op_at, "pickle P7", "more than %zu %s",
                             limit, what);
}

/* The next `n` bytes, or NULL when there are fewer. */
static const uint8_t *take(struct machine *m, size_t n) {
    if (n > m->size - m->at) {
        m->ran_out = true;
        if (m->exact)
            pickle_refuse(m->p, m->op_at, "pickle P4",
                          "the pickle ends within the operation that starts here");
        return NULL;
    }
    const uint8_t *bytes = m->p->bytes + m->at;
    m->at += n;
    return bytes;
}

static bool push(struct machine *m, pickle_index value) {
    if (value == 0) return false; /* refused where it was made */
    if (m->depth >= MAX_STACK) return over_limit(m, "values on the stack", MAX_STACK);
    mem_grow(&m->stack, &m->stack_capacity, m->depth + 1, sizeof *m->stack);
    m->stack[m->depth++] = value;
    return true;
}

/* Are there `n` values above the last mark? */
static bool need(struct machine *m, size_t n) {
    size_t floor = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (m->depth - floor >= n) return true;
    return pickle_refuse(m->p, m->op_at, "pickle P5",
                         "the operation needs %zu values, there are %zu", n, m->depth - floor);
}

static bool pop_mark(struct machine *m, size_t *floor) {
    if (m->mark_count == 0)
        return pickle_refuse(m->p, m->op_at, "pickle P5",
                             "the operation needs a mark, there is none");
    *floor = m->marks[--m->mark_count];
    return true;
}

static bool do_mark(struct machine *m) {
    if (m->mark_count >= MAX_MARKS) return over_limit(m, "marks", MAX_MARKS);
    mem_grow(&m->marks, &m->mark_capacity, m->mark_count + 1, sizeof *m->marks);
    m->marks[m->mark_count++] = (uint32_t)m->depth;
    return true;
}

static bool push_integer(struct machine *m, enum pickle_kind kind, int64_t value) {
    pickle_index index = pickle_add(m->p, kind, m->op_at);
    if (index) m->p->nodes[index].integer = value;
    return push(m, index);
}

/* A tuple of the stack's values from `floor` on. */
static bool make_tuple(struct machine *m, size_t floor) {
    struct pickle *p = m->p;
    pickle_index index = pickle_add(p, PICKLE_TUPLE, m->op_at);
    if (!index) return false;
    p->nodes[index].tuple.first = (pickle_index)p->cell_count;
    p->nodes[index].tuple.count = (uint32_t)(m->depth - floor);
    for (size_t i = floor; i < m->depth; i++) {
        if (!pickle_add_cell(p, 0, m->stack[i], m->op_at)) return false;
    }
    m->depth = floor;
    return push(m, index);
}

static bool do_tuple(struct machine *m, size_t count) {
    return need(m, count) && make_tuple(m, m->depth - count);
}

static bool do_marked_tuple(struct machine *m) {
    size_t floor = 0;
    return pop_mark(m, &floor) && make_tuple(m, floor);
}

/* Appends to the list, or dict, `target`. */
static bool add_item(struct machine *m, pickle_index target, pickle_index key, pickle_index value) {
    struct pickle *p = m->p;
    pickle_index cell = (pickle_index)p->cell_count;
    if (!pickle_add_cell(p, key, value, m->op_at)) return false;
    struct pickle_node *node = &p->nodes[target];
    if (node->list.tail)
        p->cells[node->list.tail].next = cell;
    else
        node->list.head = cell;
    node->list.tail = cell;
    node->list.count++;
    return true;
}

static bool set_items(struct machine *m, size_t floor) {
    const struct pickle_node *nodes = m->p->nodes;
    if (floor == 0 || !pickle_is_dict(&nodes[m->stack[floor - 1]]))
        return pickle_refuse(m->p, m->op_at, "pickle P8",
                             "items are set on something that is no dict");
    if ((m->depth - floor) % 2 != 0)
        return pickle_refuse(m->p, m->op_at, "pickle P8", "a key without a value");
    for (size_t i = floor; i < m->depth; i += 2) {
        enum pickle_kind kind = nodes[m->stack[i]].kind;
        if (kind != PICKLE_STRING && kind != PICKLE_INT)
            return pickle_refuse(m->p, m->op_at, "pickle P8",
                                 "a dict key that is neither a string nor an integer");
        if (!add_item(m, m->stack[floor - 1], m->stack[i], m->stack[i + 1])) return false;
    }
    m->depth = floor;
    return true;
}

static bool append_items(struct machine *m, size_t floor) {
    if (floor == 0 || m->p->nodes[m->stack[floor - 1]].kind != PICKLE_LIST)
        return pickle_refuse(m->p, m->op_at, "pickle P8",
                             "items are appended to something that is no list");
    for (size_t i = floor; i < m->depth; i++) {
        if (!add_item(m, m->stack[floor - 1], 0, m->stack[i])) return false;
    }
    m->depth = floor;
    return true;
}

/* SETITEMS and APPENDS: the container lies right below the mark, above any earlier one. */
static bool do_marked_items(struct machine *m, bool (*add)(struct machine *, size_t)) {
    size_t floor = 0;
    if (!pop_mark(m, &floor)) return false;
    size_t below = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (floor <= below)
        return pickle_refuse(m->p, m->op_at, "pickle P5", "no container below the mark");
    return add(m, floor);
}

static bool do_put(struct machine *m, uint32_t number) {
    if (!need(m, 1)) return false;
    if (number > m->memo_writes + 1) /* the pickler of Python 2 counts from 1 */
        return pickle_refuse(m->p, m->op_at, "pickle P6",
                             "memo number %" PRIu32 " after %zu writes", number, m->memo_writes);
    mem_grow(&m->memo, &m->memo_capacity, (size_t)number + 1, sizeof *m->memo);
    m->memo[number] = m->stack[m->depth - 1];
    m->memo_writes++;
    return true;
}

static bool do_get(struct machine *m, uint32_t number) {
    if (number >= m->memo_capacity || m->memo[number] == 0)
        return pickle_refuse(m->p, m->op_at, "pickle P6", "memo number %" PRIu32 " was never given",
                             number);
    return push(m, m->memo[number]);
}

static bool do_string(struct machine *m, size_t length) {
    if (length > MAX_STRING) return over_limit(m, "bytes in a string", MAX_STRING);
    uint32_t start = (uint32_t)m->at;
    const char *text = (const char *)take(m, length);
    if (!text) return false;
    for (size_t i = 0; i < length;) {
        int n = text_utf8_length(text + i, length - i);
        if (n == 0) return pickle_refuse(m->p, start + i, "pickle P11", "text that is not UTF-8");
        i += (size_t)n;
    }
    pickle_index index = pickle_add(m->p, PICKLE_STRING, m->op_at);
    if (!index) return false;
    m->p->nodes[index].string.start = start;
    m->p->nodes[index].string.length = (uint32_t)length;
    return push(m, index);
}

static bool do_sized_string(struct machine *m, size_t width) {
    const uint8_t *b = take(m, width);
    return b && do_string(m, width == 1 ? b[0] : source_u32(b));
}

static bool do_long(struct machine *m) {
    const uint8_t *b = take(m, 1);
    if (!b) return false;
    size_t n = b[0];
    if (n > 8)
        return pickle_refuse(m->p, m->op_at, "pickle P2",
                             "an integer of %zu bytes, at most 8 are read", n);
    b = take(m, n);
    if (!b) return false;
    uint64_t value = n > 0 && b[n - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = n; i-- > 0;) value = value << 8 | b[i];
    return push_integer(m, PICKLE_INT, (int64_t)value);
}

/* The text up to a newline, which is dropped. */
static bool take_line(struct machine *m, char line[MAX_GLOBAL + 1]) {
    for (size_t n = 0;; n++) {
        const uint8_t *b = take(m, 1);
        if (!b) return false;
        line[n] = (char)*b;
        if (*b == '\n') {
            line[n] = 0;
            return true;
        }
        if (n == MAX_GLOBAL || *b < 0x20 || *b > 0x7e)
            return pickle_refuse(m->p, m->op_at, "pickle P3",
                                 "a global whose name is too long or not ASCII");
    }
}

static bool do_global(struct machine *m) {
    char module[MAX_GLOBAL + 1], name[MAX_GLOBAL + 1];
    return take_line(m, module) && take_line(m, name) &&
           push(m, object_global(m->p, m->op_at, module, name));
}

static bool do_call(struct machine *m,
                    pickle_index (*call)(struct pickle *, uint32_t, pickle_index, pickle_index)) {
    if (!need(m, 2)) return false;
    m->depth -= 2;
    return push(m, call(m->p, m->op_at, m->stack[m->depth], m->stack[m->depth + 1]));
}

static bool do_persistent(struct machine *m) {
    if (!need(m, 1)) return false;
    m->depth--;
    return push(m, object_persistent(m->p, m->op_at, m->stack[m->depth]));
}

static bool do_build(struct machine *m) {
    if (!need(m, 2)) return false;
    m->depth--;
    return object_build(m->p, m->op_at, m->stack[m->depth - 1], m->stack[m->depth]);
}

static bool do_operand(struct machine *m, enum opcode op) {
    static const uint8_t widths[256] = {
        [BINPUT] = 1,  [LONG_BINPUT] = 4, [BINGET] = 1, [LONG_BINGET] = 4,
        [BININT1] = 1, [BININT2] = 2,     [BININT] = 4, [BINFLOAT] = 8};
    const uint8_t *b = take(m, widths[op]);
    if (!b) return false;
    switch (op) {
    case BINPUT:
        return do_put(m, b[0]);
    case LONG_BINPUT:
        return do_put(m, source_u32(b));
    case BINGET:
        return do_get(m, b[0]);
    case LONG_BINGET:
        return do_get(m, source_u32(b));
    case BININT1:
        return push_integer(m, PICKLE_INT, b[0]);
    case BININT2:
        return push_integer(m, PICKLE_INT, source_u16(b));
    case BININT:
        return push_integer(m, PICKLE_INT, (int32_t)source_u32(b));
    default:
        return push(m, pickle_add(m->p, PICKLE_FLOAT, m->op_at));
    }
}

static bool unknown_opcode(struct machine *m, unsigned op) {
    if (op == PROTO)
        return pickle_refuse(m->p, m->op_at, "pickle P1", "PROTO in the middle of a pickle");
    if (op == 0x8c || op == 0x93 || op == 0x94 || op == 0x95)
        return pickle_refuse(m->p, m->op_at, "pickle P2",
                             "operation 0x%02x of pickle protocol 4; save again with torch.save's "
                             "default protocol",
                             op);
    return pickle_refuse(m->p, m->op_at, "pickle P2", "operation 0x%02x, which no state_dict needs",
                         op);
}

static bool step(struct machine *m, enum opcode op) {
    switch (op) {
    case BINPUT:
    case LONG_BINPUT:
    case BINGET:
    case LONG_BINGET:
    case BININT1:
    case BININT2:
    case BININT:
    case BINFLOAT:
        return do_operand(m, op);
    case LONG1:
        return do_long(m);
    case NONE:
        return push(m, pickle_add(m->p, PICKLE_NONE, m->op_at));
    case NEWTRUE:
        return push_integer(m, PICKLE_BOOL, 1);
    case NEWFALSE:
        return push_integer(m, PICKLE_BOOL, 0);
    case BINUNICODE:
        return do_sized_string(m, 4);
    case SHORT_BINSTRING:
        return do_sized_string(m, 1);
    case MARK:
        return do_mark(m);
    case TUPLE:
        return do_marked_tuple(m);
    case EMPTY_TUPLE:
        return make_tuple(m, m->depth);
    case TUPLE1:
        return do_tuple(m, 1);
    case TUPLE2:
        return do_tuple(m, 2);
    case TUPLE3:
        return do_tuple(m, 3);
    case EMPTY_DICT:
        return push(m, pickle_add(m->p, PICKLE_DICT, m->op_at));
    case EMPTY_LIST:
        return push(m, pickle_add(m->p, PICKLE_LIST, m->op_at));
    case SETITEM:
        return need(m, 3) && set_items(m, m->depth - 2);
    case SETITEMS:
        return do_marked_items(m, set_items);
    case APPEND:
        return need(m, 2) && append_items(m, m->depth - 1);
    case APPENDS:
        return do_marked_items(m, append_items);
    case GLOBAL:
        return do_global(m);
    case BINPERSID:
        return do_persistent(m);
    case REDUCE:
        return do_call(m, object_reduce);
    case NEWOBJ:
        return do_call(m, object_new);
    case BUILD:
        return do_build(m);
    default:
        return unknown_opcode(m, op);
    }
}

static bool start(struct machine *m) {
    const uint8_t *b = take(m, 2);
    if (!b) return false;
    if (b[0] != PROTO)
        return pickle_refuse(m->p, 0, "pickle P1",
                             "byte 0x%02x where a pickle of protocol 2 starts", b[0]);
    if (b[1] != 2)
        return pickle_refuse(m->p, 1, "pickle P1",
                             "pickle protocol %u, expected 2; save again with torch.save's default",
                             b[1]);
    return true;
}

static bool run(struct machine *m) {
    if (!start(m)) return false;
    for (int count = 0;; count++) {
        if (count == MAX_OPCODES) return over_limit(m, "operations", MAX_OPCODES);
        m->op_at = (uint32_t)m->at;
        const uint8_t *op = take(m, 1);
        if (!op) return false;
        if (*op == STOP) break;
        if (!step(m, *op)) return false;
    }
    if (m->depth != 1 || m->mark_count != 0)
        return pickle_refuse(m->p, m->op_at, "pickle P12",
                             "%zu values and %zu marks are left at the end", m->depth,
                             m->mark_count);
    if (m->exact && m->at != m->size)
        return pickle_refuse(m->p, m->at, "pickle P12", "%zu bytes follow the pickle",
                             m->size - m->at);
    m->p->root = m->stack[0];
    m->p->size = m->at;
    return true;
}

bool pickle_read(struct pickle *p, const struct source *source, uint64_t base, const uint8_t *bytes,
                 size_t size, enum pickle_ids ids, bool exact, bool *more) {
    *p = (struct pickle){.source = source, .base = base, .bytes = bytes, .size = size, .ids = ids};
    if (size > UINT32_MAX)
        return source_over_limit(source, base, "pickle P7", "a pickle of %zu bytes", size);
    pickle_add(p, PICKLE_NONE, 0); /* index 0 is none */
    pickle_add_cell(p, 0, 0, 0);
    struct machine m = {.p = p, .size = size, .exact = exact};
    mem_grow(&m.stack, &m.stack_capacity, 16, sizeof *m.stack); /* never NULL */
    bool ok = run(&m) && pickle_check_keys(p);
    if (more) *more = !ok && m.ran_out;
    mem_free(m.stack);
    mem_free(m.marks);
    mem_free(m.memo);
    return ok;
}
