#include "report/font.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"

static const struct colour black = {0, 0, 0};

static int ink_of(const struct image *image) {
    int ink = 0;
    for (int i = 0; i < image->width * image->height; i++) ink += image->pixels[3 * i] == 0;
    return ink;
}

static struct image draw(const char *text, int scale) {
    struct image image = image_new(80 * scale, 12 * scale, 3, 255);
    font_draw(&image, 1, 1, text, scale, black);
    return image;
}

/* Every printable character has ink (but the space), and no two look alike. */
static void test_coverage(void) {
    uint64_t seen[95] = {0};
    for (int c = 0x20; c <= 0x7E; c++) {
        struct image image = draw((char[]){(char)c, 0}, 1);
        int ink = ink_of(&image);
        CHECK(c == ' ' ? ink == 0 : ink >= 3 && ink <= 25);
        seen[c - 0x20] = hash64(image.pixels, 3 * (size_t)(image.width * image.height), 1);
        for (int other = 0x20; other < c; other++) CHECK(seen[other - 0x20] != seen[c - 0x20]);
        for (int y = 0; y < image.height; y++) { /* within its cell, with space to the next */
            for (int x = 0; x < image.width; x++) {
                bool inside = x >= 1 && x < FONT_WIDTH && y >= 1 && y < FONT_HEIGHT;
                if (!inside && image.pixels[3 * (y * image.width + x)] == 0) CHECK(false);
            }
        }
        CHECK_INT(font_width((char[]){(char)c, 0}, 1), FONT_WIDTH);
        image_free(&image);
    }
}

static void test_shape(void) {
    struct image image = draw("L", 1); /* a bar of seven and a foot of five */
    for (int y = 0; y < 7; y++) CHECK_INT(image.pixels[3 * ((y + 1) * 80 + 1)], 0);
    for (int x = 0; x < 5; x++) CHECK_INT(image.pixels[3 * (7 * 80 + x + 1)], 0);
    CHECK_INT(ink_of(&image), 11);
    image_free(&image);
    image = draw("L", 3);
    CHECK_INT(ink_of(&image), 99);
    image_free(&image);
}

static void test_missing(void) {
    CHECK_INT(font_width("", 2), 0);
    CHECK_INT(font_width("ab", 2), 4 * FONT_WIDTH);
    int box = font_width("\xe5\xad\x97", 1); /* U+5B57 */
    CHECK(box > 2 * FONT_WIDTH);
    CHECK_INT(font_width("\xff", 1), box);          /* U+FFFD, as wide */
    CHECK_INT(font_width("\xe5\xad", 1), 2 * box);  /* cut short: two broken bytes */
    CHECK_INT(font_width("\n", 1), box);            /* 000A */
    CHECK(font_width("\xf0\x9f\x98\x80", 1) > box); /* five digits */
    struct image a = draw("\xe5\xad\x97", 1), b = draw("\xe4\xbd\x93", 1);
    size_t size = 3 * (size_t)(a.width * a.height);
    CHECK(ink_of(&a) > 40 && memcmp(a.pixels, b.pixels, size) != 0);
    image_free(&a);
    image_free(&b);
}

static void test_clipping(void) {
    struct image image = image_new(5, 4, 3, 255);
    font_draw(&image, -3, -2, "MMM\xff", 2, black);
    font_draw(&image, 1000, 1000, "W", 1, black);
    font_draw(&image, -1000, 0, "W", 1, black);
    CHECK(ink_of(&image) > 0);
    image_free(&image);
}

static void expect_fit(const char *text, int width, const char *want) {
    char *fitted = font_fit(text, 1, width);
    CHECK_STR(fitted, want);
    mem_free(fitted);
}

static void test_fit(void) {
    expect_fit("abcdef", 36, "abcdef");
    expect_fit("abcdefgh", 36, "ab..gh");
    expect_fit("abcdefghi", 42, "abc..hi");
    expect_fit("abcdefgh", 12, "..");
    expect_fit("abcdefgh", 0, "..");
    expect_fit("", 0, "");
    expect_fit("\xe5\xad\x97\xe4\xbd\x93", 33, "\xe5\xad\x97.."); /* whole characters */
    uint64_t seed = 42;
    for (int round = 0; round < 2000; round++) { /* any bytes, any width */
        char text[24] = {0};
        for (int i = 0; i < 20; i++) {
            seed = hash_mix(seed);
            text[i] = (char)(seed >> 32 | 1);
        }
        int width = (int)(seed % 200);
        char *fitted = font_fit(text, 1, width);
        CHECK(font_width(fitted, 1) <= (width > 12 ? width : 12));
        mem_free(fitted);
    }
}

int main(void) {
    test_coverage();
    test_shape();
    test_missing();
    test_clipping();
    test_fit();
    return check_end();
}
