/* From a pickle's nodes to the table of tensors, rules:
 *
 *   T3   a storage has as many bytes as its record (torch_zip.c, legacy.c: L5)
 *   T4   a storage has the same class and numel wherever it is mentioned
 *   T12  the tensors stand in the root dict, or in one known or single dict inside it
 *   T13  at most 40,000 tensors; their names are 1 to 512 bytes, without NUL
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "weights/readers.h"

#define MAX_NAME    512
#define MAX_TENSORS 40000
#define MAX_LISTED  12 /* keys in a message */

/* The names under which training scripts keep a generator's state_dict. */
static const char *const known_keys[] = {"state_dict", "model_state_dict", "model",  "netG",
                                         "net_G",      "generator",        "params", "params_ema"};

enum verdict { UNKNOWN, NO, YES };

struct finder {
    const struct pickle *pickle;
    uint8_t *verdicts; /* of each node: is it a dict of tensors? One dict may be in many places. */
    struct arena *arena;
};

static enum verdict judge(const struct pickle *p, const struct pickle_node *node) {
    if (!pickle_is_dict(node) || node->list.count == 0) return NO;
    for (pickle_index c = node->list.head; c; c = p->cells[c].next) {
        if (p->nodes[p->cells[c].value].kind != PICKLE_TENSOR ||
            p->nodes[p->cells[c].key].kind != PICKLE_STRING)
            return NO;
    }
    return YES;
}

static bool is_tensor_dict(struct finder *f, const struct pickle_node *node) {
    uint8_t *verdict = &f->verdicts[node - f->pickle->nodes];
    if (*verdict == UNKNOWN) *verdict = (uint8_t)judge(f->pickle, node);
    return *verdict == YES;
}

/* A copy of the string node for C. */
static const char *text_of(struct arena *arena, const struct pickle *p,
                           const struct pickle_node *node) {
    char *text = arena_alloc(arena, (size_t)node->string.length + 1);
    memcpy(text, p->bytes + node->string.start, node->string.length);
    return text;
}

/* Appends the root's keys: all, or those of tensor dicts. */
static void list_keys(struct text *list, struct finder *f, const struct pickle_node *root,
                      bool dicts_only) {
    const struct pickle *p = f->pickle;
    int count = 0;
    for (pickle_index c = root->list.head; c; c = p->cells[c].next) {
        const struct pickle_node *key = &p->nodes[p->cells[c].key];
        if (key->kind != PICKLE_STRING) continue;
        if (dicts_only && !is_tensor_dict(f, &p->nodes[p->cells[c].value])) continue;
        if (count++ == MAX_LISTED) {
            text_put(list, ", ...");
            return;
        }
        text_add(list, "%s%s", count > 1 ? ", " : "", SAFE(text_of(f->arena, p, key)));
    }
    if (count == 0) text_put(list, "none");
}

/* A refusal that ends with a list of the root's keys. */
static const struct pickle_node *refuse_listing(struct finder *f, const struct pickle_node *root,
                                                bool dicts_only, const char *message) {
    struct text list = {0};
    list_keys(&list, f, root, dicts_only);
    pickle_refuse(f->pickle, root->at, "tensor T12", "%s: %s", message, list.s);
    text_free(&list);
    return NULL;
}

static bool is_known(const struct pickle *p, const struct pickle_node *key) {
    for (size_t k = 0; k < sizeof known_keys / sizeof *known_keys; k++) {
        if (pickle_string_is(p, key, known_keys[k])) return true;
    }
    return false;
}

/* How many children of `root` are dicts of tensors, by a known name or at all; *found is the last.
 */
static int count_candidates(struct finder *f, const struct pickle_node *root, bool known,
                            const struct pickle_cell **found) {
    const struct pickle *p = f->pickle;
    int count = 0;
    for (pickle_index c = root->list.head; c; c = p->cells[c].next) {
        const struct pickle_node *key = &p->nodes[p->cells[c].key];
        if (key->kind != PICKLE_STRING || (known && !is_known(p, key)) ||
            !is_tensor_dict(f, &p->nodes[p->cells[c].value]))
            continue;
        *found = &p->cells[c];
        count++;
    }
    return count;
}

/* Finds the dict of tensors; *name is its key, or NULL for the root. */
static const struct pickle_node *find_dict(struct finder *f, const char *key, const char **name) {
    const struct pickle *p = f->pickle;
    const struct pickle_node *root = pickle_node(p, p->root);
    const struct pickle_cell *found = NULL;
    if (!pickle_is_dict(root)) {
        pickle_refuse(p, root->at, "tensor T12", "the file holds no dict: not a state_dict");
        return NULL;
    }
    if (key) {
        const struct pickle_node *dict = pickle_get(p, root, key);
        *name = arena_strdup(f->arena, key);
        if (dict && is_tensor_dict(f, dict)) return dict;
        return refuse_listing(
            f, root, true,
            dict ? "the value of the given key is no dict of tensors; those that are"
                 : "the file has not the given key; its dicts of tensors");
    }
    if (is_tensor_dict(f, root)) return root;
    int count = count_candidates(f, root, true, &found);
    if (count == 0) count = count_candidates(f, root, false, &found);
    if (count == 1) {
        *name = text_of(f->arena, p, &p->nodes[found->key]);
        return &p->nodes[found->value];
    }
    if (count > 1)
        return refuse_listing(f, root, true,
                              "several dicts of tensors; --set weights.key=NAME, one of");
    return refuse_listing(f, root, false, "no dict in it has only tensors as its values; its keys");
}

static int compare_keys(const struct pickle_storage *x, const struct pickle_storage *y) {
    if (x->key_length != y->key_length) return x->key_length < y->key_length ? -1 : 1;
    return memcmp(x->key, y->key, x->key_length);
}

static int by_key(const void *a, const void *b, void *context) {
    const struct pickle *p = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int order = compare_keys(&p->storages[x], &p->storages[y]);
    return order != 0 ? order : (x > y) - (x < y);
}

/* Sets first[i] to the first mention of the storage that mention `i` means. */
static bool unify_storages(const struct pickle *p, uint32_t *first) {
    size_t count = p->storage_count;
    uint32_t *order = mem_array(count, sizeof *order);
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) order[i] = i;
    qsort_r(order, count, sizeof *order, by_key, (void *)p);
    for (size_t i = 0; ok && i < count; i++) {
        const struct pickle_storage *s = &p->storages[order[i]];
        first[order[i]] = order[i];
        if (i == 0 || compare_keys(&p->storages[order[i - 1]], s) != 0) continue;
        first[order[i]] = first[order[i - 1]];
        const struct pickle_storage *f = &p->storages[first[order[i]]];
        if (s->dtype != f->dtype || s->numel != f->numel)
            ok = pickle_refuse(p, s->at, "tensor T4",
                               "the storage %.*s as %s of %" PRId64
                               " elements, before as %s of %" PRId64,
                               (int)s->key_length, s->key, dtype_name(s->dtype), s->numel,
                               dtype_name(f->dtype), f->numel);
    }
    mem_free(order);
    return ok;
}

/* Locates every storage; regions[i] is that of mention `i` if it is a first one. */
static bool locate_storages(const struct pickle *p, const uint32_t *first, torch_locate *locate,
                            void *context, struct load_region *regions) {
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct pickle_storage *s = &p->storages[i];
        if (first[i] != i) continue;
        regions[i] = (struct load_region){.numel = s->numel, .dtype = s->dtype};
        if (!locate(context, s, &regions[i].offset, &regions[i].entry)) return false;
    }
    return true;
}

static bool add_tensor(const struct pickle *p, const struct pickle_cell *cell,
                       struct checkpoint *out) {
    const struct pickle_node *key = &p->nodes[cell->key];
    const struct pickle_tensor *t = &p->tensors[p->nodes[cell->value].integer];
    if (key->string.length < 1 || key->string.length > MAX_NAME)
        return pickle_refuse(p, key->at, "tensor T13",
                             "a tensor name of %" PRIu32 " bytes, expected 1 to %d",
                             key->string.length, MAX_NAME);
    if (memchr(p->bytes + key->string.start, 0, key->string.length))
        return pickle_refuse(p, key->at, "tensor T13", "a tensor name with a NUL");
    struct tensor *tensor = &out->tensors[out->tensor_count++];
    tensor->name = text_of(&out->arena, p, key);
    tensor->dtype = p->storages[t->storage].dtype;
    tensor->rank = t->rank;
    memcpy(tensor->dims, t->dims, sizeof t->dims);
    tensor->count = (size_t)t->count;
    return true;
}

/* Fills out->tensors and load from the dict. `regions` by mention, `first` as above; the regions
 * that tensors use are numbered in the order of first use. */
static bool fill(const struct pickle *p, const struct pickle_node *dict, const uint32_t *first,
                 const struct load_region *regions, struct load *load, struct checkpoint *out) {
    if (dict->list.count > MAX_TENSORS)
        return source_over_limit(p->source, p->base + dict->at, "tensor T13",
                                 "%" PRIu32 " tensors, at most %d are read", dict->list.count,
                                 MAX_TENSORS);
    int *number = mem_array(p->storage_count, sizeof *number); /* + 1, by first mention */
    bool ok = true;
    out->tensors = mem_array(dict->list.count, sizeof *out->tensors);
    load->views = mem_array(dict->list.count, sizeof *load->views);
    load->regions = mem_array(p->storage_count, sizeof *load->regions);
    for (pickle_index c = dict->list.head; ok && c; c = p->cells[c].next) {
        const struct pickle_tensor *t = &p->tensors[p->nodes[p->cells[c].value].integer];
        uint32_t storage = first[t->storage];
        if (number[storage] == 0) {
            load->regions[load->region_count++] = regions[storage];
            number[storage] = load->region_count;
        }
        struct load_view *view = &load->views[out->tensor_count];
        view->region = number[storage] - 1;
        view->offset = t->offset;
        memcpy(view->strides, t->strides, sizeof t->strides);
        view->at = p->base + t->at;
        ok = add_tensor(p, &p->cells[c], out);
    }
    mem_free(number);
    return ok;
}

bool torch_dict_read(const struct pickle *p, const char *key, torch_locate *locate, void *context,
                     struct load *load, struct checkpoint *out) {
    uint32_t *first = mem_array(p->storage_count, sizeof *first);
    struct load_region *regions = mem_array(p->storage_count, sizeof *regions);
    struct finder finder = {p, mem_array(p->node_count, 1), &out->arena};
    const struct pickle_node *dict = NULL;
    bool ok = unify_storages(p, first) && locate_storages(p, first, locate, context, regions) &&
              (dict = find_dict(&finder, key, &out->key)) != NULL &&
              fill(p, dict, first, regions, load, out);
    mem_free(first);
    mem_free(regions);
    mem_free(finder.verdicts);
    return ok;
}
