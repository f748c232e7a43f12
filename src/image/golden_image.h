/* For tests: the pixels in data/images (made by scripts/make_images.py). */
#ifndef IMAGE_GOLDEN_IMAGE_H
#define IMAGE_GOLDEN_IMAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

/* Reads data/images/NAME.ppm; the test ends when that fails. The caller frees it. */
static inline struct image golden_image(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "data/images/%s.ppm", name);
    FILE *file = fopen(path, "rb");
    int width = 0, height = 0;
    if (!file || fscanf(file, "P6 %d %d 255", &width, &height) != 2 || fgetc(file) != '\n') {
        printf("cannot read %s\n", path);
        exit(1);
    }
    struct image image = image_new(width, height, 3, 0);
    size_t size = (size_t)width * (size_t)height * 3;
    if (fread(image.pixels, 1, size, file) != size) {
        printf("%s is too short\n", path);
        exit(1);
    }
    fclose(file);
    return image;
}

/* The largest difference of two images of one form; 256 when their forms differ. */
static inline int golden_difference(const struct image *a, const struct image *b) {
    if (a->width != b->width || a->height != b->height || a->channels != b->channels) return 256;
    int most = 0;
    size_t size = (size_t)a->width * (size_t)a->height * (size_t)a->channels;
    for (size_t i = 0; i < size; i++) {
        int d = abs(a->pixels[i] - b->pixels[i]);
        if (d > most) most = d;
    }
    return most;
}

#endif
