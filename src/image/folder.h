/* The images of a folder, in natural order. */
#ifndef IMAGE_FOLDER_H
#define IMAGE_FOLDER_H

#include "base/err.h"
#include "base/mem.h"

struct folder_item {
    const char *stem; /* file name without its ending: the name of every output */
    const char *path;
};

struct folder {
    struct folder_item *items;
    int count;
    struct arena arena;
};

/* Regular files ending in .png, .jpg, .jpeg or .bmp (any case), hidden files left out, natural sort
 * ("2.png" before "10.png"). Two files with one stem, or no image at all, is an error. A path that
 * is a file is a folder of one. The caller frees it. */
bool folder_list(const char *path, struct folder *out, struct err *err);
void folder_free(struct folder *folder); /* idempotent */
/* The order of a folder's stems, a total one: digits by their number, the rest by bytes; "1" and
 * "01", equal as numbers, then as text. < 0, 0 or > 0. */
int folder_compare_stems(const char *a, const char *b);
const struct folder_item *folder_find(const struct folder *folder, const char *stem);

#endif
