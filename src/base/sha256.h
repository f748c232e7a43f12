/* The ways to SHA-256, for hash.h's sha256_add and for its test: each takes `blocks` blocks of 64
 * bytes into the state. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdbool.h>

#include "base/hash.h"

void sha256_blocks_portable(uint32_t state[8], const uint8_t *p, size_t blocks);
bool sha256_has_ni(void);
void sha256_blocks_ni(uint32_t state[8], const uint8_t *p,
                      size_t blocks); /* only where it is there */

#endif
