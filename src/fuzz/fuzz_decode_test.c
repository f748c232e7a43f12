/* Whole images, decoded as the tool does it: by a child under seccomp, which may die, or in process
 * in builds with a sanitizer, where there is no such child. Nothing but a plain build says anything
 * about the child. */
#include "fuzz/fuzz.h"
#include "image/decode.h"

const char *const fuzz_seeds[] = {"data/images/*.png", "data/images/*.jpg", "data/images/*.bmp",
                                  NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct image_decoder *decoder;
    if (!decoder) decoder = decoder_create(1);
    struct image image;
    struct err err = {0};
    int channels = size % 2 ? 1 : 3;
    if (decoder_read(decoder, 0, fuzz_file(data, size), channels, &image, &err)) {
        FUZZ_CHECK(err.count == 0 && image.width > 0 && image.height > 0);
        FUZZ_CHECK(image.channels == channels);
        size_t count = (size_t)image.width * (size_t)image.height * (size_t)channels;
        volatile uint8_t last = image.pixels[count - 1];
        (void)last;
    } else {
        FUZZ_CHECK(err.count == 1);
        FUZZ_CHECK(err.status == STATUS_BAD_INPUT || err.status == STATUS_LIMIT);
    }
    image_free(&image);
    err_free(&err);
    return 0;
}
