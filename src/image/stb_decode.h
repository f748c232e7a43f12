/* stb_image, fenced: bytes -> samples without a system call, a lock or a heap. All memory comes
 * from one buffer that the caller gives, so it runs under strict seccomp and a file cannot take
 * more than its budget. */
#ifndef IMAGE_STB_DECODE_H
#define IMAGE_STB_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stb_pixels {
    int width, height;
    int channels;    /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha */
    size_t offset;   /* of the samples in the memory; host order when they have 16 bits */
    size_t used;     /* bytes of the memory that were touched, at most */
    char reason[48]; /* why it was refused */
};

/* Decodes the `size` bytes of a PNG, JPEG or BMP in `memory` of `budget` bytes (16-byte aligned) to
 * samples of 8 bits, or of 16 when `deep`. False: `reason` says why. */
bool stb_decode(const uint8_t *file, size_t size, bool deep, uint8_t *memory, size_t budget,
                struct stb_pixels *out);

#endif
