/* The question the tool exists for, answered in words. */
#include "report/explain.h"

#include "base/check.h"
#include "net/fixture.h"

static struct fixture a, b;

static void check(int size, const char *const *parts, int count) {
    struct text t = {0};
    a.variant.name = "stride2";
    b.variant.name = "stride1";
    explain(&a.variant, &b.variant, square(size), 0, &t);
    for (int i = 0; i < count; i++) {
        bool found = strstr(t.s, parts[i]) != NULL;
        CHECK(found);
        if (!found) printf("missing: %s\nin:\n%s\n", parts[i], t.s);
    }
    text_free(&t);
}
#define CHECK_WORDS(size, ...)                                                                     \
    check(size, (const char *const[]){__VA_ARGS__},                                                \
          (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

int main(void) {
    fixture_unet(&a, 8, 1);
    fixture_unet(&b, 8, 1);
    fixture_inner(&b)->up.stride = square(1);
    fixture_inner(&b)->fit = FIT_BILINEAR;
    CHECK_WORDS(256, "stride2 and stride1 at 256x256\n", "up.stride: 2 -> 1\n",
                "They cannot differ at 256x256\n", "differs at: 512x512");
    CHECK_WORDS(512, "They compute different functions\n",
                "parts: from stride2 at b8, up convolution",
                "  b8: decoded 512x4x4 -> 512x3x3, join ok -> resampled\n", "joins resampled",
                "weights of stride1 have the same name and shape in stride2\n");
    CHECK_WORDS(384, "stride2 does not fit at 384x384\n", "error: b8: decoded is 2x2",
                "fits with: --size 512x512");

    fixture_unet(&b, 8, 1);
    b.blocks[6].up.decoder = DECODER_PIXEL_SHUFFLE;
    fixture_up(&b.blocks[6], 3, 1);
    CHECK_WORDS(256, "the whole encoder and 1 of 8 decoder levels are shared",
                "; not so: b7.up.conv.weight\n");
    return check_end();
}
