#include "image/tensor_image.h"

#include "base/check.h"
#include "image/golden_image.h"

static void test_label(void) {
    int label = -1;
    CHECK(image_label("12_0034", &label) && label == 12);
    CHECK(image_label("0_", &label) && label == 0);
    CHECK(image_label("2147483647_x", &label) && label == 2147483647);
    static const char *const none[] = {"",     "_1",   "12",           "12-3",
                                       "a1_2", "-1_2", "2147483648_1", "99999999999999999999_1",
                                       " 1_2", "1 _2"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) CHECK(!image_label(none[i], &label));
    CHECK_INT(label, 2147483647); /* untouched */
}

static void test_half(void) {
    struct err err = {0};
    struct image pair = image_new(4, 2, 3, 0), half;
    for (int i = 0; i < 24; i++) pair.pixels[i] = (uint8_t)i;
    CHECK(image_take_half(&pair, "pair.png", IMAGE_LEFT, &half, &err));
    CHECK(half.width == 2 && half.height == 2);
    CHECK(half.pixels[0] == 0 && half.pixels[5] == 5 && half.pixels[6] == 12);
    image_free(&half);
    CHECK(image_take_half(&pair, "pair.png", IMAGE_RIGHT, &half, &err));
    CHECK(half.pixels[0] == 6 && half.pixels[6] == 18 && half.pixels[11] == 23);
    image_free(&half);
    CHECK(image_take_half(&pair, "pair.png", IMAGE_WHOLE, &half, &err));
    CHECK_INT(golden_difference(&half, &pair), 0);
    image_free(&half);
    pair.width = 3;
    CHECK(!image_take_half(&pair, "pair.png", IMAGE_LEFT, &half, &err));
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK(image_take_half(&pair, "pair.png", IMAGE_WHOLE, &half, &err));
    image_free(&half);
    image_free(&pair);
    err_free(&err);
}

static void test_resize(void) {
    struct image two = image_new(2, 1, 1, 0);
    two.pixels[1] = 100;
    struct image four = image_resize(&two, 4, 2);
    static const int want[] = {0, 25, 75, 100, 0, 25, 75, 100}; /* by hand: x = -.25 .25 .75 1.25 */
    for (int i = 0; i < 8; i++) CHECK_INT(four.pixels[i], want[i]);
    image_free(&four);
    image_free(&two);

    static const int sizes[][2] = {{28, 18}, {8, 5}, {31, 4}, {14, 9}, {1, 1}};
    struct image from = golden_image("resize-from");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        snprintf(name, sizeof name, "resize-%dx%d", sizes[i][0], sizes[i][1]);
        struct image expected = golden_image(name);
        struct image got = image_resize(&from, sizes[i][0], sizes[i][1]);
        CHECK_INT(golden_difference(&got, &expected), 0);
        image_free(&got);
        image_free(&expected);
    }
    image_free(&from);
}

static void test_pad(void) {
    struct image image = image_new(2, 2, 1, 7);
    struct image padded = image_pad(&image, 3, 4);
    static const int want[] = {7, 7, 255, 7, 7, 255, 255, 255, 255, 255, 255, 255};
    for (int i = 0; i < 12; i++) CHECK_INT(padded.pixels[i], want[i]);
    image_free(&padded);
    image_free(&image);
}

static void test_tensor(void) {
    struct image image = image_new(16, 16, 3, 0);
    for (int i = 0; i < 256; i++) {
        image.pixels[3 * i] = (uint8_t)i;
        image.pixels[3 * i + 1] = (uint8_t)(255 - i);
        image.pixels[3 * i + 2] = 128;
    }
    float tensor[768];
    image_to_tensor(&image, 0.5, 0.5, tensor);
    CHECK_NEAR(tensor[0], -1, 0);
    CHECK_NEAR(tensor[255], 1, 0);
    CHECK_NEAR(tensor[256], 1, 0);
    CHECK_NEAR(tensor[512], 128 / 127.5 - 1, 1e-7);
    struct image back = image_from_tensor(tensor, 3, 16, 16, 16, 16, 0.5, 0.5);
    CHECK_INT(golden_difference(&back, &image), 0);
    image_free(&back);
    image_to_tensor(&image, 0.485, 0.229, tensor);
    CHECK_NEAR(tensor[10], (10 / 255.0 - 0.485) / 0.229, 1e-6);
    back = image_from_tensor(tensor, 3, 16, 16, 5, 7, 0.485, 0.229); /* cropped */
    CHECK(back.width == 5 && back.height == 7);
    CHECK_INT(back.pixels[3 * (5 * 6 + 4)], 16 * 6 + 4);
    image_free(&back);
    image_free(&image);

    /* Clamping, rounding half up, and what is no number. */
    float odd[6] = {-1.5f, 1.5f, NAN, INFINITY, -INFINITY, (float)(0.5 / 127.5 - 1)};
    back = image_from_tensor(odd, 1, 1, 6, 6, 1, 0.5, 0.5);
    static const int want[] = {0, 255, 0, 255, 0, 1};
    for (int i = 0; i < 5; i++) CHECK_INT(back.pixels[i], want[i]);
    CHECK(back.pixels[5] <= 1); /* 0.5 give or take a rounding */
    image_free(&back);
}

int main(void) {
    test_label();
    test_half();
    test_resize();
    test_pad();
    test_tensor();
    return check_end();
}
