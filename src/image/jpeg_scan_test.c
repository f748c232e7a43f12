#include "image/jpeg_scan.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"

struct jpeg {
    uint8_t data[512];
    size_t size;
};

static void add(struct jpeg *jpeg, const void *bytes, size_t size) {
    memcpy(jpeg->data + jpeg->size, bytes, size);
    jpeg->size += size;
}

static void frame(struct jpeg *jpeg, int marker, int precision, int height, int width,
                  int components) {
    const uint8_t body[] = {0xFF,
                            (uint8_t)marker,
                            0,
                            8,
                            (uint8_t)precision,
                            (uint8_t)(height >> 8),
                            (uint8_t)height,
                            (uint8_t)(width >> 8),
                            (uint8_t)width,
                            (uint8_t)components};
    add(jpeg, body, sizeof body);
}

/* Checks that the scan refuses with `rule`, or accepts when it is NULL. */
static void expect(const struct jpeg *jpeg, const char *rule) {
    struct err err = {0};
    struct jpeg_info info;
    uint8_t *copy = mem_alloc(jpeg->size); /* a sanitizer sees any read past it */
    memcpy(copy, jpeg->data, jpeg->size);
    bool ok = jpeg_scan("x.jpg", copy, jpeg->size, &info, &err);
    mem_free(copy);
    CHECK(ok == (rule == NULL));
    if (rule) CHECK(err.text && strstr(err.text, rule));
    if (rule && err.text && !strstr(err.text, rule)) printf("   %s, want %s\n", err.text, rule);
    err_free(&err);
}

static void expect_frame(int marker, int precision, int height, int width, int components,
                         const char *rule) {
    struct jpeg jpeg = {.size = 0};
    add(&jpeg, "\xFF\xD8", 2);
    frame(&jpeg, marker, precision, height, width, components);
    add(&jpeg, "\xFF\xDA\0\2ab\xFF\0c\xFF\xD0z\xFF\xFF\xD9", 15);
    expect(&jpeg, rule);
}

static void test_frames(void) {
    expect_frame(0xC0, 8, 4, 5, 3, NULL);
    expect_frame(0xC1, 8, 4, 5, 1, NULL);
    expect_frame(0xC2, 8, 4, 5, 3, NULL);
    expect_frame(0xC3, 8, 4, 5, 3, "[jpeg-coding]"); /* lossless */
    expect_frame(0xC9, 8, 4, 5, 3, "[jpeg-coding]"); /* arithmetic */
    expect_frame(0xC0, 12, 4, 5, 3, "[jpeg-coding]");
    expect_frame(0xC0, 8, 0, 5, 3, "[jpeg-frame]");
    expect_frame(0xC0, 8, 4, 0, 3, "[jpeg-frame]");
    expect_frame(0xC0, 8, 4, 5, 4, "[jpeg-components]");
    expect_frame(0xC0, 8, 4, 5, 0, "[jpeg-components]");
    expect_frame(0xC0, 8, 16385, 5, 3, "[jpeg-size]");
    expect_frame(0xC0, 8, 16384, 16384, 3, "[jpeg-size]");
    expect_frame(0xC4, 8, 4, 5, 3, "[jpeg-frame]"); /* tables, no frame at all */
}

static void test_structure(void) {
    struct jpeg jpeg = {.size = 0};
    expect(&jpeg, "[jpeg-start]");
    add(&jpeg, "\xFF\xD8\xFF", 3);
    expect(&jpeg, "[jpeg-end]");
    jpeg.size = 2;
    frame(&jpeg, 0xC0, 8, 4, 5, 3);
    frame(&jpeg, 0xC0, 8, 4, 5, 3);
    expect(&jpeg, "[jpeg-frame]"); /* two of them */
    jpeg.size = 2;
    add(&jpeg, "\xFF\xC0\0\4\x08\0", 6);
    expect(&jpeg, "[jpeg-frame]"); /* its header cut short */
    jpeg.size = 2;
    add(&jpeg, "\xFF\xE0\0\1", 4);
    expect(&jpeg, "[jpeg-segment]");
    jpeg.size = 2;
    add(&jpeg, "\xFF\xE0\xFF\xFF..", 6);
    expect(&jpeg, "[jpeg-segment]");
    jpeg.size = 2;
    add(&jpeg, "\xFF\xE0\0", 3);
    expect(&jpeg, "[jpeg-segment]");
}

/* Every prefix of a whole file lacks its end. */
static void test_prefixes(void) {
    struct err err = {0};
    struct bytes file;
    struct jpeg_info info;
    CHECK(file_read("data/images/jpeg-progressive.jpg", 1 << 20, &file, &err));
    CHECK(jpeg_scan("x", file.data, file.size, &info, &err));
    CHECK(info.width == 56 && info.height == 40 && info.components == 3);
    int accepted = 0;
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *copy = mem_alloc(size);
        memcpy(copy, file.data, size);
        accepted += jpeg_scan("x", copy, size, &info, &err);
        mem_free(copy);
        err_free(&err);
    }
    CHECK_INT(accepted, 0);
    bytes_free(&file);
}

int main(void) {
    test_frames();
    test_structure();
    test_prefixes();
    return check_end();
}
