#include "image/decode.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/mem.h"
#include "image/jpeg_scan.h"
#include "image/png_walk.h"
#include "image/sandbox.h"

/* What stb_image may need: for PNG the inflated data, the samples before and after the palette or
 * the interlace are put right, each at most 8 bytes a pixel; for progressive JPEG its coefficients;
 * and the file itself, put together. A file that needs more inflates to more than its image. */
#define BYTES_A_PIXEL 32
#define BYTES_EXTRA   ((size_t)16 * 1024 * 1024)

struct image_decoder {
    struct sandbox *sandboxes;
    int count; /* 0: in process */
};

/* What the walk over the file promises. */
struct promise {
    int width, height;
    bool deep; /* 16 bits a sample */
    bool safe; /* may be decoded in process */
};

struct image_decoder *decoder_create(int children) {
    struct image_decoder *d = mem_alloc(sizeof *d);
    if (children <= 0) return d;
    d->sandboxes = mem_array((size_t)children, sizeof *d->sandboxes);
    while (d->count < children && sandbox_start(&d->sandboxes[d->count])) d->count++;
    if (d->count == children) return d;
    decoder_free(d);
    return mem_alloc(sizeof *d);
}

void decoder_free(struct image_decoder *d) {
    if (!d) return;
    for (int i = 0; i < d->count; i++) sandbox_stop(&d->sandboxes[i]);
    mem_free(d->sandboxes);
    mem_free(d);
}

const char *decoder_description(const struct image_decoder *d) {
    return d->count > 0 ? "seccomp child" : "in process (no seccomp)";
}

static uint32_t read_u32(const uint8_t *p) {
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_bmp_header(const char *path, const struct bytes *file, struct promise *promise,
                            struct err *err) {
    const uint8_t *p = file->data;
    if (file->size < 26)
        return err_add(err, STATUS_BAD_INPUT, "cannot read %s: a BMP cut short [bmp-header]",
                       SAFE(path));
    int64_t width, height;
    if (read_u32(p + 14) == 12) { /* OS/2 */
        width = p[18] | p[19] << 8;
        height = p[20] | p[21] << 8;
    } else {
        width = (int32_t)read_u32(p + 18);
        height = (int32_t)read_u32(p + 22);
    }
    if (height < 0) height = -height; /* stored from the top */
    if (width < 1 || height < 1 || width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX ||
        width * height > IMAGE_PIXELS_MAX) {
        return err_add(err, STATUS_LIMIT,
                       "cannot read %s: %lld x %lld pixels; 1 to %d a side and at most %d in all "
                       "[bmp-size]",
                       SAFE(path), (long long)width, (long long)height, IMAGE_SIDE_MAX,
                       IMAGE_PIXELS_MAX);
    }
    *promise = (struct promise){.width = (int)width, .height = (int)height};
    return true;
}

static bool inspect(const char *path, const struct bytes *file, struct promise *promise,
                    struct err *err) {
    if (png_signature(file->data, file->size)) {
        struct png_info png = {0};
        if (!png_walk(path, file->data, file->size, &png, err)) return false;
        *promise = (struct promise){png.width, png.height, png.depth == 16, true};
        return true;
    }
    if (jpeg_signature(file->data, file->size)) {
        struct jpeg_info jpeg = {0};
        if (!jpeg_scan(path, file->data, file->size, &jpeg, err)) return false;
        *promise = (struct promise){.width = jpeg.width, .height = jpeg.height};
        return true;
    }
    if (file->size >= 2 && memcmp(file->data, "BM", 2) == 0)
        return read_bmp_header(path, file, promise, err);
    return err_add(err, STATUS_BAD_INPUT,
                   "cannot read %s: neither a PNG nor a JPEG nor a BMP [image-format]", SAFE(path));
}

/* (v * 255 + 32767) / 65535: 16 bits to the nearest 8. */
static unsigned narrow(unsigned v) {
    return (v * 255u + 32767u) / 65535u;
}

static unsigned sample_at(const uint8_t *samples, size_t index, bool deep) {
    if (!deep) return samples[index];
    uint16_t v;
    memcpy(&v, samples + 2 * index, sizeof v);
    return v;
}

/* On white, to the nearest: (v a + top (top - a)) / top, in the file's own depth. */
static unsigned on_white(unsigned v, unsigned alpha, unsigned top) {
    uint64_t sum = (uint64_t)v * alpha + (uint64_t)top * (top - alpha);
    return (unsigned)((sum + top / 2) / top);
}

static struct image to_image(const struct stb_pixels *p, const uint8_t *samples, bool deep) {
    int stored = p->channels, colours = stored <= 2 ? 1 : 3;
    struct image out = image_new(p->width, p->height, colours, 0);
    size_t count = (size_t)p->width * (size_t)p->height;
    if (!deep && stored == colours) {
        memcpy(out.pixels, samples, count * (size_t)colours);
        return out;
    }
    unsigned top = deep ? 65535 : 255;
    for (size_t i = 0; i < count; i++) {
        size_t at = i * (size_t)stored;
        unsigned alpha = stored > colours ? sample_at(samples, at + (size_t)colours, deep) : top;
        for (int c = 0; c < colours; c++) {
            unsigned v = on_white(sample_at(samples, at + (size_t)c, deep), alpha, top);
            out.pixels[i * (size_t)colours + (size_t)c] = (uint8_t)(deep ? narrow(v) : v);
        }
    }
    return out;
}

static bool fail(const char *path, enum status status, const char *why, struct err *err) {
    return err_add(err, status, "cannot decode %s: %s", SAFE(path), why);
}

/* The samples are as many as promised, or the file says two things at once. */
static bool take(const char *path, const struct promise *promise, const struct stb_pixels *p,
                 const uint8_t *samples, struct image *out, struct err *err) {
    if (p->width != promise->width || p->height != promise->height)
        return fail(path, STATUS_BAD_INPUT, "it states two sizes [decode-size]", err);
    *out = to_image(p, samples, promise->deep);
    return true;
}

static bool decode_in_process(const char *path, const struct bytes *file,
                              const struct promise *promise, size_t budget, struct image *out,
                              struct err *err) {
    if (!promise->safe)
        return fail(path, STATUS_BAD_INPUT,
                    "only PNG is read here, as there is no seccomp to confine a decoder of JPEG "
                    "or BMP [decode-sandbox]",
                    err);
    void *memory = mmap(NULL, budget, PROT_READ | PROT_WRITE,
                        /* cppcheck-suppress invalidFunctionArg ; memory without a file */
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return fail(path, STATUS_LIMIT, "out of memory", err);
    struct stb_pixels p;
    bool ok = stb_decode(file->data, file->size, promise->deep, memory, budget, &p);
    if (ok) {
        ok = take(path, promise, &p, (uint8_t *)memory + p.offset, out, err);
    } else {
        fail(path, STATUS_BAD_INPUT, p.reason, err);
    }
    munmap(memory, budget);
    return ok;
}

static bool decode_in_child(struct sandbox *sandbox, const char *path, const struct bytes *file,
                            const struct promise *promise, size_t budget, struct image *out,
                            struct err *err) {
    if (budget > sandbox->budget_max) budget = sandbox->budget_max;
    const uint8_t *samples;
    struct stb_pixels p;
    switch (sandbox_decode(sandbox, file->data, file->size, promise->deep, budget, &samples, &p)) {
    case SANDBOX_DECODED:
        return take(path, promise, &p, samples, out, err);
    case SANDBOX_REFUSED:
        return fail(path, STATUS_BAD_INPUT, SAFE(p.reason), err);
    case SANDBOX_SLOW:
        return fail(path, STATUS_LIMIT, "it takes longer than the time limit [decode-time]", err);
    case SANDBOX_DIED:
        return fail(path, STATUS_BAD_INPUT,
                    "the decoder crashed on it: a damaged or hostile file [decode-crash]", err);
    case SANDBOX_ABSENT:
        break;
    }
    return fail(path, STATUS_LIMIT, "no decoding process could be started", err);
}

bool decoder_read(struct image_decoder *d, int worker, const char *path, int channels,
                  struct image *out, struct err *err) {
    assert(d->count == 0 || (worker >= 0 && worker < d->count));
    *out = (struct image){0};
    struct bytes file;
    if (!file_read(path, SANDBOX_FILE_MAX, &file, err)) return false;
    struct promise promise = {0};
    bool ok = inspect(path, &file, &promise, err);
    if (ok) {
        size_t pixels = (size_t)promise.width * (size_t)promise.height;
        size_t budget = BYTES_EXTRA + 2 * file.size + BYTES_A_PIXEL * pixels;
        ok = d->count > 0
                 ? decode_in_child(&d->sandboxes[worker], path, &file, &promise, budget, out, err)
                 : decode_in_process(path, &file, &promise, budget, out, err);
    }
    bytes_free(&file);
    if (ok) image_convert(out, channels);
    return ok;
}
