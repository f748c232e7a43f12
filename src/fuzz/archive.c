#include "fuzz/archive.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fuzz/fuzz.h"

#define LOCAL_SIZE  30
#define LISTED_SIZE 46
#define END_SIZE    22

bool archive_read(const uint8_t *data, size_t size, struct archive *out) {
    struct err err = {0};
    struct source source;
    struct zip zip = {0};
    *out = (struct archive){0};
    bool ok = source_open(&source, fuzz_memory(data, size), &err) && zip_open(&source, &zip) &&
              zip.count <= ARCHIVE_MEMBERS;
    for (int i = 0; ok && i < zip.count; i++) {
        const struct zip_entry *entry = &zip.entries[i];
        ok = strlen(entry->name) < sizeof out->names[i] && entry->size < 65536;
        if (!ok) break;
        strcpy(out->names[i], entry->name);
        out->members[i].size = (size_t)entry->size;
        out->members[i].data = fuzz_copy(data + entry->data, out->members[i].size);
        out->count++;
    }
    zip_free(&zip);
    source_close(&source);
    err_free(&err);
    return ok;
}

void archive_free(struct archive *archive) {
    for (int i = 0; i < archive->count; i++) mem_free(archive->members[i].data);
    archive->count = 0;
}

int archive_pickle(const struct archive *archive) {
    for (int i = 0; i < archive->count; i++) {
        if (strcmp(archive->names[i], "data.pkl") == 0) return i;
    }
    return -1;
}

static uint8_t *put(uint8_t *to, uint64_t value, int bytes) {
    for (; bytes > 0; bytes--) {
        *to++ = (uint8_t)value;
        value >>= 8;
    }
    return to;
}

/* What the local header and the directory have in common, from "version needed" to the lengths. */
static uint8_t *put_common(uint8_t *to, uint32_t crc, size_t size, size_t name) {
    to = put(to, 0, 2); /* version */
    to = put(to, 0, 2); /* flags */
    to = put(to, 0, 2); /* method: stored */
    to = put(to, 0, 4); /* time */
    to = put(to, crc, 4);
    to = put(to, size, 4);
    to = put(to, size, 4);
    to = put(to, name, 2);
    return put(to, 0, 2); /* extra */
}

size_t archive_write(const struct archive *archive, uint8_t *out, size_t room) {
    char names[ARCHIVE_MEMBERS][72];
    uint32_t crcs[ARCHIVE_MEMBERS];
    size_t offsets[ARCHIVE_MEMBERS], need = END_SIZE;
    for (int i = 0; i < archive->count; i++) {
        snprintf(names[i], sizeof names[i], "a/%s", archive->names[i]);
        need += LOCAL_SIZE + LISTED_SIZE + 2 * strlen(names[i]) + archive->members[i].size;
    }
    if (need > room) return 0;
    uint8_t *at = out;
    for (int i = 0; i < archive->count; i++) {
        size_t size = archive->members[i].size;
        crcs[i] = crc32_add(0, archive->members[i].data, size);
        offsets[i] = (size_t)(at - out);
        at = put_common(put(at, 0x04034b50, 4), crcs[i], size, strlen(names[i]));
        memcpy(at, names[i], strlen(names[i]));
        at += strlen(names[i]);
        memcpy(at, archive->members[i].data, size);
        at += size;
    }
    size_t directory = (size_t)(at - out);
    for (int i = 0; i < archive->count; i++) {
        at = put(put(at, 0x02014b50, 4), 0, 2);
        at = put_common(at, crcs[i], archive->members[i].size, strlen(names[i]));
        at = put(at, 0, 10); /* comment, disk, attributes */
        at = put(at, offsets[i], 4);
        memcpy(at, names[i], strlen(names[i]));
        at += strlen(names[i]);
    }
    size_t listed = (size_t)(at - out) - directory;
    at = put(put(at, 0x06054b50, 4), 0, 4);
    at = put(put(at, (uint64_t)archive->count, 2), (uint64_t)archive->count, 2);
    at = put(put(put(at, listed, 4), directory, 4), 0, 2);
    return (size_t)(at - out);
}

/* One member, whose directory entry stands at `listed`. */
static void repair_member(uint8_t *data, size_t size, uint8_t *listed) {
    size_t local = source_u32(listed + 42), length = source_u32(listed + 24);
    if (local + LOCAL_SIZE > size) return;
    size_t at = local + LOCAL_SIZE + source_u16(data + local + 26) + source_u16(data + local + 28);
    if (at > size || length > size - at) return;
    uint32_t crc = crc32_add(0, data + at, length);
    put(listed + 16, crc, 4);
    bool after = source_u16(data + local + 6) & 8; /* a data descriptor */
    if (!after) put(data + local + 14, crc, 4);
    if (after && size - at - length >= 8) put(data + at + length + 4, crc, 4);
}

void archive_repair(uint8_t *data, size_t size) {
    if (size < END_SIZE) return;
    size_t at = source_u32(data + size - 6);
    for (int i = 0; i < ARCHIVE_MEMBERS && at <= size && size - at >= LISTED_SIZE; i++) {
        uint8_t *listed = data + at;
        if (source_u32(listed) != 0x02014b50) return;
        repair_member(data, size, listed);
        at += LISTED_SIZE + (size_t)source_u16(listed + 28) + source_u16(listed + 30) +
              source_u16(listed + 32);
    }
}
