#include "image/encode.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"

static void *resize_block(void *block, size_t old_size, size_t size) {
    void *grown = mem_alloc(size);
    if (block) memcpy(grown, block, old_size < size ? old_size : size);
    mem_free(block);
    return grown;
}

/* Statics that it declares and leaves out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_MALLOC(size)                mem_alloc(size)
#define STBIW_REALLOC_SIZED(p, old, size) resize_block(p, old, size)
#define STBIW_FREE(p)                     mem_free(p)
#define STBIW_ASSERT(condition)           assert(condition)
#include <stb_image_write.h>

/* stb_image_write's settings are global; they are set once, before the first use. Without row
 * filters images of glyphs are smallest (5 % less than with filters chosen row by row) and written
 * in half the time; levels above 8 take more time for under 1 %. */
static void settle(void) {
    stbi_write_png_compression_level = 8;
    stbi_write_force_png_filter = 0;
}

static void collect(void *context, void *data, int size) {
    struct bytes *out = context;
    out->size = (size_t)size;
    out->data = mem_alloc(out->size + 1);
    memcpy(out->data, data, out->size);
}

bool encode_png(const struct image *image, struct bytes *out, struct err *err) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, settle);
    *out = (struct bytes){0};
    /* stb_image_write counts bytes in an int, and grows its output by doubling. */
    int64_t stride = (int64_t)image->width * image->channels;
    bool fits = (stride + 1) * image->height < INT_MAX / 4;
    if (fits && stbi_write_png_to_func(collect, out, image->width, image->height, image->channels,
                                       image->pixels, (int)stride))
        return true;
    return err_add(err, STATUS_LIMIT, "cannot encode an image of %d x %d pixels", image->width,
                   image->height);
}
