#include "weights/convert.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian, and so are we");

/* IEEE binary16. A subnormal is m * 2^-24, which float32 arithmetic gives exactly. */
static float from_half(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, mantissa = h & 0x3ff;
    uint32_t bits;
    float value;
    if (exponent == 0) {
        value = (float)mantissa * 0x1p-24f;
        memcpy(&bits, &value, 4);
    } else if (exponent == 31) {
        bits = 0x7f800000 | mantissa << 13;
    } else {
        bits = (exponent + 112) << 23 | mantissa << 13;
    }
    bits |= sign;
    memcpy(&value, &bits, 4);
    return value;
}

void convert_to_float(enum dtype dtype, const void *from, float *to, size_t count) {
    const uint8_t *p = from;
    switch (dtype) {
    case DTYPE_F32:
        memcpy(to, from, count * 4);
        break;
    case DTYPE_F64:
        for (size_t i = 0; i < count; i++) {
            double value;
            memcpy(&value, p + 8 * i, 8);
            to[i] = (float)value;
        }
        break;
    case DTYPE_F16:
        for (size_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, p + 2 * i, 2);
            to[i] = from_half(half);
        }
        break;
    case DTYPE_BF16:
        for (size_t i = 0; i < count; i++) {
            uint16_t high;
            memcpy(&high, p + 2 * i, 2);
            uint32_t bits = (uint32_t)high << 16;
            memcpy(to + i, &bits, 4);
        }
        break;
    default:
        assert(false); /* integers are not converted */
    }
}

size_t convert_nonfinite(const float *values, size_t count) {
    size_t found = 0;
    while (count > 0) {
        /* A block's count fits 32 bits, which lets the loop be vectorised at full width. */
        size_t block = count < 65536 ? count : 65536;
        uint32_t here = 0;
        for (size_t i = 0; i < block; i++) {
            uint32_t bits;
            memcpy(&bits, values + i, 4);
            here += (bits & 0x7f800000) == 0x7f800000;
        }
        found += here;
        values += block;
        count -= block;
    }
    return found;
}
