/* The zip container, rules (APPNOTE 6.3; what torch's writer makes, and nothing else):
 *
 *   Z1  the file starts with a local header and ends with the end record: no prefix, no comment,
 *       one disk
 *   Z2  the zip64 locator and end record, if present, stand right before it and agree with it
 *   Z3  the central directory ends where the end records start; its entries fill it exactly
 *   Z4  every entry is stored (method 0), not encrypted, on disk 0, without a comment
 *   Z5  names are printable ASCII of 1 to 512 bytes, relative, without . and .. and empty parts,
 *       under one root folder, and unique
 *   Z6  local header and data descriptor agree with the central directory
 *   Z7  entries follow each other without gaps or overlaps, up to the central directory
 *   Z8  the CRC-32 of every record that is used is right
 */
#include "weights/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define END_SIZE          22
#define END64_SIZE        56
#define LOCATOR_SIZE      20
#define LISTED_SIZE       46
#define LOCAL_SIZE        30
#define SIGNATURE_LOCAL   0x04034b50u
#define SIGNATURE_LISTED  0x02014b50u
#define SIGNATURE_END     0x06054b50u
#define SIGNATURE_END64   0x06064b50u
#define SIGNATURE_LOCATOR 0x07064b50u
#define SIGNATURE_AFTER   0x08074b50u /* data descriptor */

#define MAX_ENTRIES   100000
#define MAX_DIRECTORY (64u << 20)
#define MAX_NAME      512

#define FLAG_DESCRIPTOR (1u << 3)
#define FLAG_UTF8       (1u << 11)

struct directory { /* where the central directory is */
    uint64_t offset, size, count;
    uint64_t limit; /* where the end records start */
};

/* The zip64 end record at `at`: what is saturated in the end record is taken from it, what is not
 * must agree. */
static bool read_end64(const struct source *s, uint64_t at, struct directory *d) {
    uint8_t b[END64_SIZE];
    if (!source_read(s, at, b, sizeof b)) return false;
    if (source_u32(b) != SIGNATURE_END64)
        return source_refuse(s, at, "zip Z2", "no zip64 end record where the locator points");
    if (source_u64(b + 4) != END64_SIZE - 12)
        return source_refuse(s, at + 4, "zip Z2",
                             "zip64 end record of %" PRIu64 " bytes, expected 44",
                             source_u64(b + 4));
    if (source_u32(b + 16) != 0 || source_u32(b + 20) != 0)
        return source_refuse(s, at + 16, "zip Z1", "an archive of several disks");
    uint64_t here = source_u64(b + 24), count = source_u64(b + 32);
    uint64_t size = source_u64(b + 40), offset = source_u64(b + 48);
    if (here != count)
        return source_refuse(s, at + 24, "zip Z1",
                             "%" PRIu64 " entries on this disk of %" PRIu64 " in all", here, count);
    if ((d->count != 0xffff && d->count != count) || (d->size != 0xffffffff && d->size != size) ||
        (d->offset != 0xffffffff && d->offset != offset))
        return source_refuse(s, at + 24, "zip Z2",
                             "the zip64 end record differs from the end record");
    d->count = count;
    d->size = size;
    d->offset = offset;
    return true;
}

static bool read_locator(const struct source *s, struct directory *d) {
    if (d->limit < LOCATOR_SIZE) return true;
    uint64_t at = d->limit - LOCATOR_SIZE;
    uint8_t b[LOCATOR_SIZE];
    if (!source_read(s, at, b, sizeof b)) return false;
    if (source_u32(b) != SIGNATURE_LOCATOR) return true;
    if (source_u32(b + 4) != 0 || source_u32(b + 16) != 1)
        return source_refuse(s, at + 4, "zip Z1", "an archive of several disks");
    uint64_t end64 = source_u64(b + 8);
    if (at < END64_SIZE || end64 != at - END64_SIZE)
        return source_refuse(s, at + 8, "zip Z2",
                             "the zip64 end record is said to be at %" PRIu64
                             ", expected right before its locator",
                             end64);
    d->limit = end64;
    return read_end64(s, end64, d);
}

static bool read_end(const struct source *s, struct directory *d) {
    uint8_t b[END_SIZE];
    if (s->size < LOCAL_SIZE + END_SIZE)
        return source_refuse(s, s->size, "zip Z1", "the file ends after %" PRIu64 " bytes",
                             s->size);
    if (!source_read(s, 0, b, 4)) return false;
    if (source_u32(b) != SIGNATURE_LOCAL)
        return source_refuse(s, 0, "zip Z1", "the file does not start with a zip entry");
    uint64_t at = s->size - END_SIZE;
    if (!source_read(s, at, b, sizeof b)) return false;
    if (source_u32(b) != SIGNATURE_END)
        return source_refuse(s, at, "zip Z1",
                             "no end record in the last 22 bytes: truncated, or something follows");
    if (source_u16(b + 20) != 0) return source_refuse(s, at + 20, "zip Z1", "an archive comment");
    if (source_u16(b + 4) != 0 || source_u16(b + 6) != 0)
        return source_refuse(s, at + 4, "zip Z1", "an archive of several disks");
    if (source_u16(b + 8) != source_u16(b + 10))
        return source_refuse(s, at + 8, "zip Z1", "%u entries on this disk of %u in all",
                             source_u16(b + 8), source_u16(b + 10));
    d->count = source_u16(b + 10);
    d->size = source_u32(b + 12);
    d->offset = source_u32(b + 16);
    d->limit = at;
    return read_locator(s, d);
}

static bool check_directory(const struct source *s, const struct directory *d) {
    if (d->offset > d->limit || d->size != d->limit - d->offset)
        return source_refuse(s, d->limit, "zip Z3",
                             "the central directory is said to be %" PRIu64 " bytes at %" PRIu64
                             ", but must end at %" PRIu64,
                             d->size, d->offset, d->limit);
    if (d->count == 0) return source_refuse(s, d->offset, "zip Z3", "an archive without entries");
    if (d->count > MAX_ENTRIES)
        return source_over_limit(s, d->limit, "zip Z3", "%" PRIu64 " entries, at most %d are read",
                                 d->count, MAX_ENTRIES);
    if (d->size > MAX_DIRECTORY)
        return source_over_limit(s, d->offset, "zip Z3", "a central directory of %" PRIu64 " bytes",
                                 d->size);
    if (d->count * LISTED_SIZE > d->size)
        return source_refuse(s, d->offset, "zip Z3",
                             "%" PRIu64 " entries cannot fit in a directory of %" PRIu64 " bytes",
                             d->count, d->size);
    return true;
}

static bool check_method(const struct source *s, uint64_t at, const uint8_t *b) {
    unsigned flags = source_u16(b + 8), method = source_u16(b + 10);
    if (flags & (1u | 1u << 6 | 1u << 13))
        return source_refuse(s, at + 8, "zip Z4", "an encrypted entry (flags 0x%04x)", flags);
    if (flags & 1u << 5)
        return source_refuse(s, at + 8, "zip Z4", "an entry of patch data (flags 0x%04x)", flags);
    if (flags & ~(FLAG_DESCRIPTOR | FLAG_UTF8))
        return source_refuse(s, at + 8, "zip Z4", "unknown flags 0x%04x", flags);
    if (method == 8)
        return source_refuse(
            s, at + 10, "zip Z4",
            "a deflated (compressed) entry; torch.save never compresses: this file "
            "was packed again");
    if (method != 0)
        return source_refuse(s, at + 10, "zip Z4", "compression method %u, expected 0", method);
    if (source_u16(b + 34) != 0)
        return source_refuse(s, at + 34, "zip Z4", "an entry on disk %u", source_u16(b + 34));
    if (source_u16(b + 32) != 0) return source_refuse(s, at + 32, "zip Z4", "an entry comment");
    return true;
}

/* One common root folder, then a clean relative path. Points `inner` behind the root. */
static bool check_name(const struct source *s, uint64_t at, const char *name, size_t length,
                       size_t *inner) {
    if (length < 1 || length > MAX_NAME)
        return source_refuse(s, at + 28, "zip Z5", "a name of %zu bytes, expected 1 to %d", length,
                             MAX_NAME);
    for (size_t i = 0; i < length; i++) {
        if (name[i] < 0x20 || name[i] > 0x7e || name[i] == '\\' || name[i] == ':')
            return source_refuse(s, at + LISTED_SIZE + i, "zip Z5",
                                 "the byte 0x%02x in an entry's name", (unsigned char)name[i]);
    }
    size_t start = 0;
    *inner = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && name[i] != '/') continue;
        size_t part = i - start;
        bool dots = part <= 2 && strspn(name + start, ".") >= part;
        if (part == 0 || dots)
            return source_refuse(s, at + LISTED_SIZE + start, "zip Z5", "the entry name %s",
                                 SAFE(name));
        if (*inner == 0 && i < length) *inner = i + 1;
        start = i + 1;
    }
    if (*inner == 0)
        return source_refuse(s, at + LISTED_SIZE, "zip Z5",
                             "the entry %s stands outside of a folder", SAFE(name));
    return true;
}

/* The extra fields of `size` bytes: each an id, a length and that many bytes, with nothing left
 * over. Gives the zip64 field (id 1), if there is one. */
static bool walk_extra(const uint8_t *extra, size_t size, const uint8_t **zip64, size_t *length) {
    *zip64 = NULL;
    *length = 0;
    while (size >= 4) {
        size_t n = source_u16(extra + 2);
        if (n > size - 4) return false;
        if (source_u16(extra) == 1) {
            *zip64 = extra + 4;
            *length = n;
        }
        extra += 4 + n;
        size -= 4 + n;
    }
    return size == 0;
}

static bool take_zip64(uint64_t *value, const uint8_t **field, size_t *length) {
    if (*value != 0xffffffff) return true;
    if (*length < 8) return false;
    *value = source_u64(*field);
    *field += 8;
    *length -= 8;
    return true;
}

/* The listed entry at `b`, with `left` bytes of the directory left; `at` is its offset in the file.
 * *used is its length. */
static bool read_listed(const struct source *s, struct zip *zip, const uint8_t *b, size_t left,
                        uint64_t at, struct zip_entry *entry, size_t *used) {
    if (left < LISTED_SIZE || source_u32(b) != SIGNATURE_LISTED)
        return source_refuse(s, at, "zip Z3",
                             "no entry where the central directory should list one");
    size_t name_length = source_u16(b + 28), extra_length = source_u16(b + 30);
    if (name_length + extra_length > left - LISTED_SIZE)
        return source_refuse(s, at + 28, "zip Z3", "an entry runs past the central directory");
    if (!check_method(s, at, b)) return false;

    char *name = arena_alloc(&zip->arena, name_length + 1);
    memcpy(name, b + LISTED_SIZE, name_length);
    size_t inner = 0;
    if (!check_name(s, at, name, name_length, &inner)) return false;
    name[inner - 1] = 0;
    if (!zip->root) zip->root = name;
    if (strcmp(zip->root, name) != 0)
        return source_refuse(s, at + LISTED_SIZE, "zip Z5", "two root folders, %s and %s",
                             SAFE(zip->root), SAFE(name));

    uint64_t packed = source_u32(b + 20), size = source_u32(b + 24), header = source_u32(b + 42);
    const uint8_t *zip64;
    size_t zip64_length;
    if (!walk_extra(b + LISTED_SIZE + name_length, extra_length, &zip64, &zip64_length) ||
        !take_zip64(&size, &zip64, &zip64_length) || !take_zip64(&packed, &zip64, &zip64_length) ||
        !take_zip64(&header, &zip64, &zip64_length))
        return source_refuse(s, at + LISTED_SIZE + name_length, "zip Z3", "damaged extra fields");
    if (packed != size)
        return source_refuse(s, at + 20, "zip Z4",
                             "%s: %" PRIu64 " bytes packed, %" PRIu64
                             " unpacked, expected the same",
                             SAFE(name + inner), packed, size);
    *entry = (struct zip_entry){.name = name + inner,
                                .listed = at,
                                .header = header,
                                .size = size,
                                .crc = source_u32(b + 16),
                                .flags = source_u16(b + 8)};
    *used = LISTED_SIZE + name_length + extra_length;
    return true;
}

/* A TorchScript archive is told by name before its compressed entries are refused. */
static bool check_kind(const struct source *s, const uint8_t *directory,
                       const struct directory *d) {
    static const char name[] = "/constants.pkl";
    const uint8_t *found = memmem(directory, (size_t)d->size, name, strlen(name));
    if (!found) return true;
    return source_refuse(s, d->offset + (uint64_t)(found - directory), "zip Z9",
                         "a TorchScript archive (constants.pkl), not a state_dict: save "
                         "model.state_dict()");
}

static bool read_directory(const struct source *s, struct zip *zip, const struct directory *d) {
    uint8_t *bytes = mem_alloc((size_t)d->size);
    bool ok = source_read(s, d->offset, bytes, (size_t)d->size);
    zip->entries = mem_array((size_t)d->count, sizeof *zip->entries);
    size_t at = 0, used = 0;
    ok = ok && check_kind(s, bytes, d);
    for (uint64_t i = 0; ok && i < d->count; i++, at += used) {
        ok = read_listed(s, zip, bytes + at, (size_t)d->size - at, d->offset + at,
                         &zip->entries[zip->count], &used);
        zip->count += ok;
    }
    if (ok && at != d->size)
        ok = source_refuse(s, d->offset + at, "zip Z3",
                           "%" PRIu64 " bytes in the central directory after its last entry",
                           d->size - at);
    mem_free(bytes);
    return ok;
}

/* The data descriptor, which fills the `room` bytes behind the data. */
static bool check_descriptor(const struct source *s, const struct zip_entry *e, uint64_t room) {
    uint64_t at = e->data + e->size;
    uint8_t b[24];
    if (room != 16 && room != 24)
        return source_refuse(s, at, "zip Z7",
                             "%" PRIu64 " bytes between %s and what follows, expected its 16-byte "
                             "descriptor",
                             room, SAFE(e->name));
    if (!source_read(s, at, b, (size_t)room)) return false;
    uint64_t packed = room == 16 ? source_u32(b + 8) : source_u64(b + 8);
    uint64_t size = room == 16 ? source_u32(b + 12) : source_u64(b + 16);
    if (source_u32(b) != SIGNATURE_AFTER || source_u32(b + 4) != e->crc || packed != e->size ||
        size != e->size)
        return source_refuse(s, at, "zip Z6",
                             "the data descriptor of %s differs from the directory", SAFE(e->name));
    return true;
}

/* A local header's sizes: the listed ones, or all 0 before a descriptor; zip64 ones are saturated
 * and repeated in the extra field, which the listed sizes settle. */
static bool local_sizes_agree(const struct zip_entry *e, const uint8_t *b) {
    uint32_t crc = source_u32(b + 14), packed = source_u32(b + 18), size = source_u32(b + 22);
    if ((e->flags & FLAG_DESCRIPTOR) && crc == 0 && packed == 0 && size == 0) return true;
    uint32_t want = e->size >= 0xffffffff ? 0xffffffff : (uint32_t)e->size;
    return crc == e->crc && packed == want && size == want;
}

/* The local header of `e`, whose entry must fill the file up to `end`. */
static bool read_local(const struct source *s, const struct zip *zip, struct zip_entry *e,
                       uint64_t end) {
    uint8_t b[LOCAL_SIZE + MAX_NAME];
    size_t root_length = strlen(zip->root), name_length = root_length + 1 + strlen(e->name);
    if (end - e->header < LOCAL_SIZE + name_length)
        return source_refuse(s, e->header, "zip Z7", "no room for the local header of %s",
                             SAFE(e->name));
    if (!source_read(s, e->header, b, LOCAL_SIZE + name_length)) return false;
    const char *name = (const char *)b + LOCAL_SIZE;
    if (source_u32(b) != SIGNATURE_LOCAL)
        return source_refuse(s, e->header, "zip Z6", "no local header for %s", SAFE(e->name));
    if (source_u16(b + 6) != e->flags || source_u16(b + 8) != 0 || !local_sizes_agree(e, b))
        return source_refuse(s, e->header + 6, "zip Z6",
                             "the local header of %s differs from the directory", SAFE(e->name));
    if (source_u16(b + 26) != name_length || memcmp(name, zip->root, root_length) != 0 ||
        name[root_length] != '/' || memcmp(name + root_length + 1, e->name, strlen(e->name)) != 0)
        return source_refuse(s, e->header + 26, "zip Z6", "the local header of %s has another name",
                             SAFE(e->name));

    size_t extra_length = source_u16(b + 28), length;
    uint64_t room = end - e->header - LOCAL_SIZE - name_length;
    if (extra_length > room || e->size > room - extra_length)
        return source_refuse(s, e->header, "zip Z7",
                             "%s, %" PRIu64 " bytes, overlaps what follows it", SAFE(e->name),
                             e->size);
    e->data = e->header + LOCAL_SIZE + name_length + extra_length;
    uint8_t *extra = mem_alloc(extra_length + 1);
    const uint8_t *zip64;
    bool ok = source_read(s, e->data - extra_length, extra, extra_length);
    if (ok && !walk_extra(extra, extra_length, &zip64, &length))
        ok = source_refuse(s, e->data - extra_length, "zip Z6", "damaged extra fields of %s",
                           SAFE(e->name));
    mem_free(extra);
    if (!ok) return false;

    room -= extra_length + e->size;
    if (e->flags & FLAG_DESCRIPTOR) return check_descriptor(s, e, room);
    if (room != 0)
        return source_refuse(s, e->data + e->size, "zip Z7",
                             "%" PRIu64 " bytes between %s and what "
                             "follows",
                             room, SAFE(e->name));
    return true;
}

static int by_header(const void *a, const void *b) {
    const struct zip_entry *x = a, *y = b;
    return (x->header > y->header) - (x->header < y->header);
}

static int by_name(const void *a, const void *b) {
    const struct zip_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static bool read_locals(const struct source *s, struct zip *zip, const struct directory *d) {
    qsort(zip->entries, (size_t)zip->count, sizeof *zip->entries, by_header);
    if (zip->entries[0].header != 0)
        return source_refuse(s, zip->entries[0].listed + 42, "zip Z7",
                             "the first entry starts at byte %" PRIu64 ", expected 0",
                             zip->entries[0].header);
    for (int i = 0; i < zip->count; i++) {
        struct zip_entry *e = &zip->entries[i];
        uint64_t end = i + 1 < zip->count ? e[1].header : d->offset;
        if (e->header >= end || end > d->offset)
            return source_refuse(s, e->listed + 42, "zip Z7", "entries overlap at byte %" PRIu64,
                                 e->header);
        if (!read_local(s, zip, e, end)) return false;
    }
    return true;
}

static bool check_unique(const struct source *s, struct zip *zip) {
    qsort(zip->entries, (size_t)zip->count, sizeof *zip->entries, by_name);
    for (int i = 1; i < zip->count; i++) {
        if (strcmp(zip->entries[i - 1].name, zip->entries[i].name) == 0)
            return source_refuse(s, zip->entries[i].listed, "zip Z5", "two entries named %s",
                                 SAFE(zip->entries[i].name));
    }
    return true;
}

bool zip_open(const struct source *source, struct zip *zip) {
    struct directory d = {0};
    *zip = (struct zip){0};
    return read_end(source, &d) && check_directory(source, &d) && read_directory(source, zip, &d) &&
           check_unique(source, zip) && read_locals(source, zip, &d) && check_unique(source, zip);
}

void zip_free(struct zip *zip) {
    mem_free(zip->entries);
    arena_free(&zip->arena);
    *zip = (struct zip){0};
}

const struct zip_entry *zip_find(const struct zip *zip, const char *name) {
    struct zip_entry key = {.name = name};
    return bsearch(&key, zip->entries, (size_t)zip->count, sizeof key, by_name);
}

bool zip_check_crc(const struct source *source, const struct zip_entry *entry, uint32_t crc) {
    if (crc == entry->crc) return true;
    return source_refuse(source, entry->data, "zip Z8",
                         "%s: CRC-32 %08x, expected %08x: the file is damaged", SAFE(entry->name),
                         crc, entry->crc);
}

bool zip_read(const struct source *source, const struct zip_entry *entry, uint8_t *to) {
    return source_read(source, entry->data, to, (size_t)entry->size) &&
           zip_check_crc(source, entry, crc32_add(0, to, (size_t)entry->size));
}
