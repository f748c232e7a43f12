#include "metrics/imbalance.h"

#include "base/check.h"
#include "metrics/rng.h"

/* 11 times the kernel ((31 c + 17 o + 7 y + 5 x + 3 x y) % 23 - 11) / 11: PI has no scale. numpy
 * gives 0.920016918533 for stride 2. */
static void check_vector(void) {
    float w[8][6][4][4];
    for (int c = 0; c < 8; c++)
        for (int o = 0; o < 6; o++)
            for (int y = 0; y < 4; y++)
                for (int x = 0; x < 4; x++)
                    w[c][o][y][x] =
                        (float)((31 * c + 17 * o + 7 * y + 5 * x + 3 * x * y) % 23 - 11);
    CHECK_NEAR(imbalance_of_weights(&w[0][0][0][0], 8, 6, 4, 4, 2, 2), 0.920016918533, 1e-12);
    CHECK(imbalance_of_weights(&w[0][0][0][0], 8, 6, 4, 4, 1, 1) == 0);
}

static void check_known_kernels(void) {
    float ones[16], bilinear[16], zeros[16] = {0}, line[6] = {1, 0, 1, 0, 1, 0};
    const float ramp[4] = {1, 3, 3, 1};
    for (int i = 0; i < 16; i++) {
        ones[i] = 1;
        bilinear[i] = ramp[i / 4] * ramp[i % 4] / 16;
    }
    CHECK(imbalance_of_weights(ones, 1, 1, 4, 4, 2, 2) == 0);     /* zero-order hold */
    CHECK(imbalance_of_weights(bilinear, 1, 1, 4, 4, 2, 2) == 0); /* bilinear */
    CHECK_NEAR(imbalance_of_weights(ones, 1, 1, 3, 3, 2, 2), 0.19, 1e-12);
    CHECK(imbalance_of_weights(zeros, 1, 1, 4, 4, 2, 2) == 0);
    /* Uneven along one axis only: phases get 3 and 0. */
    CHECK_NEAR(imbalance_of_weights(line, 1, 1, 1, 6, 1, 2), 0.5, 1e-15);
    CHECK(imbalance_of_weights(line, 1, 1, 6, 1, 1, 1) == 0);
}

static void check_random(void) {
    static float w[64 * 64 * 16];
    struct rng rng = rng_seed(3);
    for (int i = 0; i < 64 * 64 * 16; i++) w[i] = (float)rng_below(&rng, 2001) - 1000;
    CHECK_NEAR(imbalance_of_weights(w, 64, 64, 4, 4, 2, 2), 0.75, 0.01);
}

int main(void) {
    check_vector();
    check_known_kernels();
    check_random();
    return check_end();
}
