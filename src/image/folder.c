#include "image/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t digits(const char *s) {
    size_t n = 0;
    while (is_digit(s[n])) n++;
    return n;
}

/* Compares runs of digits as numbers, all else by bytes. */
static int compare_naturally(const char *a, const char *b) {
    while (*a && *b) {
        if (!is_digit(*a) || !is_digit(*b)) {
            if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++, b++;
            continue;
        }
        while (*a == '0') a++;
        while (*b == '0') b++;
        size_t na = digits(a), nb = digits(b);
        int order = na != nb ? (na < nb ? -1 : 1) : strncmp(a, b, na);
        if (order != 0) return order;
        a += na, b += nb;
    }
    return (*a != '\0') - (*b != '\0');
}

int folder_compare_stems(const char *a, const char *b) {
    int order = compare_naturally(a, b);
    return order != 0 ? order : strcmp(a, b);
}

static int compare_items(const void *left, const void *right) {
    const struct folder_item *a = left, *b = right;
    int order = folder_compare_stems(a->stem, b->stem);
    return order != 0 ? order : strcmp(a->path, b->path);
}

static int compare_stem_to_item(const void *stem, const void *item) {
    return folder_compare_stems(stem, ((const struct folder_item *)item)->stem);
}

static bool has_image_ending(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".bmp"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot, endings[i]) == 0) return true;
    }
    return false;
}

static void add_item(struct folder *out, size_t *capacity, const char *path) {
    mem_grow(&out->items, capacity, (size_t)out->count + 1, sizeof *out->items);
    char *stem = arena_strdup(&out->arena, file_base(path));
    char *dot = strrchr(stem, '.');
    if (dot && dot != stem) *dot = '\0';
    out->items[out->count++] = (struct folder_item){stem, arena_strdup(&out->arena, path)};
}

/* A link to nothing stays in the list: the image is missing, which must not go unnoticed. */
static bool is_file_or_missing(const char *path) {
    struct stat info;
    return stat(path, &info) != 0 || S_ISREG(info.st_mode);
}

static bool read_entries(DIR *dir, const char *path, struct folder *out, struct err *err) {
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) break;
        if (entry->d_name[0] == '.' || !has_image_ending(entry->d_name)) continue;
        char *full = file_join(path, entry->d_name);
        if (is_file_or_missing(full)) add_item(out, &capacity, full);
        mem_free(full);
    }
    return errno == 0 || err_add_errno(err, "read", path);
}

static bool check_items(const char *path, const struct folder *folder, struct err *err) {
    bool ok = true;
    for (int i = 1; i < folder->count; i++) {
        const struct folder_item *a = &folder->items[i - 1], *b = &folder->items[i];
        if (strcmp(a->stem, b->stem) != 0) continue;
        ok = err_add(err, STATUS_BAD_INPUT,
                     "%s and %s would both write outputs named %s; rename one of them",
                     SAFE(a->path), SAFE(b->path), SAFE(a->stem));
    }
    if (folder->count == 0)
        ok = err_add(err, STATUS_BAD_INPUT, "no image (.png, .jpg, .jpeg or .bmp) in %s",
                     SAFE(path));
    return ok;
}

static bool list_dir(const char *path, struct folder *out, struct err *err) {
    DIR *dir = opendir(path);
    if (!dir) return err_add_errno(err, "open", path);
    bool ok = read_entries(dir, path, out, err);
    closedir(dir);
    if (!ok) return false;
    if (out->count > 1) qsort(out->items, (size_t)out->count, sizeof *out->items, compare_items);
    return check_items(path, out, err);
}

bool folder_list(const char *path, struct folder *out, struct err *err) {
    *out = (struct folder){0};
    struct stat info;
    if (stat(path, &info) != 0) return err_add_errno(err, "open", path);
    if (S_ISREG(info.st_mode)) {
        size_t capacity = 0;
        add_item(out, &capacity, path);
        return true;
    }
    if (!S_ISDIR(info.st_mode))
        return err_add(err, STATUS_IO, "%s is neither a folder nor a regular file", SAFE(path));
    return list_dir(path, out, err);
}

void folder_free(struct folder *folder) {
    mem_free(folder->items);
    arena_free(&folder->arena);
    *folder = (struct folder){0};
}

const struct folder_item *folder_find(const struct folder *folder, const char *stem) {
    if (folder->count == 0) return NULL;
    return bsearch(stem, folder->items, (size_t)folder->count, sizeof *folder->items,
                   compare_stem_to_item);
}
