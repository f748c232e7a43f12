/* For tests: one file in a folder of its own, written again and again. */
#ifndef IMAGE_SCRATCH_FILE_H
#define IMAGE_SCRATCH_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct scratch {
    char dir[64], path[128];
};

static inline struct scratch scratch_create(const char *name) {
    struct scratch s = {.dir = "/tmp/stridelab-image-XXXXXX"};
    if (!mkdtemp(s.dir)) perror("mkdtemp"), exit(1);
    snprintf(s.path, sizeof s.path, "%s/%s", s.dir, name);
    return s;
}

static inline void scratch_write(const struct scratch *s, const void *data, size_t size) {
    FILE *file = fopen(s->path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) perror(s->path), exit(1);
}

static inline void scratch_remove(const struct scratch *s) {
    unlink(s->path);
    rmdir(s->dir);
}

#endif
