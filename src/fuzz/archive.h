/* Zip archives as the fuzzing targets change them. */
#ifndef FUZZ_ARCHIVE_H
#define FUZZ_ARCHIVE_H

#include "weights/zip.h"

#define ARCHIVE_MEMBERS 16

struct archive { /* a sound archive, taken apart */
    int count;
    char names[ARCHIVE_MEMBERS][64];
    struct {
        uint8_t *data; /* owned */
        size_t size;
    } members[ARCHIVE_MEMBERS];
};

/* False when zip_open refuses the bytes, or there are more members than fit here. archive_free also
 * after a failure. */
bool archive_read(const uint8_t *data, size_t size, struct archive *out);
void archive_free(struct archive *archive);
/* The index of data.pkl, or -1. */
int archive_pickle(const struct archive *archive);
/* Writes a sound archive of them; 0 when it does not fit into `room`. */
size_t archive_write(const struct archive *archive, uint8_t *out, size_t room);

/* Makes the checksums right, wherever a member is found through the directory. */
void archive_repair(uint8_t *data, size_t size);

#endif
