/* CRC-32 and SHA-256: known answers, and every way that this processor has against the portable
 * one. */
#include <stdlib.h>

#include "base/check.h"
#include "base/crc32.h"
#include "base/hash.h"
#include "base/sha256.h"

#define SIZE 5000

static uint8_t bytes[SIZE];

static void crc_answers(void) {
    CHECK(crc32_add(0, "123456789", 9) == 0xcbf43926);
    CHECK(crc32_add(0, "", 0) == 0);
    CHECK(crc32_portable(0, "123456789", 9) == 0xcbf43926);
    CHECK(crc32_portable(0, "a", 1) == 0xe8b7be43);
}

/* Bit by bit, from the definition. */
static uint32_t crc_by_definition(const uint8_t *p, size_t size) {
    uint32_t c = ~0u;
    for (size_t i = 0; i < size; i++) {
        c ^= p[i];
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
    }
    return ~c;
}

static void crc_ways(void) {
    int wrong = 0;
    for (size_t size = 0; size < 600; size++) {
        const uint8_t *p = bytes + size % 17;
        uint32_t want = crc_by_definition(p, size);
        wrong += crc32_portable(0, p, size) != want;
        if (crc32_has_clmul()) wrong += crc32_clmul(0, p, size) != want;
        size_t cut = (size_t)hash_mix(size) % (size + 1);
        wrong += crc32_add(crc32_add(0, p, cut), p + cut, size - cut) != want;
        wrong +=
            crc32_join(crc32_add(0, p, cut), crc32_add(0, p + cut, size - cut), size - cut) != want;
    }
    wrong += crc32_add(0, bytes, SIZE) != crc_by_definition(bytes, SIZE);
    CHECK_INT(wrong, 0);
}

static void sha_answers(void) {
    static const struct {
        const char *text, *want;
    } answers[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    char hex[65];
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        sha256_hex_of(answers[i].text, strlen(answers[i].text), hex);
        CHECK_STR(hex, answers[i].want);
    }
}

static void sha_ways(void) {
    for (size_t blocks = 0; blocks <= 40; blocks += blocks < 4 ? 1 : 9) {
        uint32_t a[8], b[8];
        for (uint32_t i = 0; i < 8; i++) a[i] = b[i] = i * 0x9e3779b9u + 1;
        sha256_blocks_portable(a, bytes + blocks, blocks);
        if (sha256_has_ni())
            sha256_blocks_ni(b, bytes + blocks, blocks);
        else
            sha256_blocks_portable(b, bytes + blocks, blocks);
        CHECK(memcmp(a, b, sizeof a) == 0);
    }
}

static void sha_in_parts(void) {
    char whole[65], parts[65];
    for (size_t size = 0; size < 200; size++) {
        struct sha256 s;
        uint8_t digest[32];
        size_t cut = (size_t)hash_mix(size) % (size + 1);
        sha256_start(&s);
        sha256_add(&s, bytes, cut);
        sha256_add(&s, bytes + cut, size - cut);
        sha256_end(&s, digest);
        sha256_hex(digest, parts);
        sha256_hex_of(bytes, size, whole);
        CHECK_STR(parts, whole);
    }
}

int main(void) {
    for (size_t i = 0; i < SIZE; i++) bytes[i] = (uint8_t)hash_mix(i);
    printf("carry-less multiplication: %d, SHA extensions: %d\n", crc32_has_clmul(),
           sha256_has_ni());
    crc_answers();
    crc_ways();
    sha_answers();
    sha_ways();
    sha_in_parts();
    return check_end();
}
