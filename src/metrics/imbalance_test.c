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
    CHECK_NEAR(imbalance_of_transposed(&w[0][0][0][0], 8, 6, 4, 4, 2, 2), 0.920016918533, 1e-12);
    CHECK(imbalance_of_transposed(&w[0][0][0][0], 8, 6, 4, 4, 1, 1) == 0);
}

static void check_known_kernels(void) {
    float ones[16], bilinear[16], zeros[16] = {0}, line[6] = {1, 0, 1, 0, 1, 0};
    const float ramp[4] = {1, 3, 3, 1};
    for (int i = 0; i < 16; i++) {
        ones[i] = 1;
        bilinear[i] = ramp[i / 4] * ramp[i % 4] / 16;
    }
    CHECK(imbalance_of_transposed(ones, 1, 1, 4, 4, 2, 2) == 0);     /* zero-order hold */
    CHECK(imbalance_of_transposed(bilinear, 1, 1, 4, 4, 2, 2) == 0); /* bilinear */
    CHECK_NEAR(imbalance_of_transposed(ones, 1, 1, 3, 3, 2, 2), 0.19, 1e-12);
    CHECK(imbalance_of_transposed(zeros, 1, 1, 4, 4, 2, 2) == 0);
    /* Uneven along one axis only: phases get 3 and 0. */
    CHECK_NEAR(imbalance_of_transposed(line, 1, 1, 1, 6, 1, 2), 0.5, 1e-15);
    CHECK(imbalance_of_transposed(line, 1, 1, 6, 1, 1, 1) == 0);
}

static void check_random(void) {
    static float w[64 * 64 * 16];
    struct rng rng = rng_seed(3);
    for (int i = 0; i < 64 * 64 * 16; i++) w[i] = (float)rng_below(&rng, 2001) - 1000;
    CHECK_NEAR(imbalance_of_transposed(w, 64, 64, 4, 4, 2, 2), 0.75, 0.01);
}

/* A 2x2 shuffle of 1x1 kernels is a transposed convolution of kernel 2 and stride 2. */
static void check_shuffled(void) {
    enum { IN = 5, OUT = 3, PHASES = 4 };
    float shuffled[OUT][PHASES][IN], transposed[IN][OUT][PHASES], same[OUT][PHASES][IN];
    struct rng rng = rng_seed(4);
    for (int o = 0; o < OUT; o++) {
        for (int i = 0; i < IN; i++) {
            for (int p = 0; p < PHASES; p++) {
                shuffled[o][p][i] = (float)rng_below(&rng, 2001) - 1000;
                transposed[i][o][p] = shuffled[o][p][i];
                same[o][p][i] = shuffled[o][0][i];
            }
        }
    }
    CHECK_NEAR(imbalance_of_shuffled(&shuffled[0][0][0], OUT, PHASES, IN, 1, 1),
               imbalance_of_transposed(&transposed[0][0][0], IN, OUT, 2, 2, 2, 2), 1e-15);
    CHECK(imbalance_of_shuffled(&same[0][0][0], OUT, PHASES, IN, 1, 1) == 0);
    /* The taps of a kernel add up: 1 + 2 against 3, even; against 6, 2 (1.5)^2 / 45. */
    const float taps[] = {1, 2, 3, 0}, uneven[] = {1, 2, 3, 3};
    CHECK(imbalance_of_shuffled(taps, 1, 2, 1, 1, 2) == 0);
    CHECK_NEAR(imbalance_of_shuffled(uneven, 1, 2, 1, 1, 2), 0.1, 1e-15);
}

int main(void) {
    check_vector();
    check_shuffled();
    check_known_kernels();
    check_random();
    return check_end();
}
