#include "base/hash.h"

#include <string.h>

uint64_t hash_mix(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* Eight lanes that the compiler can keep in flight at once; each word is multiplied into a lane
 * that is rotated, and the lanes are mixed at the end. */
uint64_t hash64(const void *data, size_t size, uint64_t seed) {
    const uint8_t *p = data;
    const uint64_t multiplier = 0xd6e8feb86659fd93u;
    uint64_t lanes[8];
    for (int i = 0; i < 8; i++) lanes[i] = hash_mix(seed + (uint64_t)i);
    size_t left = size;
    for (; left >= 64; left -= 64, p += 64) {
        for (int i = 0; i < 8; i++) {
            uint64_t word;
            memcpy(&word, p + 8 * i, 8);
            lanes[i] = (lanes[i] ^ word) * multiplier;
            lanes[i] = lanes[i] << 29 | lanes[i] >> 35;
        }
    }
    uint8_t tail[64] = {0};
    memcpy(tail, p, left);
    uint64_t h = hash_mix(seed ^ size);
    for (int i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, tail + 8 * i, 8);
        h = hash_mix(h ^ lanes[i]);
        h = hash_mix(h ^ word);
    }
    return h;
}
