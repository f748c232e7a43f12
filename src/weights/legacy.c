/* Legacy PyTorch files (torch < 1.6): five pickles, then for every storage an int64 count and its
 * raw elements. Rules:
 *
 *   L1  the first pickle is torch's magic number
 *   L2  the second is the protocol version, 1001
 *   L3  the third is a dict with protocol_version 1001 and little_endian True
 *   L4  the fifth is a list of the keys of exactly the storages that the fourth mentions, each once
 *   L5  every storage is preceded by its number of elements, as the fourth pickle gives it, and
 *       lies within the file
 *   L6  the file ends with the last storage
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "weights/readers.h"

#define FIRST_WINDOW ((size_t)1 << 20)
#define MAX_WINDOW   ((size_t)64 << 20)
#define VERSION      1001

static const uint8_t magic[15] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                  0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

struct stored { /* a storage of the keys list */
    const uint8_t *key;
    size_t key_length;
    int64_t numel; /* -1 until a mention gives it */
    enum dtype dtype;
    uint64_t offset; /* of its elements in the file */
    int rank;        /* in the list */
};

struct legacy {
    const struct source *source;
    uint8_t *window; /* the file's start */
    size_t size;     /* of the window */
    size_t at;       /* the next pickle */
    struct pickle object, keys;
    struct stored *stored; /* sorted by key */
    size_t stored_count;
};

/* Reads the pickle at l->at and steps behind it; *more when the window is too short. */
static bool next_pickle(struct legacy *l, enum pickle_ids ids, struct pickle *p, bool *more) {
    bool ok =
        pickle_read(p, l->source, l->at, l->window + l->at, l->size - l->at, ids, false, more);
    if (ok) l->at += p->size;
    return ok;
}

static bool read_version(struct legacy *l, bool *more) {
    struct pickle p;
    size_t at = l->at;
    bool ok = next_pickle(l, PICKLE_IDS_NONE, &p, more);
    if (ok && (pickle_node(&p, p.root)->kind != PICKLE_INT ||
               pickle_node(&p, p.root)->integer != VERSION))
        ok = source_refuse(l->source, at, "legacy L2", "the second pickle is not the version, %d",
                           VERSION);
    pickle_free(&p);
    return ok;
}

static bool read_system(struct legacy *l, bool *more) {
    struct pickle p;
    size_t at = l->at;
    bool ok = next_pickle(l, PICKLE_IDS_NONE, &p, more);
    if (ok) {
        const struct pickle_node *root = pickle_node(&p, p.root), *version = NULL, *little = NULL;
        if (pickle_is_dict(root)) {
            version = pickle_get(&p, root, "protocol_version");
            little = pickle_get(&p, root, "little_endian");
        }
        if (!version || version->kind != PICKLE_INT || version->integer != VERSION)
            ok = source_refuse(l->source, at, "legacy L3",
                               "the third pickle gives no protocol_version "
                               "%d",
                               VERSION);
        else if (!little || little->kind != PICKLE_BOOL || !little->integer)
            ok = source_refuse(l->source, at, "legacy L3", "little_endian is not True");
    }
    pickle_free(&p);
    return ok;
}

static bool read_pickles(struct legacy *l, bool *more) {
    *more = false;
    if (l->size < sizeof magic || memcmp(l->window, magic, sizeof magic) != 0)
        return source_refuse(l->source, 0, "legacy L1",
                             "a pickle, but not one of torch.save: its magic number is missing");
    l->at = sizeof magic;
    return read_version(l, more) && read_system(l, more) &&
           next_pickle(l, PICKLE_IDS_LEGACY, &l->object, more) &&
           next_pickle(l, PICKLE_IDS_NONE, &l->keys, more);
}

static void drop_window(struct legacy *l) {
    pickle_free(&l->object);
    pickle_free(&l->keys);
    mem_free(l->window);
    l->window = NULL;
}

/* Where the pickles end is not known before: tries with a small window of the file, then larger
 * ones. */
static bool read_window(struct legacy *l) {
    const struct source *s = l->source;
    for (size_t most = FIRST_WINDOW;; most *= 8) {
        bool more;
        l->size = s->size < most ? (size_t)s->size : most;
        l->window = mem_alloc(l->size);
        if (!source_read(s, 0, l->window, l->size)) return false;
        if (read_pickles(l, &more)) return true;
        if (!more) return false;
        if (l->size == s->size)
            return source_refuse(s, l->size, "pickle P4",
                                 "the file ends within a pickle: it is truncated");
        if (most >= MAX_WINDOW)
            return source_over_limit(s, l->size, "pickle P7",
                                     "the pickles take more than %zu bytes", most);
        drop_window(l);
    }
}

static int by_key(const void *a, const void *b) {
    const struct stored *x = a, *y = b;
    if (x->key_length != y->key_length) return x->key_length < y->key_length ? -1 : 1;
    return memcmp(x->key, y->key, x->key_length);
}

static int by_rank(const void *a, const void *b) {
    return ((const struct stored *)a)->rank - ((const struct stored *)b)->rank;
}

static bool list_stored(struct legacy *l) {
    const struct pickle *p = &l->keys;
    const struct pickle_node *root = pickle_node(p, p->root);
    if (root->kind != PICKLE_LIST)
        return pickle_refuse(p, root->at, "legacy L4", "the fifth pickle is no list of keys");
    l->stored = mem_array(root->list.count, sizeof *l->stored);
    for (pickle_index c = root->list.head; c; c = p->cells[c].next) {
        const struct pickle_node *key = &p->nodes[p->cells[c].value];
        if (key->kind != PICKLE_STRING)
            return pickle_refuse(p, p->cells[c].at, "legacy L4", "a storage key that is no string");
        l->stored[l->stored_count] = (struct stored){.key = p->bytes + key->string.start,
                                                     .key_length = key->string.length,
                                                     .numel = -1,
                                                     .rank = (int)l->stored_count};
        l->stored_count++;
    }
    qsort(l->stored, l->stored_count, sizeof *l->stored, by_key);
    for (size_t i = 1; i < l->stored_count; i++) {
        if (by_key(&l->stored[i - 1], &l->stored[i]) == 0)
            return pickle_refuse(p, root->at, "legacy L4", "the storage %.*s is listed twice",
                                 (int)l->stored[i].key_length, l->stored[i].key);
    }
    return true;
}

static struct stored *find_stored(const struct legacy *l, const struct pickle_storage *storage) {
    struct stored key = {.key = (const uint8_t *)storage->key, .key_length = storage->key_length};
    return bsearch(&key, l->stored, l->stored_count, sizeof key, by_key);
}

/* Gives every listed storage its type and size, from its mentions. */
static bool match_stored(struct legacy *l) {
    const struct pickle *p = &l->object;
    for (size_t i = 0; i < p->storage_count; i++) {
        struct stored *stored = find_stored(l, &p->storages[i]);
        if (!stored)
            return pickle_refuse(p, p->storages[i].at, "legacy L4",
                                 "the storage %.*s is not in the list of keys",
                                 (int)p->storages[i].key_length, p->storages[i].key);
        stored->numel = p->storages[i].numel;
        stored->dtype = p->storages[i].dtype;
    }
    for (size_t i = 0; i < l->stored_count; i++) {
        if (l->stored[i].numel < 0)
            return pickle_refuse(&l->keys, 0, "legacy L4",
                                 "the storage %.*s is listed but not used",
                                 (int)l->stored[i].key_length, l->stored[i].key);
    }
    return true;
}

/* Walks the storages in the order of the list. */
static bool walk_stored(struct legacy *l) {
    const struct source *s = l->source;
    uint64_t at = l->at;
    qsort(l->stored, l->stored_count, sizeof *l->stored, by_rank);
    for (size_t i = 0; i < l->stored_count; i++) {
        struct stored *stored = &l->stored[i];
        uint8_t b[8];
        uint64_t bytes;
        if (s->size - at < 8)
            return source_refuse(s, at, "legacy L5", "the file ends before its storage %zu of %zu",
                                 i + 1, l->stored_count);
        if (!source_read(s, at, b, 8)) return false;
        if (source_u64(b) != (uint64_t)stored->numel)
            return source_refuse(s, at, "legacy L5",
                                 "a storage of %" PRIu64 " elements, expected %" PRId64,
                                 source_u64(b), stored->numel);
        at += 8;
        if (__builtin_mul_overflow((uint64_t)stored->numel, dtype_size(stored->dtype), &bytes) ||
            bytes > s->size - at)
            return source_refuse(s, at, "legacy L5",
                                 "a storage of %" PRId64 " %s, but %" PRIu64 " bytes are left",
                                 stored->numel, dtype_name(stored->dtype), s->size - at);
        stored->offset = at;
        at += bytes;
    }
    qsort(l->stored, l->stored_count, sizeof *l->stored, by_key);
    if (at == s->size) return true;
    return source_refuse(s, at, "legacy L6", "%" PRIu64 " bytes follow the last storage",
                         s->size - at);
}

static bool locate(void *context, const struct pickle_storage *storage, uint64_t *offset,
                   const struct zip_entry **entry) {
    const struct stored *stored = find_stored(context, storage);
    assert(stored); /* match_stored found every one */
    *offset = stored->offset;
    *entry = NULL;
    return true;
}

bool torch_legacy_read(const struct source *source, const char *key, struct load *load,
                       struct checkpoint *out) {
    struct legacy l = {.source = source};
    bool ok = read_window(&l) && list_stored(&l) && match_stored(&l) && walk_stored(&l) &&
              torch_dict_read(&l.object, key, locate, &l, load, out);
    drop_window(&l);
    mem_free(l.stored);
    return ok;
}
