#include "image/tensor_image.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"

bool image_take_half(const struct image *image, const char *name, enum image_half half,
                     struct image *out, struct err *err) {
    *out = (struct image){0};
    if (half != IMAGE_WHOLE && image->width % 2 != 0) {
        return err_add(err, STATUS_BAD_INPUT,
                       "%s: a pair side by side needs an even width, this image is %d pixels wide",
                       SAFE(name), image->width);
    }
    int width = half == IMAGE_WHOLE ? image->width : image->width / 2;
    int first = half == IMAGE_RIGHT ? width : 0;
    size_t channels = (size_t)image->channels;
    *out = image_new(width, image->height, image->channels, 0);
    for (size_t y = 0; y < (size_t)image->height; y++) {
        const uint8_t *row = image->pixels + (y * (size_t)image->width + (size_t)first) * channels;
        size_t bytes = (size_t)width * channels;
        memcpy(out->pixels + y * bytes, row, bytes);
    }
    return true;
}

bool image_label(const char *stem, int *label) {
    int value = 0, digits = 0;
    for (; stem[digits] >= '0' && stem[digits] <= '9'; digits++) {
        int digit = stem[digits] - '0';
        if (value > (INT_MAX - digit) / 10) return false;
        value = 10 * value + digit;
    }
    if (digits == 0 || stem[digits] != '_') return false;
    *label = value;
    return true;
}

/* Where an output sample falls between two input samples along one axis:
 * x = in / out (i + 0.5) - 0.5, not below 0 (ATen's area_pixel_compute_source_index). */
struct tap {
    int low, high;
    double weight; /* of high */
};

static struct tap *make_taps(int in, int out) {
    struct tap *taps = mem_array((size_t)out, sizeof *taps);
    double scale = (double)in / out;
    for (int i = 0; i < out; i++) {
        double x = scale * (i + 0.5) - 0.5;
        if (x < 0) x = 0;
        int low = (int)x;
        if (low > in - 1) low = in - 1;
        taps[i] = (struct tap){low, low + 1 < in ? low + 1 : low, x - low};
    }
    return taps;
}

static void resize_row(const uint8_t *low, const uint8_t *high, double weight,
                       const struct tap *taps, int width, int channels, uint8_t *out) {
    for (int x = 0; x < width; x++) {
        const struct tap *t = &taps[x];
        for (int c = 0; c < channels; c++) {
            int a = t->low * channels + c, b = t->high * channels + c;
            double top = (1 - t->weight) * low[a] + t->weight * low[b];
            double bottom = (1 - t->weight) * high[a] + t->weight * high[b];
            *out++ = (uint8_t)((1 - weight) * top + weight * bottom + 0.5);
        }
    }
}

struct image image_resize(const struct image *image, int width, int height) {
    struct image out = image_new(width, height, image->channels, 0);
    size_t in_stride = (size_t)image->width * (size_t)image->channels;
    size_t out_stride = (size_t)width * (size_t)image->channels;
    struct tap *columns = make_taps(image->width, width);
    struct tap *rows = make_taps(image->height, height);
    for (int y = 0; y < height; y++) {
        resize_row(image->pixels + (size_t)rows[y].low * in_stride,
                   image->pixels + (size_t)rows[y].high * in_stride, rows[y].weight, columns, width,
                   image->channels, out.pixels + (size_t)y * out_stride);
    }
    mem_free(columns);
    mem_free(rows);
    return out;
}

struct image image_pad(const struct image *image, int width, int height) {
    assert(width >= image->width && height >= image->height);
    struct image out = image_new(width, height, image->channels, 255);
    size_t in_stride = (size_t)image->width * (size_t)image->channels;
    size_t out_stride = (size_t)width * (size_t)image->channels;
    for (size_t y = 0; y < (size_t)image->height; y++)
        memcpy(out.pixels + y * out_stride, image->pixels + y * in_stride, in_stride);
    return out;
}

void image_to_tensor(const struct image *image, double mean, double std, float *out) {
    float value[256];
    for (int i = 0; i < 256; i++) value[i] = (float)((i / 255.0 - mean) / std);
    size_t plane = (size_t)image->width * (size_t)image->height;
    size_t channels = (size_t)image->channels;
    for (size_t c = 0; c < channels; c++) {
        for (size_t i = 0; i < plane; i++)
            out[c * plane + i] = value[image->pixels[i * channels + c]];
    }
}

/* In floats and in this order, as the usual PyTorch code saves an image, so that the bytes agree.
 * NaN becomes 0. */
static uint8_t to_pixel(float y, float mean, float std) {
    float v = y * std + mean;
    v = v * 255.0f + 0.5f;
    if (!(v > 0.0f)) return 0;
    return v < 255.0f ? (uint8_t)v : 255;
}

struct image image_from_tensor(const float *tensor, int channels, int tensor_height,
                               int tensor_width, int width, int height, double mean, double std) {
    assert(width <= tensor_width && height <= tensor_height);
    struct image out = image_new(width, height, channels, 0);
    size_t plane = (size_t)tensor_width * (size_t)tensor_height;
    uint8_t *pixel = out.pixels;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const float *at = tensor + (size_t)y * (size_t)tensor_width + x;
            for (int c = 0; c < channels; c++)
                *pixel++ = to_pixel(at[(size_t)c * plane], (float)mean, (float)std);
        }
    }
    return out;
}
