/* A zip file larger than the pieces that load.c reads at a time, made in memory: every value
 * arrives, a flip in any piece is found, with any number of threads; memory is given back. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "weights/checkpoint.h"

#define FLOATS  700001 /* one and a half pieces of load.c, and not a whole number of chunks */
#define HALVES  1200003
#define DOUBLES 40000 /* [200, 200], transposed */

static float float_at(uint32_t i) {
    return (float)(int32_t)(hash_mix(i) & 0xffffff) - 0x1p23f;
}

static uint16_t half_at(uint32_t i) { /* an integer from 1 to 1024, as float16 */
    return (uint16_t)(0x3c00 + (i % 10) * 0x400);
}

static void put(struct text *t, uint64_t value, int bytes) {
    for (; bytes > 0; bytes--, value >>= 8) text_write(t, &(char){(char)value}, 1);
}

struct member {
    const char *name;
    struct text data;
};

/* As torch.save lays it out, without zip64 records and data descriptors. */
static void write_zip(struct text *out, const struct member *members, int count) {
    struct text directory = {0};
    for (int i = 0; i < count; i++) {
        const struct member *m = &members[i];
        unsigned at = (unsigned)out->length, size = (unsigned)m->data.length;
        struct text common = {0};
        put(&common, 0, 2 + 2 + 2 + 2 + 2); /* version, flags, method, time, date */
        put(&common, crc32_add(0, m->data.s, size), 4);
        put(&common, size, 4);
        put(&common, size, 4);
        put(&common, (unsigned)strlen(m->name), 2);
        put(&common, 0, 2);
        put(out, 0x04034b50, 4);
        text_write(out, common.s, common.length);
        text_put(out, m->name);
        text_write(out, m->data.s, size);
        put(&directory, 0x02014b50, 4);
        put(&directory, 0, 2);
        text_write(&directory, common.s, common.length);
        put(&directory, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
        put(&directory, at, 4);
        text_put(&directory, m->name);
        text_free(&common);
    }
    unsigned at = (unsigned)out->length;
    text_write(out, directory.s, directory.length);
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, (unsigned)count, 2);
    put(out, (unsigned)count, 2);
    put(out, (unsigned)directory.length, 4);
    put(out, at, 4);
    put(out, 0, 2);
    text_free(&directory);
}

static void put_string(struct text *t, const char *s) {
    text_put(t, "X");
    put(t, (unsigned)strlen(s), 4);
    text_put(t, s);
}

static void put_int(struct text *t, unsigned value) {
    text_put(t, "J");
    put(t, value, 4);
}

/* A key and a tensor of the pickle; with columns > 0 it is [rows, columns], transposed. */
static void put_tensor(struct text *t, const char *name, const char *storage, const char *key,
                       unsigned rows, unsigned columns) {
    put_string(t, name);
    text_put(t, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_string(t, "storage");
    text_add(t, "ctorch\n%s\n", storage);
    put_string(t, key);
    put_string(t, "cpu");
    put_int(t, columns ? rows * columns : rows);
    text_put(t, "tQ");
    put_int(t, 0);
    put_int(t, rows);
    if (columns) put_int(t, columns);
    text_put(t, columns ? "\x86" : "\x85");
    put_int(t, 1);
    if (columns) put_int(t, rows);
    text_put(t, columns ? "\x86" : "\x85");
    text_put(t, "\x89"
                "ccollections\nOrderedDict\n)RtR");
}

static void make(struct text *file) {
    struct member members[] = {{.name = "a/data.pkl"},
                               {.name = "a/data/0"},
                               {.name = "a/data/1"},
                               {.name = "a/data/2"},
                               {.name = "a/version"}};
    struct text *pickle = &members[0].data;
    text_write(pickle, "\x80\x02}(", 4);
    put_tensor(pickle, "floats", "FloatStorage", "0", FLOATS, 0);
    put_tensor(pickle, "halves", "HalfStorage", "1", HALVES, 0);
    put_tensor(pickle, "doubles", "DoubleStorage", "2", 200, 200);
    text_put(pickle, "u.");
    for (uint32_t i = 0; i < FLOATS; i++) text_write(&members[1].data, &(float){float_at(i)}, 4);
    for (uint32_t i = 0; i < HALVES; i++) text_write(&members[2].data, &(uint16_t){half_at(i)}, 2);
    for (uint32_t i = 0; i < DOUBLES; i++) text_write(&members[3].data, &(double){i}, 8);
    text_put(&members[4].data, "3\n");
    write_zip(file, members, 5);
    for (int i = 0; i < 5; i++) text_free(&members[i].data);
}

static float double_at(uint32_t i) {
    uint32_t row = i / 200, column = i % 200;
    return (float)(column * 200 + row);
}

static void check_values(const struct checkpoint *c) {
    const struct tensor *floats = checkpoint_find(c, "floats");
    const struct tensor *halves = checkpoint_find(c, "halves");
    const struct tensor *doubles = checkpoint_find(c, "doubles");
    int wrong = 0;
    REQUIRE(floats && halves && doubles);
    for (uint32_t i = 0; i < FLOATS; i++) wrong += floats->data[i] != float_at(i);
    CHECK_INT(wrong, 0);
    for (uint32_t i = 0; i < HALVES; i++) wrong += halves->data[i] != (float)(1 << i % 10);
    CHECK_INT(wrong, 0);
    for (uint32_t i = 0; i < DOUBLES; i++) wrong += doubles->data[i] != double_at(i);
    CHECK_INT(wrong, 0);
}

/* The storage of the floats is given but for the pages that it shares with its neighbours. */
static void check_give(struct checkpoint *c) {
    const struct tensor *floats = checkpoint_find(c, "floats");
    const struct tensor *halves = checkpoint_find(c, "halves");
    const struct tensor *doubles = checkpoint_find(c, "doubles");
    float foreign[4096];
    CHECK(checkpoint_give(c, foreign, 4096).bytes == 0);
    CHECK(checkpoint_give(c, halves->data, 10).bytes == 0); /* less than a page */
    pages_drop(checkpoint_give(c, floats->data, floats->count));
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
              middle = (uintptr_t)(floats->data + FLOATS / 2);
    unsigned char resident = 1;
    /* Emulators refuse to say it of pages that cannot be read. */
    int known = mincore((void *)(middle / page * page), page, &resident);
    CHECK(known != 0 || !(resident & 1));
    int wrong = 0;
    for (uint32_t i = 0; i < HALVES; i++) wrong += halves->data[i] != (float)(1 << i % 10);
    CHECK(doubles->data[DOUBLES - 1] == double_at(DOUBLES - 1));
    CHECK_INT(wrong, 0);
}

int main(void) {
    struct text file = {0};
    struct pool *pool = pool_create(3);
    int fd = memfd_create("large", MFD_CLOEXEC);
    char path[64], hex[65];
    make(&file);
    sha256_hex_of(file.s, file.length, hex);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    CHECK(write(fd, file.s, file.length) == (ssize_t)file.length);
    for (int i = 0; i < 6; i++) {
        struct checkpoint c;
        struct err err = {0};
        struct checkpoint_options options = {.pool = i % 2 ? pool : NULL};
        bool ok = checkpoint_open(path, &options, &c, &err);
        if (!ok) printf("%s\n", err.text);
        CHECK(ok);
        if (ok) check_values(&c);
        if (ok) check_give(&c);
        CHECK(checkpoint_digest(&c, &err));
        CHECK_STR(c.sha256, hex);
        checkpoint_free(&c);

        /* A bit in the data, anywhere behind the pickle. */
        size_t at = 2000 + (size_t)hash_mix((uint64_t)i) % (file.length - 4000);
        char flipped = (char)(file.s[at] ^ 1);
        CHECK(pwrite(fd, &flipped, 1, (off_t)at) == 1);
        CHECK(!checkpoint_open(path, &options, &c, &err));
        CHECK(err.text && strstr(err.text, "(zip Z8)"));
        CHECK(pwrite(fd, file.s + at, 1, (off_t)at) == 1);
        checkpoint_free(&c);
        err_free(&err);
    }
    pool_free(pool);
    text_free(&file);
    close(fd);
    return check_end();
}
