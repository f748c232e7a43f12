/* CRC-32 (ISO-HDLC, polynomial 0xEDB88320). */
#include "base/hash.h"

static const uint32_t *crc_table(void) {
    static uint32_t table[256];
    static int ready;
    if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE)) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
            table[i] = c;
        }
        __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    }
    return table;
}

uint32_t crc32_add(uint32_t crc, const void *data, size_t size) {
    const uint32_t *table = crc_table();
    const uint8_t *p = data;
    crc = ~crc;
    while (size--) crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
    return ~crc;
}
