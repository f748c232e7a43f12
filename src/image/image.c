#include "image/image.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

void image_free(struct image *image) {
    mem_free(image->pixels);
    *image = (struct image){0};
}

struct image image_new(int width, int height, int channels, uint8_t value) {
    assert(width > 0 && height > 0 && (channels == 1 || channels == 3));
    struct image image = {width, height, channels, NULL};
    size_t rows = (size_t)height * (size_t)channels;
    image.pixels = mem_array(rows, (size_t)width);
    memset(image.pixels, value, rows * (size_t)width);
    return image;
}

uint8_t image_grey(const uint8_t rgb[3]) {
    unsigned sum = 19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u;
    return (uint8_t)(sum >> 16);
}

void image_convert(struct image *image, int channels) {
    assert(channels == 1 || channels == 3);
    if (image->channels == channels) return;
    struct image out = image_new(image->width, image->height, channels, 0);
    size_t count = (size_t)image->width * (size_t)image->height;
    for (size_t i = 0; i < count; i++) {
        if (channels == 1) {
            out.pixels[i] = image_grey(image->pixels + 3 * i);
        } else {
            memset(out.pixels + 3 * i, image->pixels[i], 3);
        }
    }
    image_free(image);
    *image = out;
}
