#include "weights/tensor_stats.h"

#include "base/check.h"

static void known_values(void) {
    static const float values[] = {3, -4, NAN, INFINITY, 0, -INFINITY, 5};
    struct tensor t = {.dtype = DTYPE_F32, .rank = 1, .dims = {7}, .count = 7, .data = values};
    struct tensor_stats s = tensor_stats(&t);
    CHECK_NEAR(s.min, -4, 0);
    CHECK_NEAR(s.max, 5, 0);
    CHECK_NEAR(s.mean, 1, 0);
    CHECK_NEAR(s.rms, sqrt(12.5), 1e-15);
    CHECK_INT(s.nonfinite, 3);
}

static void digest_is_of_the_bytes(void) {
    static const float zeros[16]; /* 64 zero bytes */
    struct tensor t = {.dtype = DTYPE_F16, .rank = 1, .dims = {16}, .count = 16, .data = zeros};
    struct tensor_stats s = tensor_stats(&t);
    CHECK_STR(s.sha256, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    CHECK_NEAR(s.min, 0, 0);
    CHECK_NEAR(s.rms, 0, 0);
}

static void nothing_to_see(void) {
    static const float one[1];
    struct tensor integers = {.dtype = DTYPE_I64, .count = 1};
    struct tensor empty = {.dtype = DTYPE_F32, .rank = 1, .count = 0, .data = one};
    struct tensor_stats s = tensor_stats(&integers);
    CHECK(isnan(s.min) && isnan(s.max) && isnan(s.mean) && isnan(s.rms));
    CHECK_STR(s.sha256, "");
    s = tensor_stats(&empty);
    CHECK(isnan(s.min) && isnan(s.rms));
    CHECK_INT(s.nonfinite, 0);
    CHECK_STR(s.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void) {
    known_values();
    digest_is_of_the_bytes();
    nothing_to_see();
    return check_end();
}
