/* The fence around stb_image: whatever memory it is given, it is refused or decodes the same. */
#include "image/stb_decode.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"

static const char *const files[] = {"data/images/rgba16-adam7.png", "data/images/rgb8.png",
                                    "data/images/jpeg-progressive.jpg", "data/images/jpeg-420.jpg",
                                    "data/images/bmp24.bmp"};

/* Memory of exactly `budget` bytes, so that the sanitizers see one byte more. */
static bool decode_within(const struct bytes *file, size_t budget, uint8_t **memory,
                          struct stb_pixels *out) {
    *memory = mem_alloc(budget);
    return stb_decode(file->data, file->size, false, *memory, budget, out);
}

static void check_budgets(const char *path) {
    struct err err = {0};
    struct bytes file;
    struct stb_pixels want, got;
    uint8_t *plenty, *memory;
    CHECK(file_read(path, 1 << 20, &file, &err));
    CHECK(decode_within(&file, 1 << 20, &plenty, &want));
    size_t samples = (size_t)want.width * (size_t)want.height * (size_t)want.channels;
    CHECK(samples > 0 && want.used < 1 << 20);
    for (size_t part = 0; part <= 64; part++) {
        size_t budget = (want.used * part / 64 + 15) & ~(size_t)15;
        bool ok = decode_within(&file, budget, &memory, &got);
        CHECK(ok == (budget >= want.used));
        CHECK(got.used <= budget);
        if (ok) CHECK(memcmp(memory + got.offset, plenty + want.offset, samples) == 0);
        if (!ok) CHECK_STR(got.reason, "it needs more memory than its size allows");
        mem_free(memory);
    }
    mem_free(plenty);
    bytes_free(&file);
    err_free(&err);
}

static void check_rubbish(void) {
    struct stb_pixels out;
    uint8_t *memory;
    CHECK(!decode_within(&(struct bytes){(uint8_t *)"no image", 8}, 1 << 20, &memory, &out));
    CHECK_STR(out.reason, "unknown image type");
    mem_free(memory);
}

int main(void) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) check_budgets(files[i]);
    check_rubbish();
    return check_end();
}
