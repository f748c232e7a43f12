#include "image/encode.h"

#include "base/check.h"
#include "base/clock.h"
#include "image/decode.h"
#include "image/golden_image.h"
#include "image/png_walk.h"
#include "image/scratch_file.h"

static void fill(struct image *image, unsigned seed) {
    size_t size = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        image->pixels[i] = (uint8_t)(i % 7 < 3 ? seed >> 24 : i / 5);
    }
}

static void test_round_trip(struct image_decoder *decoder, const struct scratch *scratch) {
    static const int sizes[][2] = {{1, 1},   {2, 3},   {7, 5},    {64, 64},
                                   {300, 1}, {1, 300}, {257, 129}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int channels = 1; channels <= 3; channels += 2) {
            struct err err = {0};
            struct image image = image_new(sizes[i][0], sizes[i][1], channels, 0), back;
            fill(&image, (unsigned)i);
            struct bytes once, again;
            CHECK(encode_png(&image, &once, &err));
            CHECK(encode_png(&image, &again, &err));
            CHECK(once.size == again.size && memcmp(once.data, again.data, once.size) == 0);
            struct png_info info;
            CHECK(png_walk("x", once.data, once.size, &info, &err));
            CHECK(info.depth == 8 && info.colour == (channels == 1 ? 0 : 2) && info.trailing == 0);
            scratch_write(scratch, once.data, once.size);
            CHECK(decoder_read(decoder, 0, scratch->path, channels, &back, &err));
            CHECK_INT(golden_difference(&image, &back), 0);
            image_free(&image);
            image_free(&back);
            bytes_free(&once);
            bytes_free(&again);
            err_free(&err);
        }
    }
}

static void test_limit(void) {
    struct err err = {0};
    struct bytes png;
    struct image huge = {.width = 40000, .height = 40000, .channels = 1};
    CHECK(!encode_png(&huge, &png, &err)); /* refused before a pixel is read */
    CHECK_INT(err.status, STATUS_LIMIT);
    CHECK(png.data == NULL);
    err_free(&err);
}

/* A page of strokes: what the outputs of font generators look like. */
static void print_timing(void) {
    struct err err = {0};
    struct image image = image_new(256, 256, 1, 255);
    for (int y = 0; y < 256; y++) {
        for (int x = 0; x < 256; x++) {
            int d = (x - 128) * (x - 128) + (y - 128) * (y - 128);
            int v = abs(d % 3000 - 1500) / 4;
            image.pixels[y * 256 + x] = (uint8_t)(v > 255 ? 255 : v);
        }
    }
    double begin = clock_seconds();
    struct bytes png = {0};
    int rounds = 20;
    for (int i = 0; i < rounds; i++) {
        bytes_free(&png);
        CHECK(encode_png(&image, &png, &err));
    }
    printf("encode: %.2f ms an image (256 x 256 grey), %zu bytes\n",
           (clock_seconds() - begin) / rounds * 1e3, png.size);
    bytes_free(&png);
    image_free(&image);
    err_free(&err);
}

int main(void) {
    struct scratch scratch = scratch_create("x.png");
    struct image_decoder *decoder = decoder_create(0);
    test_round_trip(decoder, &scratch);
    test_limit();
    print_timing();
    decoder_free(decoder);
    scratch_remove(&scratch);
    return check_end();
}
