#include "report/sheet.h"

#include "base/check.h"
#include "report/canvas.h"

static void test_zoom(void) {
    struct zoom zoom = canvas_zoom(128, 256, 8);
    CHECK(zoom.up == 2 && zoom.down == 1);
    CHECK_INT(canvas_length(zoom, 128), 256);
    zoom = canvas_zoom(256, 256, 8);
    CHECK(zoom.up == 1 && zoom.down == 1);
    zoom = canvas_zoom(257, 256, 8);
    CHECK(zoom.up == 1 && zoom.down == 2);
    CHECK_INT(canvas_length(zoom, 257), 129);
    zoom = canvas_zoom(1, 256, 8);
    CHECK(zoom.up == 8 && zoom.down == 1);
}

static void test_canvas(void) {
    struct image sheet = image_new(10, 10, 3, 255), image = image_new(3, 3, 1, 0);
    for (int i = 0; i < 9; i++) image.pixels[i] = (uint8_t)(10 * i);
    canvas_image(&sheet, 1, 1, &image, (struct zoom){1, 2}); /* means of 4, 2, 2 and 1 pixels */
    CHECK_INT(sheet.pixels[3 * 11], 20);
    CHECK_INT(sheet.pixels[3 * 12], 35);
    CHECK_INT(sheet.pixels[3 * 21], 65);
    CHECK_INT(sheet.pixels[3 * 22 + 2], 80);
    CHECK_INT(sheet.pixels[3 * 13], 255);
    canvas_image(&sheet, 4, 4, &image, (struct zoom){2, 1});
    CHECK_INT(sheet.pixels[3 * 44], 0);
    CHECK_INT(sheet.pixels[3 * 99], 80);
    canvas_image(&sheet, 8, -2, &image, (struct zoom){5, 1}); /* clipped */
    canvas_frame(&sheet, 0, 0, 10, 10, (struct colour){1, 2, 3});
    canvas_fill(&sheet, -5, -5, 100, 100, (struct colour){1, 2, 3});
    CHECK(sheet.pixels[0] == 1 && sheet.pixels[299] == 3);
    image_free(&sheet);
    image_free(&image);
}

/* How many pixels of that colour. */
static int count(const struct image *image, int r, int g, int b) {
    int n = 0;
    for (int i = 0; i < image->width * image->height; i++) {
        const uint8_t *p = image->pixels + 3 * i;
        n += p[0] == r && p[1] == g && p[2] == b;
    }
    return n;
}

static void test_contents(void) {
    /* A grey of its own for each: at least their pixels are there, enlarged. */
    struct image input = image_new(64, 64, 1, 11), target = image_new(64, 64, 3, 22);
    struct image first = image_new(64, 64, 1, 33), other = image_new(32, 32, 1, 44);
    struct sheet_variant variants[] = {
        {"first", "note", &first}, {"absent", NULL, NULL}, {"other size", "", &other}};
    struct sheet sheet = {"title", &input, &target, variants, 3};
    struct image out = sheet_draw(&sheet);
    CHECK_INT(out.channels, 3);
    CHECK_INT(count(&out, 11, 11, 11), 256 * 256);
    CHECK_INT(count(&out, 22, 22, 22), 256 * 256);
    CHECK_INT(count(&out, 33, 33, 33), 256 * 256);
    CHECK_INT(count(&out, 44, 44, 44), 128 * 128);
    CHECK(count(&out, 246, 246, 246) > 2 * 256 * 256); /* no output, and two without difference */
    CHECK_INT(out.width, 2 * 24 + 4 * (256 + 16) - 16);
    image_free(&out);

    sheet.target = NULL; /* the difference is to the first */
    sheet.title = NULL;
    out = sheet_draw(&sheet);
    CHECK_INT(count(&out, 22, 22, 22), 0);
    image_free(&out);
    sheet.input = NULL;
    variants[0].image = NULL; /* nothing to compare with at all */
    sheet.variant_count = 1;
    out = sheet_draw(&sheet);
    CHECK(out.width > 0);
    image_free(&out);
    image_free(&input);
    image_free(&target);
    image_free(&first);
    image_free(&other);
}

static void test_counts(void) {
    struct image image = image_new(128, 96, 1, 199), target = image_new(128, 96, 1, 90);
    struct sheet_variant variants[32];
    for (int i = 0; i < 32; i++)
        variants[i] =
            (struct sheet_variant){"\xe5\xad\x97 bad \xff name that is long", "n", &image};
    static const int counts[] = {1, 2, 6, 7, 13, 32};
    int last_height = 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct sheet sheet = {"title", &target, &target, variants, counts[i]};
        struct image out = sheet_draw(&sheet);
        CHECK(out.width <= 2000 && out.height >= last_height);
        CHECK_INT(count(&out, 199, 199, 199), counts[i] * 256 * 192);
        last_height = out.height;
        image_free(&out);
    }
    image_free(&image);
    image_free(&target);
}

static void test_sizes(void) {
    static const int sizes[][2] = {{1, 1}, {1, 700}, {700, 1}, {2100, 40}, {13, 257}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct image image = image_new(sizes[i][0], sizes[i][1], 3, 120);
        struct sheet_variant variant = {"v", NULL, &image};
        struct image out =
            sheet_draw(&(struct sheet){"a title of some length", &image, &image, &variant, 1});
        CHECK(out.width <= 2000 && out.height <= 2000);
        CHECK(count(&out, 120, 120, 120) > 0);
        image_free(&out);
        image_free(&image);
    }
}

static void test_overview(void) {
    struct image a = image_new(64, 64, 1, 11), b = image_new(64, 48, 1, 22);
    const struct image *first[] = {&a, &b}, *second[] = {NULL, &b};
    struct sheet_row rows[] = {{"one", &a, &b, first}, {"two \xff", &a, NULL, second}};
    const char *const names[] = {"left", "right"};
    struct image out = sheet_overview("overview", names, 2, rows, 2);
    CHECK_INT(out.width, 2 * 24 + 4 * (256 + 16) - 16);
    CHECK_INT(count(&out, 11, 11, 11), 3 * 256 * 256);
    CHECK_INT(count(&out, 22, 22, 22), 3 * 256 * 192);
    image_free(&out);

    const struct image *many[32];
    const char *many_names[32];
    for (int i = 0; i < 32; i++) many[i] = &a, many_names[i] = "variant";
    struct sheet_row row = {"row", NULL, NULL, many};
    out = sheet_overview(NULL, many_names, 32, &row, 1);
    CHECK_INT(count(&out, 11, 11, 11), 32 * 64 * 64); /* 96 a cell: at their own size */
    image_free(&out);
    image_free(&a);
    image_free(&b);
}

int main(void) {
    test_zoom();
    test_canvas();
    test_contents();
    test_counts();
    test_sizes();
    test_overview();
    return check_end();
}
