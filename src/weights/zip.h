/* The container of PyTorch's zip files (torch >= 1.6), strict: see the rules in zip.c. */
#ifndef WEIGHTS_ZIP_H
#define WEIGHTS_ZIP_H

#include "base/mem.h"
#include "weights/source.h"

struct zip_entry {
    const char *name; /* without the root folder, "data/0" */
    uint64_t listed;  /* where the central directory lists it */
    uint64_t header;  /* its local header */
    uint64_t data;    /* its first byte, stored uncompressed */
    uint64_t size;
    uint32_t crc;
    uint16_t flags;
};

struct zip {
    struct zip_entry *entries; /* sorted by name */
    int count;
    const char *root;
    struct arena arena;
};

/* Reads and checks the whole structure (not the records' data). zip_free also after a failure. */
bool zip_open(const struct source *source, struct zip *zip);
void zip_free(struct zip *zip); /* idempotent */

/* The entry ROOT/name, or NULL. */
const struct zip_entry *zip_find(const struct zip *zip, const char *name);

/* Reads the record into `to` (entry->size bytes) and checks its CRC-32. */
bool zip_read(const struct source *source, const struct zip_entry *entry, uint8_t *to);
/* Refuses unless `crc` is the entry's. */
bool zip_check_crc(const struct source *source, const struct zip_entry *entry, uint32_t crc);

#endif
