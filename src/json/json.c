#include "json/json.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "json/scan.h"

static void install_hooks(void) {
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = mem_alloc, .free_fn = mem_free});
}

/* The scanner wrote the nodes in the order in which cJSON links them. */
static bool attach(struct json_doc *doc, struct err *err) {
    doc->nodes[0].item = doc->tree;
    for (uint32_t i = 0; i < doc->node_count; i++) {
        const cJSON *item = doc->nodes[i].item;
        if (doc->nodes[i].type == JSON_NUMBER && !isfinite(item->valuedouble))
            return scan_error(doc, doc->nodes[i].start, STATUS_BAD_INPUT, err,
                              "this number is beyond the range of a double");
        item = item->child;
        for (uint32_t c = i + 1; c < doc->nodes[i].past; c = doc->nodes[c].past) {
            assert(item);
            doc->nodes[c].item = item;
            item = item->next;
        }
    }
    return true;
}

struct member {
    const char *key;
    uint32_t node;
};

static int compare_members(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : x->node < y->node ? -1 : 1;
}

/* Sorted, so that a header of 100,000 names costs no more than n log n. */
static bool check_duplicates(const struct json_doc *doc, const struct json_node *object,
                             struct member *members, struct err *err) {
    size_t n = 0;
    for (const struct json_node *m = json_first(object); m; m = json_next(m))
        members[n++] = (struct member){json_key(m), (uint32_t)(m - doc->nodes)};
    qsort(members, n, sizeof *members, compare_members);
    const struct member *found = NULL;
    for (size_t i = 1; i < n; i++) {
        if (strcmp(members[i - 1].key, members[i].key) == 0 &&
            (!found || members[i].node < found->node))
            found = &members[i];
    }
    if (!found) return true;
    struct json_place first = json_place(doc, doc->nodes[found[-1].node].key_start);
    return scan_error(doc, doc->nodes[found->node].key_start, STATUS_BAD_INPUT, err,
                      "the key \"%s\" stands here again (first at line %zu, column %zu)",
                      SAFE(found->key), first.line, first.column);
}

static bool check_all_duplicates(const struct json_doc *doc, struct err *err) {
    uint32_t most = 0;
    for (size_t i = 0; i < doc->node_count; i++) {
        if (doc->nodes[i].count > most) most = doc->nodes[i].count;
    }
    struct member *members = mem_array(most + 1u, sizeof *members);
    bool ok = true;
    for (size_t i = 0; i < doc->node_count && ok; i++) {
        if (doc->nodes[i].type == JSON_OBJECT && doc->nodes[i].count > 1)
            ok = check_duplicates(doc, &doc->nodes[i], members, err);
    }
    mem_free(members);
    return ok;
}

bool json_parse(const char *name, const char *text, size_t length, const struct json_limits *limits,
                struct json_doc *doc, struct err *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_hooks);
    assert(limits->bytes < UINT32_MAX && limits->nodes < UINT32_MAX && limits->depth <= 64);
    *doc = (struct json_doc){.name = name, .text = text, .length = length};
    if (length > limits->bytes)
        return err_add(err, STATUS_LIMIT, "%s: %zu bytes of JSON; at most %zu are read", SAFE(name),
                       length, limits->bytes);
    if (!scan_document(doc, limits, err)) return false;
    doc->tree = cJSON_ParseWithLength(text, length);
    if (!doc->tree)
        return err_add(err, STATUS_BAD_INPUT, "%s: cJSON refuses this text", SAFE(name));
    return attach(doc, err) && check_all_duplicates(doc, err);
}

void json_free(struct json_doc *doc) {
    cJSON_Delete(doc->tree);
    mem_free(doc->nodes);
    *doc = (struct json_doc){0};
}

const struct json_node *json_root(const struct json_doc *doc) {
    return doc->nodes;
}

const struct json_node *json_first(const struct json_node *node) {
    return node && node->count ? node + 1 : NULL;
}

const struct json_node *json_next(const struct json_node *node) {
    assert(node);
    const struct json_node *nodes = node->doc->nodes;
    return node != nodes && node->past < nodes[node->parent].past ? nodes + node->past : NULL;
}

const struct json_node *json_parent(const struct json_node *node) {
    const struct json_node *nodes = node->doc->nodes;
    return node == nodes ? NULL : nodes + node->parent;
}

const struct json_node *json_find(const struct json_node *object, const char *key) {
    if (!object || object->type != JSON_OBJECT) return NULL;
    for (const struct json_node *n = json_first(object); n; n = json_next(n)) {
        if (strcmp(json_key(n), key) == 0) return n;
    }
    return NULL;
}

const char *json_key(const struct json_node *node) {
    return node->item->string;
}

const char *json_string(const struct json_node *node) {
    return node && node->type == JSON_STRING ? node->item->valuestring : NULL;
}

double json_number(const struct json_node *node) {
    return node && node->type == JSON_NUMBER ? node->item->valuedouble : 0;
}

bool json_bool(const struct json_node *node) {
    return node && cJSON_IsTrue(node->item);
}

const char *json_type_name(enum json_type type) {
    static const char *const names[] = {"null",     "true or false", "a number",
                                        "a string", "an array",      "an object"};
    return names[type];
}

bool json_u64(const struct json_node *node, uint64_t *value) {
    if (!node || node->type != JSON_NUMBER) return false;
    *value = 0;
    for (uint32_t i = node->start; i < node->end; i++) {
        char c = node->doc->text[i];
        if (c < '0' || c > '9') return false;
        if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(c - '0'), value))
            return false;
    }
    return true;
}

bool json_integer(const struct json_node *node, int64_t *value) {
    double number = json_number(node);
    if (!node || node->type != JSON_NUMBER || number != floor(number) || fabs(number) > 0x1p53)
        return false;
    *value = (int64_t)number;
    return true;
}

struct json_place json_place(const struct json_doc *doc, size_t offset) {
    struct json_place place = {1, 1};
    for (size_t i = 0; i < offset && i < doc->length; i++) {
        unsigned char c = (unsigned char)doc->text[i];
        if (c == '\n') {
            place.line++;
            place.column = 1;
        } else if ((c & 0xC0) != 0x80) { /* all but the continuation bytes of UTF-8 */
            place.column++;
        }
    }
    return place;
}

static bool is_word(const char *key) {
    size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-$");
    return n > 0 && key[n] == '\0';
}

void json_path(const struct json_node *node, struct text *out) {
    const struct json_node *parent = json_parent(node);
    if (!parent) {
        text_put(out, "$");
        return;
    }
    json_path(parent, out); /* at most 64 levels */
    if (parent->type == JSON_ARRAY) {
        unsigned index = 0;
        for (const struct json_node *n = json_first(parent); n != node; n = json_next(n)) index++;
        text_add(out, "[%u]", index);
    } else if (is_word(json_key(node))) {
        text_add(out, ".%s", json_key(node));
    } else {
        text_put(out, "[");
        text_put_json(out, json_key(node));
        text_put(out, "]");
    }
}

/* Line breaks and tabs stand between values only: a string has them as escapes. */
void json_excerpt(const struct json_node *node, size_t limit, struct text *out) {
    const char *text = node->doc->text;
    size_t from = out->length;
    for (size_t i = node->start; i < node->end;) {
        int length = text_utf8_length(text + i, node->end - i);
        size_t step = length > 0 ? (size_t)length : 1;
        if (out->length - from + step > limit) {
            text_put(out, "...");
            return;
        }
        if (strchr("\n\r\t", text[i])) {
            i += strspn(text + i, " \n\r\t"); /* the value ends with no space */
            text_put(out, " ");
        } else {
            text_write(out, text + i, step);
            i += step;
        }
    }
}
