/* The rules (PNG specification, third edition; section numbers in brackets):
 *
 *   png-signature  the eight bytes 89 50 4E 47 0D 0A 1A 0A [5.2]
 *   png-header     IHDR is first, once, 13 bytes; depth and colour type as in table 11.1;
 *                  compression 0, filter 0, interlace 0 or 1 [11.2.1]
 *   png-size       width and height 1 to 16384, at most 64 Mi pixels
 *   png-chunk      a chunk's length fits in the file; its name is four ASCII letters [5.3]
 *   png-crc        every chunk's CRC is right [5.4]
 *   png-critical   no critical chunk but IHDR, PLTE, IDAT, IEND [5.4]
 *   png-palette    PLTE once at most, 1 to 256 entries and no more than the depth can index; not in
 *                  grey images; always in palette images [11.2.2]
 *   png-trns       tRNS once at most, of the length its colour type asks for [11.3.1]
 *   png-order      PLTE, then tRNS, then IDAT; all IDAT in a row, at least one [5.6]
 *   png-end        IEND is there, and empty [11.2.4]
 *
 * Bytes after IEND are counted, not refused: many cameras and editors leave some. */
#include "image/png_walk.h"

#include <string.h>

#include "base/hash.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

struct walk {
    const char *path;
    const uint8_t *data;
    size_t size;
    size_t at; /* offset of the chunk at hand */
    struct png_info *info;
    bool header_seen, data_seen, data_ended, end_seen;
    struct err *err;
};

struct chunk {
    const uint8_t *name; /* four letters */
    const uint8_t *body;
    uint32_t length;
};

bool png_signature(const uint8_t *data, size_t size) {
    return size >= sizeof signature && memcmp(data, signature, sizeof signature) == 0;
}

static uint32_t read_u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool refuse(struct walk *w, const char *rule, const char *what) {
    err_add(w->err, STATUS_BAD_INPUT, "cannot read %s: byte %zu: %s [%s]", SAFE(w->path), w->at,
            what, rule);
    return false;
}

static bool is(const struct chunk *chunk, const char *name) {
    return memcmp(chunk->name, name, 4) == 0;
}

static bool is_letter(uint8_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Takes the chunk at w->at and checks its frame. */
static bool next_chunk(struct walk *w, struct chunk *chunk) {
    size_t left = w->size - w->at;
    if (left == 0) return refuse(w, "png-end", "the file ends without an IEND chunk");
    if (left < 12) return refuse(w, "png-chunk", "the file ends within a chunk");
    const uint8_t *p = w->data + w->at;
    *chunk = (struct chunk){p + 4, p + 8, read_u32(p)};
    for (int i = 0; i < 4; i++) {
        if (!is_letter(chunk->name[i]))
            return refuse(w, "png-chunk", "a chunk name must be four letters");
    }
    if (chunk->length > left - 12) {
        return err_add(w->err, STATUS_BAD_INPUT,
                       "cannot read %s: byte %zu: chunk %.4s claims %u bytes, the file has %zu "
                       "left [png-chunk]",
                       SAFE(w->path), w->at, (const char *)chunk->name, chunk->length, left - 12);
    }
    uint32_t found = crc32_add(0, chunk->name, 4 + (size_t)chunk->length);
    uint32_t stored = read_u32(chunk->body + chunk->length);
    if (found != stored) {
        return err_add(w->err, STATUS_BAD_INPUT,
                       "cannot read %s: byte %zu: chunk %.4s is damaged: its CRC is %08x, its data "
                       "give %08x [png-crc]",
                       SAFE(w->path), w->at, (const char *)chunk->name, stored, found);
    }
    return true;
}

static bool depth_is_legal(int depth, int colour) {
    switch (colour) {
    case 0:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6:
        return depth == 8 || depth == 16;
    default:
        return false;
    }
}

static bool size_is_legal(struct walk *w, uint32_t width, uint32_t height) {
    if (width == 0 || height == 0) return refuse(w, "png-size", "an image without pixels");
    if (width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX ||
        (uint64_t)width * height > IMAGE_PIXELS_MAX) {
        return err_add(w->err, STATUS_LIMIT,
                       "cannot read %s: %u x %u pixels; at most %d a side and %d in all [png-size]",
                       SAFE(w->path), width, height, IMAGE_SIDE_MAX, IMAGE_PIXELS_MAX);
    }
    return true;
}

static bool take_header(struct walk *w, const struct chunk *chunk) {
    if (w->header_seen) return refuse(w, "png-header", "a second IHDR chunk");
    if (chunk->length != 13) return refuse(w, "png-header", "IHDR must have 13 bytes");
    const uint8_t *b = chunk->body;
    uint32_t width = read_u32(b), height = read_u32(b + 4);
    if (!size_is_legal(w, width, height)) return false;
    if (!depth_is_legal(b[8], b[9])) {
        return err_add(w->err, STATUS_BAD_INPUT,
                       "cannot read %s: byte %zu: %d bits with colour type %d is no PNG format "
                       "[png-header]",
                       SAFE(w->path), w->at, b[8], b[9]);
    }
    if (b[10] != 0 || b[11] != 0 || b[12] > 1)
        return refuse(w, "png-header", "unknown compression, filter or interlace method");
    w->header_seen = true;
    w->info->width = (int)width;
    w->info->height = (int)height;
    w->info->depth = b[8];
    w->info->colour = b[9];
    w->info->interlaced = b[12] == 1;
    return true;
}

static bool take_palette(struct walk *w, const struct chunk *chunk) {
    struct png_info *info = w->info;
    if (w->data_seen || info->transparent)
        return refuse(w, "png-order", "PLTE must come before tRNS and IDAT");
    if (info->palette > 0) return refuse(w, "png-palette", "a second PLTE chunk");
    if (info->colour == 0 || info->colour == 4)
        return refuse(w, "png-palette", "a grey image must not have a PLTE chunk");
    uint32_t most = info->colour == 3 ? 1u << info->depth : 256;
    if (chunk->length == 0 || chunk->length % 3 != 0 || chunk->length / 3 > most)
        return refuse(w, "png-palette", "PLTE has a wrong length for this depth");
    info->palette = (int)(chunk->length / 3);
    return true;
}

static bool take_transparency(struct walk *w, const struct chunk *chunk) {
    struct png_info *info = w->info;
    if (w->data_seen) return refuse(w, "png-order", "tRNS must come before IDAT");
    if (info->transparent) return refuse(w, "png-trns", "a second tRNS chunk");
    bool fits = false;
    if (info->colour == 0) fits = chunk->length == 2;
    if (info->colour == 2) fits = chunk->length == 6;
    if (info->colour == 3) fits = chunk->length > 0 && chunk->length <= (uint32_t)info->palette;
    if (!fits) return refuse(w, "png-trns", "tRNS does not fit the colour type or the palette");
    info->transparent = true;
    return true;
}

static bool take_data(struct walk *w) {
    if (w->data_ended) return refuse(w, "png-order", "IDAT chunks must follow each other");
    if (w->info->colour == 3 && w->info->palette == 0)
        return refuse(w, "png-palette", "a palette image needs PLTE before IDAT");
    w->data_seen = true;
    return true;
}

static bool take_end(struct walk *w, const struct chunk *chunk) {
    if (!w->data_seen) return refuse(w, "png-order", "no IDAT chunk: an image without data");
    if (chunk->length != 0) return refuse(w, "png-end", "IEND must be empty");
    w->end_seen = true;
    return true;
}

static bool take(struct walk *w, const struct chunk *chunk) {
    if (!w->header_seen && !is(chunk, "IHDR"))
        return refuse(w, "png-header", "the first chunk must be IHDR");
    if (is(chunk, "IDAT")) return take_data(w);
    if (w->data_seen) w->data_ended = true;
    if (is(chunk, "IHDR")) return take_header(w, chunk);
    if (is(chunk, "PLTE")) return take_palette(w, chunk);
    if (is(chunk, "tRNS")) return take_transparency(w, chunk);
    if (is(chunk, "IEND")) return take_end(w, chunk);
    bool critical = chunk->name[0] <= 'Z';
    if (critical) return refuse(w, "png-critical", "an unknown critical chunk");
    return true;
}

bool png_walk(const char *path, const uint8_t *data, size_t size, struct png_info *info,
              struct err *err) {
    *info = (struct png_info){0};
    struct walk w = {.path = path, .data = data, .size = size, .info = info, .err = err};
    if (!png_signature(data, size)) return refuse(&w, "png-signature", "not a PNG file");
    w.at = sizeof signature;
    while (!w.end_seen) {
        struct chunk chunk = {0};
        if (!next_chunk(&w, &chunk) || !take(&w, &chunk)) return false;
        w.at += 12 + (size_t)chunk.length;
    }
    info->trailing = size - w.at;
    return true;
}
