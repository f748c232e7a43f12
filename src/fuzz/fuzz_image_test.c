/* The walks over PNG's chunks and JPEG's markers. */
#include "base/hash.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "image/jpeg_scan.h"
#include "image/png_walk.h"

const char *const fuzz_seeds[] = {"data/images/*.png", "data/images/*.jpg", "data/glyphs/*/*.png",
                                  NULL};

static void check_size(int width, int height) {
    FUZZ_CHECK(width > 0 && width <= IMAGE_SIDE_MAX && height > 0 && height <= IMAGE_SIDE_MAX);
    FUZZ_CHECK((int64_t)width * height <= IMAGE_PIXELS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    uint8_t *file = fuzz_copy(data, size);
    struct png_info png;
    if (png_walk("image", file, size, &png, &err)) {
        FUZZ_CHECK(err.count == 0 && png.trailing < size && png.palette <= 256);
        check_size(png.width, png.height);
    } else {
        FUZZ_CHECK(err.count == 1);
    }
    err_free(&err);
    struct jpeg_info jpeg = {0};
    if (jpeg_signature(file, size) && jpeg_scan("image", file, size, &jpeg, &err)) {
        FUZZ_CHECK(err.count == 0 && (jpeg.components == 1 || jpeg.components == 3));
        check_size(jpeg.width, jpeg.height);
    }
    err_free(&err);
    mem_free(file);
    return 0;
}

static uint32_t read_u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Makes the CRC of every chunk right that lies within the file. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, room);
    if (seed % 16 == 0 || !png_signature(data, size)) return size;
    for (size_t at = 8; size - at >= 12;) {
        size_t length = read_u32(data + at);
        if (length > size - at - 12) break;
        uint32_t crc = crc32_add(0, data + at + 4, length + 4);
        at += 8 + length;
        for (int i = 0; i < 4; i++) data[at++] = (uint8_t)(crc >> (24 - 8 * i));
    }
    return size;
}
