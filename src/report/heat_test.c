#include "report/heat.h"

#include "base/check.h"

static int range_of(int difference, size_t count, int rare) {
    size_t counts[256] = {1000};
    counts[difference] += count;
    counts[rare] += count / 50;
    return heat_range(counts);
}

static void test_range(void) {
    CHECK_INT(heat_range((size_t[256]){5}), 8);
    CHECK_INT(range_of(1, 10, 1), 8);
    CHECK_INT(range_of(8, 10, 8), 8);
    CHECK_INT(range_of(9, 10, 9), 16);
    CHECK_INT(range_of(128, 10, 1), 128);
    CHECK_INT(range_of(129, 10, 1), 255);
    CHECK_INT(range_of(255, 10, 1), 255);
    CHECK_INT(range_of(20, 1000, 200), 32); /* one in 51 is beyond it */
    CHECK_INT(range_of(20, 40, 200), 32);
    CHECK_INT(range_of(20, 1, 20), 32);
}

static void test_colours(void) {
    struct colour none = heat_colour(0, 32);
    CHECK(none.r == 255 && none.g == 255 && none.b == 255);
    int before = 3 * 255;
    for (int d = 1; d <= 32; d++) { /* redder and bluer, and ever darker */
        struct colour minus = heat_colour(-d, 32), plus = heat_colour(d, 32);
        CHECK(minus.r > minus.b && plus.b > plus.r);
        int sum = minus.r + minus.g + minus.b;
        CHECK(sum < before);
        before = sum;
    }
    struct colour end = heat_colour(32, 32), beyond = heat_colour(255, 32);
    CHECK(memcmp(&end, &beyond, sizeof end) == 0);
}

static void test_measure(void) {
    struct image a = image_new(2, 2, 1, 100), b = image_new(2, 2, 3, 100);
    struct heat heat = heat_measure(&a, &b);
    CHECK(heat.most == 0 && heat.counts[0] == 4);
    CHECK_NEAR(heat.mean, 0, 0);
    a.pixels[3] = 90;
    memcpy(b.pixels, (uint8_t[]){255, 0, 0}, 3); /* grey 76 */
    heat = heat_measure(&a, &b);
    CHECK_INT(heat.most, 24);
    CHECK_NEAR(heat.mean, 34 / 4.0, 1e-12);
    struct image map = heat_draw(&a, &b, 32);
    CHECK(map.channels == 3 && map.width == 2 && map.height == 2);
    CHECK(map.pixels[2] > map.pixels[0]);  /* brighter: blue */
    CHECK(map.pixels[9] > map.pixels[11]); /* darker: red */
    CHECK(map.pixels[3] == 255 && map.pixels[4] == 255 && map.pixels[5] == 255);
    image_free(&map);
    image_free(&a);
    image_free(&b);
}

int main(void) {
    test_range();
    test_colours();
    test_measure();
    return check_end();
}
