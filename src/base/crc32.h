/* The ways to a CRC-32, for hash.h's crc32_add and for its test. Both take and give the register as
 * crc32_add does. */
#ifndef BASE_CRC32_H
#define BASE_CRC32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint32_t crc32_portable(uint32_t crc, const void *data, size_t size);
bool crc32_has_clmul(void);
uint32_t crc32_clmul(uint32_t crc, const void *data, size_t size); /* only where it is there */

#endif
