/* Digests and deterministic random numbers. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4). */
struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};
void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t size);
void sha256_end(struct sha256 *s, uint8_t digest[32]);
void sha256_hex(const uint8_t digest[32], char hex[65]); /* lower case, NUL at the end */
void sha256_hex_of(const void *data, size_t size, char hex[65]);

/* CRC-32 of zip and PNG (polynomial 0xEDB88320); start with crc = 0, may be fed in parts. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t size);
/* The CRC of two parts put together, from the CRC of each and the size of the second. */
uint32_t crc32_join(uint32_t first, uint32_t second, size_t second_size);

/* A fast hash for tables and for identity by content (two of them with different seeds make the
 * 128-bit identity of a tensor). Not for adversaries: identities are compared only among files
 * that the user chose, and a collision needs equal shapes too. */
uint64_t hash64(const void *data, size_t size, uint64_t seed);

/* SplitMix64 (Steele, Lea, Flood 2014): a stateless mix of `x`. */
uint64_t hash_mix(uint64_t x);

#endif
