/* Every float16 and bfloat16, and float64 at its edges, against the definitions. */
#include "weights/convert.h"

#include <float.h>
#include <stdint.h>

#include "base/check.h"
#include "base/mem.h"

/* A binary float of `exponent_bits` and `mantissa_bits`, by the definition of IEEE 754. */
static double by_definition(uint32_t bits, int exponent_bits, int mantissa_bits) {
    int exponent = (int)(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    double mantissa = bits & ((1u << mantissa_bits) - 1), value;
    int bias = (1 << (exponent_bits - 1)) - 1;
    if (exponent == (1 << exponent_bits) - 1)
        value = mantissa == 0 ? INFINITY : NAN;
    else if (exponent == 0)
        value = ldexp(mantissa, 1 - bias - mantissa_bits);
    else
        value = ldexp(1 + ldexp(mantissa, -mantissa_bits), exponent - bias);
    return bits >> (exponent_bits + mantissa_bits) ? -value : value;
}

static bool same(double want, float got) {
    return isnan(want) ? isnan(got) : want == (double)got && !signbit(want) == !signbit(got);
}

static void all_of_16_bits(enum dtype dtype, int exponent_bits, int mantissa_bits) {
    uint16_t *from = mem_array(65536, sizeof *from);
    float *to = mem_array(65536, sizeof *to);
    int wrong = 0;
    size_t nonfinite = 0;
    for (uint32_t i = 0; i < 65536; i++) from[i] = (uint16_t)i;
    convert_to_float(dtype, from, to, 65536);
    for (uint32_t i = 0; i < 65536; i++) {
        double want = by_definition(i, exponent_bits, mantissa_bits);
        wrong += !same(want, to[i]);
        nonfinite += isfinite(want) ? 0 : 1;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(convert_nonfinite(to, 65536), nonfinite);
    mem_free(from);
    mem_free(to);
}

static void doubles(void) {
    const double from[] = {1.0 / 3, -0.0, FLT_MAX, 1e39, -1e300, INFINITY, 1e-50, DBL_MIN};
    float to[8];
    convert_to_float(DTYPE_F64, from, to, 8);
    CHECK(to[0] == 1.0f / 3 && to[2] == FLT_MAX && to[6] == 0 && to[7] == 0);
    CHECK(to[1] == 0 && signbit(to[1]));
    CHECK(to[3] == INFINITY && to[4] == -INFINITY && to[5] == INFINITY);
    CHECK_INT(convert_nonfinite(to, 8), 3);
}

static void any_alignment(void) {
    unsigned char bytes[1 + 3 * 8];
    const double from[] = {1.5, -2, 1e10};
    float to[3];
    memcpy(bytes + 1, from, sizeof from);
    convert_to_float(DTYPE_F64, bytes + 1, to, 3);
    CHECK(to[0] == 1.5f && to[1] == -2 && to[2] == 1e10f);
}

static void nonfinite_over_blocks(void) {
    size_t count = 200001;
    float *values = mem_array(count, sizeof *values);
    for (size_t i = 0; i < count; i += 1000) values[i] = i % 2000 ? NAN : -INFINITY;
    CHECK_INT(convert_nonfinite(values, count), 201);
    CHECK_INT(convert_nonfinite(values, 0), 0);
    mem_free(values);
}

int main(void) {
    all_of_16_bits(DTYPE_F16, 5, 10);
    all_of_16_bits(DTYPE_BF16, 8, 7);
    doubles();
    any_alignment();
    nonfinite_over_blocks();
    return check_end();
}
