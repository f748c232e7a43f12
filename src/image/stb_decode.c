#include "image/stb_decode.h"

#include <setjmp.h>
#include <string.h>

/* The memory of the decode at hand: blocks one after the other; the last one can grow or be taken
 * back in place, the others stay until the end. */
struct work {
    uint8_t *memory;
    size_t budget;
    size_t used, most_used;
    size_t last; /* offset of the last block */
    bool exhausted;
    jmp_buf assertion;
};
static _Thread_local struct work work;

/* Small blocks are zeroed: stb_image 2.27 does not initialise all of its JPEG state, and a damaged
 * file would show what the image before it left. */
#define ZEROED_BELOW ((size_t)128 * 1024)

/* Makes the last block end `size` bytes after work.last. */
static bool claim(size_t size) {
    size_t rounded = (size + 15) & ~(size_t)15;
    if (rounded < size || rounded > work.budget - work.last) {
        work.exhausted = true;
        return false;
    }
    work.used = work.last + rounded;
    if (work.used > work.most_used) work.most_used = work.used;
    return true;
}

static void *block_take(size_t size) {
    size_t last = work.last;
    work.last = work.used;
    if (!claim(size)) {
        work.last = last;
        return NULL;
    }
    uint8_t *block = work.memory + work.last;
    if (size < ZEROED_BELOW) memset(block, 0, size);
    return block;
}

static bool is_last(const void *block) {
    return block && (const uint8_t *)block == work.memory + work.last;
}

static void block_give(void *block) {
    if (is_last(block)) work.used = work.last;
}

static void *block_resize(void *block, size_t old_size, size_t size) {
    if (is_last(block)) return claim(size) ? block : NULL;
    void *grown = block_take(size);
    if (grown && block) memcpy(grown, block, old_size < size ? old_size : size);
    return grown;
}

static _Noreturn void assertion_failed(void) {
    longjmp(work.assertion, 1);
}

/* Statics that it declares and leaves out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_MAX_DIMENSIONS              16384
#define STBI_MALLOC(size)                block_take(size)
#define STBI_REALLOC_SIZED(p, old, size) block_resize(p, old, size)
#define STBI_FREE(p)                     block_give(p)
#define STBI_ASSERT(condition)           ((condition) ? (void)0 : assertion_failed())
#include <stb_image.h>

static void set_reason(struct stb_pixels *out, const char *reason) {
    if (!reason) reason = "unknown";
    size_t length = strlen(reason);
    if (length >= sizeof out->reason) length = sizeof out->reason - 1;
    memcpy(out->reason, reason, length);
}

static void *load(const uint8_t *file, size_t size, bool deep, struct stb_pixels *out) {
    int length = (int)size;
    if (deep) {
        return stbi_load_16_from_memory(file, length, &out->width, &out->height, &out->channels, 0);
    }
    return stbi_load_from_memory(file, length, &out->width, &out->height, &out->channels, 0);
}

bool stb_decode(const uint8_t *file, size_t size, bool deep, uint8_t *memory, size_t budget,
                struct stb_pixels *out) {
    *out = (struct stb_pixels){0};
    work = (struct work){.memory = memory, .budget = budget};
    if (setjmp(work.assertion) != 0) {
        out->used = work.most_used;
        set_reason(out, "an assertion failed");
        return false;
    }
    uint8_t *samples = load(file, size, deep, out);
    out->used = work.most_used;
    if (!samples) {
        set_reason(out, work.exhausted ? "it needs more memory than its size allows"
                                       : stbi_failure_reason());
        return false;
    }
    out->offset = (size_t)(samples - memory);
    return true;
}
