/* Damage: every truncation is refused; every flipped bit of a zip file is refused, or is one that
 * no reader looks at and leaves the tensors as they are; random damage never harms us. Files are
 * made in memory. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "weights/checkpoint.h"

#define SEED 20240607u

struct scratch { /* a file in memory */
    int fd;
    char path[64];
};

static struct scratch scratch_new(void) {
    struct scratch s = {.fd = memfd_create("damage", MFD_CLOEXEC)};
    snprintf(s.path, sizeof s.path, "/proc/self/fd/%d", s.fd);
    CHECK(s.fd >= 0);
    return s;
}

static void scratch_set(const struct scratch *s, const uint8_t *data, size_t size) {
    if (ftruncate(s->fd, (off_t)size) != 0 || pwrite(s->fd, data, size, 0) != (ssize_t)size)
        CHECK(false); /* the file in memory cannot be written */
}

static struct bytes load(const char *name) {
    char path[128];
    struct bytes bytes;
    struct err err = {0};
    snprintf(path, sizeof path, "data/checkpoints/%s", name);
    CHECK(file_read(path, 1 << 20, &bytes, &err));
    return bytes;
}

/* A number for all that a checkpoint holds; 0 when it is refused. */
static uint64_t digest(const struct scratch *s) {
    struct checkpoint c;
    struct err err = {0};
    uint64_t h = 0;
    if (checkpoint_open(s->path, &(struct checkpoint_options){0}, &c, &err)) {
        h = 1;
        for (int i = 0; i < c.tensor_count; i++) {
            const struct tensor *t = &c.tensors[i];
            h = hash64(t->name, strlen(t->name), h + t->dtype);
            h = hash64(t->dims, sizeof t->dims, h + (uint64_t)t->rank);
            if (t->data) h = hash64(t->data, t->count * sizeof *t->data, h);
        }
        CHECK(err.count == 0);
    } else {
        CHECK(err.count > 0 && err.status != STATUS_OK);
    }
    checkpoint_free(&c);
    err_free(&err);
    return h;
}

static void truncations(const char *name) {
    struct bytes whole = load(name);
    struct scratch s = scratch_new();
    int accepted = 0;
    scratch_set(&s, whole.data, whole.size);
    CHECK(digest(&s) != 0);
    for (size_t size = whole.size; size-- > 0;) {
        scratch_set(&s, whole.data, size);
        accepted += digest(&s) != 0;
    }
    CHECK_INT(accepted, 0);
    close(s.fd);
    bytes_free(&whole);
}

static uint32_t u16(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const uint8_t *p) {
    return u16(p) | u16(p + 2) << 16;
}

static void mark(bool *idle, size_t at, size_t count) {
    memset(idle + at, 1, count);
}

/* Bytes of a zip file that say nothing about its content (APPNOTE 4.3.7, 4.3.12, 4.3.14): versions,
 * times, attributes, and the padding in the extra fields of local headers. */
static void mark_idle(const struct bytes *zip, bool *idle) {
    const uint8_t *end = zip->data + zip->size - 22, *at = zip->data + u32(end + 16);
    mark(idle, (size_t)(end - zip->data) - 20 - 56 + 12, 4);
    for (uint32_t i = 0; i < u16(end + 10); i++) {
        size_t listed = (size_t)(at - zip->data), local = u32(at + 42);
        mark(idle, listed + 4, 4);
        mark(idle, listed + 12, 4);
        mark(idle, listed + 36, 6);
        mark(idle, local + 4, 2);
        mark(idle, local + 10, 4);
        size_t extra = local + 30 + u16(zip->data + local + 26);
        mark(idle, extra, 2);
        mark(idle, extra + 4, u16(zip->data + local + 28) - 4);
        at += 46 + u16(at + 28) + u16(at + 30) + u16(at + 32);
    }
}

static void zip_flips(const char *name) {
    struct bytes whole = load(name);
    struct scratch s = scratch_new();
    bool *idle = mem_array(whole.size, sizeof *idle);
    int missed = 0, harmless = 0, changed = 0;
    mark_idle(&whole, idle);
    scratch_set(&s, whole.data, whole.size);
    uint64_t before = digest(&s);
    for (size_t bit = 0; bit < 8 * whole.size; bit++) {
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        scratch_set(&s, whole.data, whole.size);
        uint64_t now = digest(&s);
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (now == 0) continue;
        if (!idle[bit / 8]) printf("%s: byte %zu, bit %zu is not missed\n", name, bit / 8, bit % 8);
        missed += !idle[bit / 8];
        harmless += idle[bit / 8];
        changed += now != before;
    }
    printf("%s: %zu bits, %d harmless\n", name, 8 * whole.size, harmless);
    CHECK_INT(missed, 0);
    CHECK_INT(changed, 0);
    CHECK(harmless > 0);
    mem_free(idle);
    close(s.fd);
    bytes_free(&whole);
}

/* A few random changes at once, of bytes, or by copying, inserting and cutting pieces. */
static size_t damage(uint8_t *data, size_t size, size_t room, uint64_t *state) {
    for (int changes = 1 + (int)(hash_mix(++*state) % 4); changes > 0; changes--) {
        uint64_t r = hash_mix(++*state);
        size_t at = (size_t)(r >> 8) % size, from = (size_t)(r >> 32) % size;
        size_t length = (size_t)(hash_mix(++*state) % 12);
        size_t left = size - (at > from ? at : from);
        if (length > left) length = left;
        switch (r % 4) {
        case 0:
            data[at] ^= (uint8_t)(1 << (r >> 4) % 8);
            break;
        case 1:
            data[at] = (uint8_t)(r >> 56);
            break;
        case 2:
            memmove(data + at, data + from, length);
            break;
        default:
            if (size + length > room || size - at < length) break;
            memmove(data + at + length, data + at, size - at);
            size += length;
        }
    }
    return size;
}

static void random_damage(const char *name, int runs) {
    struct bytes whole = load(name);
    struct scratch s = scratch_new();
    size_t room = whole.size + 64;
    uint8_t *copy = mem_alloc(room);
    uint64_t state = SEED;
    int accepted = 0;
    for (int i = 0; i < runs; i++) {
        memcpy(copy, whole.data, whole.size);
        scratch_set(&s, copy, damage(copy, whole.size, room, &state));
        accepted += digest(&s) != 0;
    }
    printf("%s: seed %u, %d damaged, %d accepted\n", name, SEED, runs, accepted);
    CHECK(accepted < runs);
    mem_free(copy);
    close(s.fd);
    bytes_free(&whole);
}

/* The first three pickles of a legacy file, then a fourth of `count` times the byte `op` after
 * `start`. */
static void legacy_of(const char *start, size_t start_size, int op, size_t count,
                      const char *rule) {
    struct bytes small = load("small.legacy.pth");
    struct scratch s = scratch_new();
    struct checkpoint c;
    struct err err = {0};
    size_t head = 0;
    for (int stops = 0; stops < 3; head++)
        stops += small.data[head] == '.'; /* in these there are no others */
    size_t size = head + start_size + count;
    uint8_t *data = mem_alloc(size);
    memcpy(data, small.data, head);
    memcpy(data + head, start, start_size);
    memset(data + head + start_size, op, count);
    scratch_set(&s, data, size);
    CHECK(!checkpoint_open(s.path, &(struct checkpoint_options){0}, &c, &err));
    if (!strstr(err.text, rule)) printf("%s\n", err.text);
    CHECK(strstr(err.text, rule) != NULL);
    checkpoint_free(&c);
    err_free(&err);
    mem_free(data);
    close(s.fd);
    bytes_free(&small);
}

static void bombs(void) {
    legacy_of("\x80\x02N", 3, 0x85, 4100000, "more than 1000000 values in the pickle (pickle P7)");
    legacy_of("\x80\x02]", 3, 'b', 1000, "pickle P5");
    legacy_of("\x80\x02N", 3, 'N', 20000, "values on the stack (pickle P7)");
    legacy_of("\x80\x02X\xff\xff\xff\x7f", 7, 'a', 100, "bytes in a string (pickle P7)");
    legacy_of("\x80\x02"
              "cos",
              5, 'a', 100000, "a global whose name is too long");
}

/* A header of 15 MiB of zeros: the nodes are limited before memory is. */
static void json_bomb(void) {
    size_t size = 15u << 20;
    struct scratch s = scratch_new();
    uint8_t *data = mem_alloc(8 + size);
    for (int i = 0; i < 8; i++) data[i] = (uint8_t)(size >> 8 * i);
    static const char start[] = "{\"a\":[0";
    memcpy(data + 8, start, sizeof start - 1);
    for (size_t i = sizeof start - 1; i < size; i++) data[8 + i] = i % 2 ? ',' : '0';
    scratch_set(&s, data, 8 + size);
    CHECK(digest(&s) == 0);
    mem_free(data);
    close(s.fd);
}

int main(void) {
    truncations("small.pth");
    truncations("small.legacy.pth");
    truncations("small.safetensors");
    truncations("training.pth");
    truncations("training.legacy.pth");
    zip_flips("small.pth");
    random_damage("small.pth", 2000);
    random_damage("training.legacy.pth", 6000);
    random_damage("plain.legacy.pth", 2000);
    random_damage("plain.safetensors", 3000);
    bombs();
    json_bomb();
    return check_end();
}
