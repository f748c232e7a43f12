/* Image files -> pixels. PNG chunks and CRCs are walked first (png_walk.c); pixels are decoded by
 * stb_image in a child under strict seccomp with a bounded arena, time and memory, because the
 * system's stb_image 2.27 is not memory-safe on hostile JPEGs. Where seccomp is absent PNG is
 * decoded in process, and JPEG and BMP are refused. 16-bit samples are rounded to 8 bits. Colour
 * profiles, gamma and a camera's orientation are not applied. */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include "image/image.h"

struct image_decoder;

/* `children` decoding processes (0: decode in process, PNG only). Fork before threads are made. */
struct image_decoder *decoder_create(int children);
void decoder_free(struct image_decoder *decoder); /* NULL is fine */
/* "seccomp child" or "in process (no seccomp)", for run.json. */
const char *decoder_description(const struct image_decoder *decoder);

/* Decodes `path` to `channels` (1 or 3). Alpha is composited on white. `worker` in [0, children)
 * says which child; different workers may be used by different threads at once. A refusal names the
 * file, the rule and what would be right: STATUS_BAD_INPUT, STATUS_IO or STATUS_LIMIT. */
bool decoder_read(struct image_decoder *decoder, int worker, const char *path, int channels,
                  struct image *out, struct err *err);

#endif
