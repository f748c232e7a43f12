/* PyTorch's zip files, rules beyond the container's (zip.c):
 *
 *   Z9   one ROOT/data.pkl of at most 64 MiB, ROOT/version a number from 1 to 10, no
 *        TorchScript (refused in zip.c)
 *   Z10  ROOT/byteorder, when present, is "little"
 *   T3   a storage's record ROOT/data/KEY has exactly numel * item size bytes
 *
 * The version and byteorder records are checked (Z8) like every other record that is used. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "weights/readers.h"
#include "weights/zip.h"

#define MAX_PICKLE (64u << 20)

/* A small text record, without its last newline; *found false when there is none. */
static bool read_text(const struct source *s, const struct zip *zip, const char *name,
                      char text[16], bool *found) {
    const struct zip_entry *entry = zip_find(zip, name);
    *found = entry != NULL;
    if (!entry) return true;
    if (entry->size > 15)
        return source_refuse(s, entry->data, "zip Z9", "%s has %" PRIu64 " bytes", name,
                             entry->size);
    memset(text, 0, 16);
    if (!zip_read(s, entry, (uint8_t *)text)) return false;
    size_t length = (size_t)entry->size;
    if (length > 0 && text[length - 1] == '\n') text[length - 1] = 0;
    return true;
}

static bool check_version(const struct source *s, const struct zip *zip) {
    char text[16] = "";
    bool found;
    if (!read_text(s, zip, "version", text, &found)) return false;
    if (!found && !read_text(s, zip, ".data/version", text, &found)) return false;
    if (!found)
        return source_refuse(s, 0, "zip Z9",
                             "no %s/version record: a zip file, but not one of torch.save",
                             SAFE(zip->root));
    bool digits = strspn(text, "0123456789") == strlen(text) && text[0] != '0';
    int version = digits && strlen(text) < 3 ? (text[0] ? text[0] - '0' : 0) : 11;
    if (digits && strlen(text) == 2) version = 10 * version + text[1] - '0';
    if (version < 1 || version > 10)
        return source_refuse(s, 0, "zip Z9", "format version %s, expected 1 to 10", SAFE(text));
    return true;
}

static bool check_byteorder(const struct source *s, const struct zip *zip) {
    char text[16];
    bool found;
    if (!read_text(s, zip, "byteorder", text, &found)) return false;
    if (found && strcmp(text, "little") != 0)
        return source_refuse(s, zip_find(zip, "byteorder")->data, "zip Z10",
                             "byte order %s, expected little", SAFE(text));
    return true;
}

struct records {
    const struct source *source;
    const struct zip *zip;
    const struct pickle *pickle;
};

static bool locate(void *context, const struct pickle_storage *storage, uint64_t *offset,
                   const struct zip_entry **entry) {
    const struct records *r = context;
    char name[32];
    snprintf(name, sizeof name, "data/%.*s", (int)storage->key_length, storage->key);
    *entry = zip_find(r->zip, name);
    if (!*entry)
        return pickle_refuse(r->pickle, storage->at, "tensor T3", "the record %s is missing", name);
    uint64_t bytes;
    if (__builtin_mul_overflow((uint64_t)storage->numel, dtype_size(storage->dtype), &bytes) ||
        bytes != (*entry)->size)
        return pickle_refuse(r->pickle, storage->at, "tensor T3",
                             "a storage of %" PRId64 " %s, but its record %s has %" PRIu64 " bytes",
                             storage->numel, dtype_name(storage->dtype), name, (*entry)->size);
    *offset = (*entry)->data;
    return true;
}

/* Reads data.pkl, runs it, and fills from it. */
static bool read_pickle(const struct source *s, const struct zip *zip, const char *key,
                        struct load *load, struct checkpoint *out) {
    const struct zip_entry *entry = zip_find(zip, "data.pkl");
    if (!entry)
        return source_refuse(s, 0, "zip Z9",
                             "no %s/data.pkl record: a zip file, but not one of torch.save",
                             SAFE(zip->root));
    if (entry->size > MAX_PICKLE)
        return source_over_limit(s, entry->data, "zip Z9",
                                 "data.pkl has %" PRIu64 " bytes, at most %u are read", entry->size,
                                 MAX_PICKLE);
    uint8_t *bytes = mem_alloc((size_t)entry->size);
    struct pickle pickle = {0};
    struct records records = {s, zip, &pickle};
    bool ok = zip_read(s, entry, bytes) &&
              pickle_read(&pickle, s, entry->data, bytes, (size_t)entry->size, PICKLE_IDS_ZIP, true,
                          NULL) &&
              torch_dict_read(&pickle, key, locate, &records, load, out);
    pickle_free(&pickle);
    mem_free(bytes);
    return ok;
}

bool torch_zip_read(const struct source *source, const char *key, struct load *load,
                    struct checkpoint *out) {
    struct zip *zip = &load->zip;
    if (!zip_open(source, zip)) return false;
    return check_version(source, zip) && check_byteorder(source, zip) &&
           read_pickle(source, zip, key, load, out);
}
