/* CRC-32 (ISO-HDLC, polynomial 0xEDB88320). */
#include "base/crc32.h"

#include <string.h>

#include "base/hash.h"

#define POLYNOMIAL 0xedb88320u
#define SLICES     8

static uint32_t shift_byte(uint32_t c) {
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ POLYNOMIAL : c >> 1;
    return c;
}

/* table[k][b]: the register after the byte b and k zero bytes. Threads that race here write the
 * same values; the flag is set after them. */
static uint32_t (*tables(void))[256] {
    static uint32_t table[SLICES][256];
    static int ready;
    if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
        for (uint32_t b = 0; b < 256; b++) {
            uint32_t c = b;
            for (int k = 0; k < SLICES; k++) {
                c = shift_byte(c);
                __atomic_store_n(&table[k][b], c, __ATOMIC_RELAXED);
            }
        }
        __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    }
    return table;
}

/* Eight bytes at a time (Kounavis and Berry 2005, "slicing by 8"). */
uint32_t crc32_portable(uint32_t crc, const void *data, size_t size) {
    uint32_t(*t)[256] = tables();
    const uint8_t *p = data;
    crc = ~crc;
    for (; size >= 8; size -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
        crc = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^ t[4][low >> 24] ^
              t[3][p[4]] ^ t[2][p[5]] ^ t[1][p[6]] ^ t[0][p[7]];
    }
    for (; size > 0; size--) crc = crc >> 8 ^ t[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

#ifdef __x86_64__
#include <immintrin.h>

bool crc32_has_clmul(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse2");
}

/* Folds `a` forward over the distance whose constants are `k`, onto `b`. */
__attribute__((target("pclmul,sse2"))) static inline __m128i fold(__m128i a, __m128i k, __m128i b) {
    __m128i low = _mm_clmulepi64_si128(a, k, 0x00), high = _mm_clmulepi64_si128(a, k, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), b);
}

/* Carry-less multiplication folds 64 bytes at a time into 16 with the same remainder (Gopal et al.
 * 2009, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", whose constants
 * these are); the table reduces those. */
__attribute__((target("pclmul,sse2"))) uint32_t crc32_clmul(uint32_t crc, const void *data,
                                                            size_t size) {
    const uint8_t *p = data;
    if (size < 128) return crc32_portable(crc, data, size);
    const __m128i by64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
    const __m128i by16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    __m128i x[4];
    for (int i = 0; i < 4; i++) x[i] = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)~crc));
    for (p += 64, size -= 64; size >= 64; p += 64, size -= 64) {
        for (int i = 0; i < 4; i++)
            x[i] = fold(x[i], by64, _mm_loadu_si128((const __m128i *)(p + 16 * i)));
    }
    __m128i rest = fold(fold(fold(x[0], by16, x[1]), by16, x[2]), by16, x[3]);
    uint8_t folded[16];
    memcpy(folded, &rest, 16);
    /* The register stands in the folded bytes: they start from an empty one. */
    return crc32_portable(crc32_portable(~0u, folded, 16), p, size);
}
#else
bool crc32_has_clmul(void) {
    return false;
}
uint32_t crc32_clmul(uint32_t crc, const void *data, size_t size) {
    return crc32_portable(crc, data, size);
}
#endif

uint32_t crc32_add(uint32_t crc, const void *data, size_t size) {
    return crc32_has_clmul() ? crc32_clmul(crc, data, size) : crc32_portable(crc, data, size);
}

/* The product of two polynomials modulo the CRC's; bit 31 is the coefficient of x^0. */
static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (uint32_t bit = 1u << 31; bit; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

uint32_t crc32_join(uint32_t first, uint32_t second, size_t second_size) {
    uint32_t shift = 1u << 31, power = 1u << 23; /* x^0, x^8: a byte */
    for (; second_size; second_size >>= 1) {
        if (second_size & 1) shift = multiply(shift, power);
        power = multiply(power, power);
    }
    return multiply(shift, first) ^ second;
}
