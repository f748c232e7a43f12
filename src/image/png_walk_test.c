#include "image/png_walk.h"

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

/* A PNG built chunk by chunk, CRCs right. */
struct png {
    uint8_t data[4096];
    size_t size;
};

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void start(struct png *png) {
    memcpy(png->data, "\x89PNG\r\n\x1a\n", 8);
    png->size = 8;
}

static void chunk(struct png *png, const char *name, const void *body, size_t length) {
    uint8_t *p = png->data + png->size;
    put_u32(p, (uint32_t)length);
    memcpy(p + 4, name, 4);
    if (length > 0) memcpy(p + 8, body, length);
    put_u32(p + 8 + length, crc32_add(0, p + 4, 4 + length));
    png->size += 12 + length;
}

static void header(struct png *png, uint32_t width, uint32_t height, int depth, int colour) {
    uint8_t body[13] = {0};
    put_u32(body, width);
    put_u32(body + 4, height);
    body[8] = (uint8_t)depth;
    body[9] = (uint8_t)colour;
    chunk(png, "IHDR", body, 13);
}

/* Checks that the walk refuses with `rule`, or accepts when it is NULL. */
static void expect(const struct png *png, const char *rule) {
    struct err err = {0};
    struct png_info info;
    bool ok = png_walk("x.png", png->data, png->size, &info, &err);
    if (rule) {
        char mark[32];
        snprintf(mark, sizeof mark, "[%s]", rule);
        CHECK(!ok && err.count == 1);
        CHECK(err.text && strstr(err.text, mark));
        if (err.text && !strstr(err.text, mark)) printf("   %s, want %s\n", err.text, rule);
    } else {
        CHECK(ok);
        if (!ok) printf("   %s\n", err.text);
    }
    err_free(&err);
}

/* IHDR, then the chunks named in `names` (four letters each, a palette of two, else empty). */
static void expect_order(int colour, const char *names, const char *rule) {
    struct png png;
    start(&png);
    header(&png, 3, 2, 8, colour);
    for (const char *n = names; *n; n += 4) {
        if (strncmp(n, "PLTE", 4) == 0)
            chunk(&png, "PLTE", "abcdef", 6);
        else if (strncmp(n, "tRNS", 4) == 0)
            chunk(&png, "tRNS", "ab", 2);
        else if (strncmp(n, "IDAT", 4) == 0)
            chunk(&png, "IDAT", "x", 1);
        else
            chunk(&png, n, "", 0);
    }
    expect(&png, rule);
}

static void test_order(void) {
    expect_order(0, "IDATIEND", NULL);
    expect_order(0, "tEXtIDATIDATtIMEIEND", NULL);
    expect_order(3, "PLTEtRNSIDATIEND", NULL);
    expect_order(0, "IEND", "png-order");
    expect_order(0, "IDATtEXtIDATIEND", "png-order");
    expect_order(3, "PLTEIDATtRNSIEND", "png-order");
    expect_order(3, "tRNSPLTEIDATIEND", "png-trns");
    expect_order(0, "tRNStRNSIDATIEND", "png-trns");
    expect_order(6, "tRNSIDATIEND", "png-trns");
    expect_order(3, "IDATIEND", "png-palette");
    expect_order(3, "PLTEPLTEIDATIEND", "png-palette");
    expect_order(0, "PLTEIDATIEND", "png-palette");
    expect_order(2, "IDATPLTEIEND", "png-order");
    expect_order(0, "CgBIIDATIEND", "png-critical");
    expect_order(0, "IHDRIDATIEND", "png-header");
    expect_order(0, "IDAT", "png-end");
    expect_order(0, "ab1cIDATIEND", "png-chunk");
}

static void expect_header(uint32_t width, uint32_t height, int depth, int colour,
                          const char *rule) {
    struct png png;
    start(&png);
    header(&png, width, height, depth, colour);
    if (colour == 3) chunk(&png, "PLTE", "abc", 3);
    chunk(&png, "IDAT", "x", 1);
    chunk(&png, "IEND", "", 0);
    expect(&png, rule);
}

static void test_header(void) {
    static const char *const legal[7] = {"\1\2\4\x8\x10", "", "\x8\x10", "\1\2\4\x8",
                                         "\x8\x10",       "", "\x8\x10"};
    for (int colour = 0; colour < 7; colour++) {
        for (int depth = 1; depth <= 33; depth++) {
            bool ok = depth < 32 && strchr(legal[colour], depth) != NULL;
            expect_header(3, 2, depth, colour, ok ? NULL : "png-header");
        }
    }
    expect_header(0, 2, 8, 0, "png-size");
    expect_header(2, 0, 8, 0, "png-size");
    expect_header(16384, 4096, 8, 0, NULL);
    expect_header(16384, 4097, 8, 0, "png-size");
    expect_header(16385, 1, 8, 0, "png-size");
    expect_header(0x80000001u, 1, 8, 0, "png-size");

    struct png png;
    start(&png);
    chunk(&png, "IDAT", "x", 1);
    expect(&png, "png-header");
    start(&png);
    chunk(&png, "IHDR", "123456789012", 12);
    expect(&png, "png-header");
    for (int i = 10; i < 13; i++) { /* compression, filter, interlace */
        uint8_t body[13] = {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0};
        body[i] = 2;
        start(&png);
        chunk(&png, "IHDR", body, 13);
        expect(&png, "png-header");
    }
    start(&png);
    header(&png, 1, 1, 1, 3);
    chunk(&png, "PLTE", "abcabcabc", 9); /* three entries, one bit */
    expect(&png, "png-palette");
}

static void test_lengths(void) {
    struct png png;
    start(&png);
    header(&png, 3, 2, 8, 0);
    size_t at = png.size;
    chunk(&png, "IDAT", "x", 1);
    chunk(&png, "IEND", "", 0);
    static const uint32_t lengths[] = {14, 100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF3, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        put_u32(png.data + at, lengths[i]);
        expect(&png, "png-chunk");
    }
    put_u32(png.data + at, 1);
    expect(&png, NULL);
    memcpy(png.data + png.size, "tail", 4);
    png.size += 4;
    struct err err = {0};
    struct png_info info;
    CHECK(png_walk("x", png.data, png.size, &info, &err));
    CHECK_INT(info.trailing, 4);
    err_free(&err);
}

/* Every prefix and every flipped bit of a real file is refused. The prefix is copied to a block of
 * its size, so that a sanitizer sees any read past it. */
static void test_damage(void) {
    struct err err = {0};
    struct bytes file;
    CHECK(file_read("data/images/palette4-trns-adam7.png", 1 << 20, &file, &err));
    struct png_info info;
    CHECK(png_walk("x", file.data, file.size, &info, &err));
    CHECK(info.width == 19 && info.height == 13 && info.depth == 4 && info.colour == 3);
    CHECK(info.palette == 16 && info.transparent && info.interlaced && info.trailing == 0);
    int accepted = 0;
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *copy = mem_alloc(size);
        memcpy(copy, file.data, size);
        accepted += png_walk("x", copy, size, &info, &err);
        mem_free(copy);
    }
    for (size_t bit = 0; bit < file.size * 8; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        accepted += png_walk("x", file.data, file.size, &info, &err);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        err_free(&err);
    }
    CHECK_INT(accepted, 0);
    bytes_free(&file);
    err_free(&err);
}

int main(void) {
    test_order();
    test_header();
    test_lengths();
    test_damage();
    return check_end();
}
