#include "image/decode.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/pool.h"
#include "image/encode.h"
#include "image/folder.h"
#include "image/golden_image.h"
#include "image/scratch_file.h"

static bool ends_with(const char *s, const char *ending) {
    size_t n = strlen(s), m = strlen(ending);
    return n >= m && strcmp(s + n - m, ending) == 0;
}

/* One file of data/images against the pixels expected of it, as RGB and as grey. */
static void check_golden(struct image_decoder *decoder, const struct folder_item *item,
                         int tolerance) {
    char name[64];
    snprintf(name, sizeof name, "%s", item->stem);
    if (ends_with(name, "-adam7")) name[strlen(name) - strlen("-adam7")] = '\0';
    struct image want = golden_image(name), got;
    for (int channels = 3; channels > 0; channels -= 2) {
        struct err err = {0};
        image_convert(&want, channels);
        CHECK(decoder_read(decoder, 0, item->path, channels, &got, &err));
        int difference = golden_difference(&got, &want);
        CHECK(difference <= tolerance);
        if (difference > tolerance)
            printf("   %s, %d channels: off by %d\n", item->stem, channels, difference);
        if (err.text) printf("   %s\n", err.text);
        image_free(&got);
        err_free(&err);
    }
    image_free(&want);
}

static void test_golden(struct image_decoder *decoder, bool confined) {
    struct err err = {0};
    struct folder folder;
    struct image image;
    CHECK(folder_list("data/images", &folder, &err));
    CHECK(folder.count >= 50);
    for (int i = 0; i < folder.count; i++) {
        const struct folder_item *item = &folder.items[i];
        bool png = ends_with(item->path, ".png");
        if (png || (confined && strcmp(item->stem, "jpeg-cmyk") != 0)) {
            check_golden(decoder, item, ends_with(item->path, ".jpg") ? 3 : 0);
        } else {
            CHECK(!decoder_read(decoder, 0, item->path, 3, &image, &err));
            CHECK(strstr(err.text, confined || strcmp(item->stem, "jpeg-cmyk") == 0
                                       ? "[jpeg-components]"
                                       : "[decode-sandbox]"));
            err_free(&err);
        }
    }
    folder_free(&folder);
    err_free(&err);
}

/* That the bytes are refused; with `rule` in the message unless it is NULL. */
static void refuse(struct image_decoder *decoder, const struct scratch *scratch,
                   const uint8_t *data, size_t size, enum status status, const char *rule) {
    struct err err = {0};
    struct image image;
    scratch_write(scratch, data, size);
    CHECK(!decoder_read(decoder, 0, scratch->path, 3, &image, &err));
    CHECK_INT(err.status, status);
    CHECK(err.count == 1 && err.text && strstr(err.text, scratch->path));
    if (rule) CHECK(err.text && strstr(err.text, rule));
    if (rule && err.text && !strstr(err.text, rule)) printf("   %s\n", err.text);
    CHECK(image.pixels == NULL);
    err_free(&err);
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static size_t put_chunk(uint8_t *at, const char *name, const void *body, size_t length) {
    put_u32(at, (uint32_t)length);
    memcpy(at + 4, name, 4);
    memcpy(at + 8, body, length);
    put_u32(at + 8 + length, crc32_add(0, at + 4, 4 + length));
    return 12 + length;
}

static void put_bits(uint8_t *data, size_t *bit, unsigned value, int count) {
    for (int i = 0; i < count; i++, ++*bit)
        if (value >> i & 1) data[*bit / 8] |= (uint8_t)(1u << *bit % 8);
}

/* A PNG that says 1 x 1 and inflates to `runs` * 258 + 1 zeros. */
static size_t make_bomb(uint8_t *png, size_t runs) {
    size_t capacity = runs * 13 / 8 + 64, bit = 16;
    uint8_t *body = mem_alloc(capacity);
    memcpy(body, (const uint8_t[]){0x78, 0x9C}, 2);
    put_bits(body, &bit, 3, 3);    /* the last block, with the fixed codes (RFC 1951, 3.2.6) */
    put_bits(body, &bit, 0x0C, 8); /* literal 0: 00110000, first bit first */
    for (size_t i = 0; i < runs; i++) {
        put_bits(body, &bit, 0xA3, 8); /* length 258: 11000101, first bit first */
        put_bits(body, &bit, 0, 5);    /* distance 1 */
    }
    put_bits(body, &bit, 0, 7); /* end of block */
    static const uint8_t header[13] = {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0};
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    memcpy(png, signature, sizeof signature);
    size_t size = sizeof signature;
    size += put_chunk(png + size, "IHDR", header, 13);
    size += put_chunk(png + size, "IDAT", body, bit / 8 + 5); /* an Adler of any value */
    size += put_chunk(png + size, "IEND", "", 0);
    mem_free(body);
    return size;
}

static void test_bomb(struct image_decoder *decoder, const struct scratch *scratch) {
    size_t runs = 1000000;
    uint8_t *png = mem_alloc(runs * 2);
    struct err err = {0};
    struct image image;
    size_t size = make_bomb(png, 3); /* a small one is harmless: that the stream is right */
    scratch_write(scratch, png, size);
    CHECK(decoder_read(decoder, 0, scratch->path, 1, &image, &err));
    CHECK(image.width == 1 && image.height == 1 && image.pixels[0] == 0);
    image_free(&image);
    err_free(&err);
    size = make_bomb(png, runs); /* 1.6 MB that inflate to 258 MB */
    refuse(decoder, scratch, png, size, STATUS_BAD_INPUT, "more memory than its size allows");
    mem_free(png);
}

static void test_refusals(struct image_decoder *decoder, const struct scratch *scratch) {
    refuse(decoder, scratch, (const uint8_t *)"", 0, STATUS_BAD_INPUT, "[image-format]");
    refuse(decoder, scratch, (const uint8_t *)"GIF89a", 6, STATUS_BAD_INPUT, "[image-format]");
    refuse(decoder, scratch, (const uint8_t *)"BM", 2, STATUS_BAD_INPUT, "[bmp-header]");
    uint8_t bmp[54] = "BM";
    bmp[14] = 40;
    refuse(decoder, scratch, bmp, sizeof bmp, STATUS_LIMIT, "[bmp-size]");
    memset(bmp + 18, 0x7F, 8);
    refuse(decoder, scratch, bmp, sizeof bmp, STATUS_LIMIT, "[bmp-size]");

    struct err err = {0};
    struct image image;
    CHECK(!decoder_read(decoder, 0, scratch->dir, 3, &image, &err));
    CHECK(!decoder_read(decoder, 0, "no/such/file.png", 3, &image, &err));
    CHECK_INT(err.status, STATUS_IO);
    CHECK_INT(err.count, 2);
    err_free(&err);
    unlink(scratch->path);
    CHECK(mkfifo(scratch->path, 0600) == 0);
    CHECK(!decoder_read(decoder, 0, scratch->path, 3, &image, &err)); /* and does not hang */
    err_free(&err);
    unlink(scratch->path);

    struct bytes file;
    CHECK(file_read("data/images/rgb8.png", 1 << 20, &file, &err));
    file.data[file.size / 2] ^= 1;
    refuse(decoder, scratch, file.data, file.size, STATUS_BAD_INPUT, "[png-crc]");
    bytes_free(&file);
}

static void test_jpeg_prefixes(struct image_decoder *decoder, const struct scratch *scratch) {
    struct err err = {0};
    struct bytes file;
    CHECK(file_read("data/images/jpeg-progressive.jpg", 1 << 20, &file, &err));
    for (size_t size = 0; size < file.size; size += 61)
        refuse(decoder, scratch, file.data, size, STATUS_BAD_INPUT, NULL);
    bytes_free(&file);
}

/* Huffman tables whose counts say more codes than there is room for: stb_image 2.27 writes past its
 * tables. Whatever happens to the child, this process lives and the next image is right. */
static void test_jpeg_tables(struct image_decoder *decoder, const struct scratch *scratch) {
    struct err err = {0};
    struct bytes file;
    CHECK(file_read("data/images/jpeg-444.jpg", 1 << 20, &file, &err));
    int tables = 0;
    for (size_t i = 0; i + 21 < file.size; i++) {
        if (file.data[i] != 0xFF || file.data[i + 1] != 0xC4) continue;
        uint8_t saved[16];
        memcpy(saved, file.data + i + 5, 16);
        memset(file.data + i + 5, 255, 16);
        refuse(decoder, scratch, file.data, file.size, STATUS_BAD_INPUT, NULL);
        memcpy(file.data + i + 5, saved, 16);
        tables++;
    }
    CHECK(tables >= 2);
    bytes_free(&file);
    check_golden(decoder, &(struct folder_item){"jpeg-444", "data/images/jpeg-444.jpg"}, 3);
}

/* The other forms of a BMP's header say the same picture: rows from the top, and that of OS/2. */
static void test_bmp(struct image_decoder *decoder, const struct scratch *scratch) {
    struct err err = {0};
    struct bytes file;
    struct image want, got;
    enum { HEADER = 54, OS2_HEADER = 26 };
    CHECK(file_read("data/images/bmp24.bmp", 1 << 20, &file, &err));
    scratch_write(scratch, file.data, file.size);
    CHECK(decoder_read(decoder, 0, scratch->path, 3, &want, &err));
    size_t height = (size_t)want.height, row = (file.size - HEADER) / height;

    uint8_t *other = mem_alloc(file.size);
    memcpy(other, file.data, HEADER);
    int32_t negative = -want.height;
    memcpy(other + 22, &negative, sizeof negative);
    for (size_t y = 0; y < height; y++)
        memcpy(other + HEADER + y * row, file.data + HEADER + (height - 1 - y) * row, row);
    scratch_write(scratch, other, file.size);
    CHECK(decoder_read(decoder, 0, scratch->path, 3, &got, &err));
    CHECK_INT(golden_difference(&got, &want), 0);
    image_free(&got);

    uint8_t os2[OS2_HEADER] = "BM";
    os2[10] = OS2_HEADER; /* where the pixels begin */
    os2[14] = 12;         /* bytes of the rest of the header */
    os2[18] = (uint8_t)want.width;
    os2[20] = (uint8_t)want.height;
    os2[22] = 1;
    os2[24] = 24;
    memcpy(other, os2, OS2_HEADER);
    memcpy(other + OS2_HEADER, file.data + HEADER, file.size - HEADER);
    scratch_write(scratch, other, file.size - HEADER + OS2_HEADER);
    CHECK(decoder_read(decoder, 0, scratch->path, 3, &got, &err));
    CHECK_INT(golden_difference(&got, &want), 0);
    image_free(&got);

    other[19] = other[21] = 0x30; /* sides that are allowed, and too many pixels */
    refuse(decoder, scratch, other, file.size, STATUS_LIMIT, "[bmp-size]");
    if (err.text) printf("%s\n", err.text);
    mem_free(other);
    image_free(&want);
    bytes_free(&file);
    err_free(&err);
}

/* Random damage: any outcome but a crash of this process, a hang, or a wrong form. */
static void test_jpeg_damage(struct image_decoder *decoder, const struct scratch *scratch) {
    struct err err = {0};
    struct bytes file;
    struct image image;
    CHECK(file_read("data/images/jpeg-420.jpg", 1 << 20, &file, &err));
    uint64_t seed = 20220908;
    int refused = 0, crashed = 0, rounds = 300;
    for (int round = 0; round < rounds; round++) {
        uint8_t *copy = mem_alloc(file.size);
        memcpy(copy, file.data, file.size);
        for (int k = 0; k < 1 + round % 4; k++) {
            seed = hash_mix(seed);
            copy[seed % file.size] = (uint8_t)(seed >> 40);
        }
        scratch_write(scratch, copy, file.size);
        bool ok = decoder_read(decoder, 0, scratch->path, 3, &image, &err);
        refused += !ok;
        crashed += !ok && strstr(err.text, "[decode-crash]") != NULL;
        if (ok) CHECK(image.width > 0 && image.height > 0 && image.channels == 3);
        image_free(&image);
        err_free(&err);
        mem_free(copy);
    }
    printf("damaged JPEGs, seed 20220908: %d of %d refused, %d of these by a crash\n", refused,
           rounds, crashed);
    bytes_free(&file);
    check_golden(decoder, &(struct folder_item){"jpeg-444", "data/images/jpeg-444.jpg"}, 3);
}

/* Two threads, each with its own child; every third image is one that the child refuses, so that
 * children are replaced by forks from both threads. */
struct many {
    struct image_decoder *decoder;
    const char *bad;
    struct image want;
    int wrong[2];
};

static void decode_one(void *context, int index, int worker) {
    struct many *many = context;
    struct err err = {0};
    struct image image;
    bool bad = index % 3 == 0;
    const char *path = bad ? many->bad : "data/images/rgba16-adam7.png";
    bool ok = decoder_read(many->decoder, worker, path, 3, &image, &err);
    if (ok == bad || (ok && golden_difference(&image, &many->want) != 0)) many->wrong[worker]++;
    image_free(&image);
    err_free(&err);
}

static void test_threads(struct image_decoder *decoder, const struct scratch *scratch) {
    static const uint8_t header[13] = {0, 0, 0, 4, 0, 0, 0, 4, 8, 0, 0, 0, 0};
    uint8_t png[256] = "\x89PNG\r\n\x1a\n";
    size_t size = 8;
    size += put_chunk(png + size, "IHDR", header, 13);
    size += put_chunk(png + size, "IDAT", "not zlib", 8);
    size += put_chunk(png + size, "IEND", "", 0);
    scratch_write(scratch, png, size);
    struct pool *pool = pool_create(2);
    struct many many = {.decoder = decoder, .bad = scratch->path, .want = golden_image("rgba16")};
    pool_run(pool, decode_one, &many, 200);
    CHECK(many.wrong[0] == 0 && many.wrong[1] == 0);
    image_free(&many.want);
    pool_free(pool);
}

static struct image make_picture(int side) {
    struct image image = image_new(side, side, 3, 255);
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            uint8_t *p = image.pixels + 3 * ((size_t)y * (size_t)side + (size_t)x);
            int v = (x * x + y * y) / 4 % 512;
            p[0] = (uint8_t)(v < 256 ? v : 511 - v);
            p[1] = (uint8_t)(x & y);
        }
    }
    return image;
}

static void print_timing(struct image_decoder *decoder, const struct scratch *scratch) {
    struct err err = {0};
    struct image image = make_picture(256);
    struct bytes png;
    CHECK(encode_png(&image, &png, &err));
    scratch_write(scratch, png.data, png.size);
    image_free(&image);
    double begin = clock_seconds();
    int rounds = 100;
    for (int i = 0; i < rounds; i++) {
        CHECK(decoder_read(decoder, 0, scratch->path, 1, &image, &err));
        image_free(&image);
    }
    printf("decode, %s: %.3f ms an image (256 x 256 RGB)\n", decoder_description(decoder),
           (clock_seconds() - begin) / rounds * 1e3);
    bytes_free(&png);
    err_free(&err);
}

int main(void) {
    struct scratch scratch = scratch_create("image.x");
    struct image_decoder *here = decoder_create(0), *decoder = decoder_create(2);
    bool confined = strcmp(decoder_description(decoder), "seccomp child") == 0;
    CHECK_STR(decoder_description(here), "in process (no seccomp)");
    printf("decoder: %s\n", decoder_description(decoder));

    test_golden(here, false);
    test_golden(decoder, confined);
    test_bomb(here, &scratch);
    test_bomb(decoder, &scratch);
    test_refusals(here, &scratch);
    test_refusals(decoder, &scratch);
    test_jpeg_prefixes(decoder, &scratch);
    if (confined) {
        test_bmp(decoder, &scratch);
        test_jpeg_tables(decoder, &scratch);
        test_jpeg_damage(decoder, &scratch);
    }
    test_threads(decoder, &scratch);
    print_timing(here, &scratch);
    print_timing(decoder, &scratch);
    decoder_free(decoder);
    decoder_free(here);
    decoder_free(NULL);
    scratch_remove(&scratch);
    return check_end();
}
