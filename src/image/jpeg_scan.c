/* Markers and segments: ITU-T T.81, annex B. */
#include "image/jpeg_scan.h"

#include "image/png_walk.h"

enum marker {
    SOF0 = 0xC0,
    SOF2 = 0xC2,
    DHT = 0xC4,
    JPG = 0xC8,
    DAC = 0xCC,
    SOF15 = 0xCF,
    RST0 = 0xD0,
    RST7 = 0xD7,
    SOI = 0xD8,
    EOI = 0xD9,
    TEM = 0x01
};

bool jpeg_signature(const uint8_t *data, size_t size) {
    return size >= 3 && data[0] == 0xFF && data[1] == SOI && data[2] == 0xFF;
}

static bool refuse(const char *path, size_t at, const char *what, const char *rule,
                   struct err *err) {
    return err_add(err, STATUS_BAD_INPUT, "cannot read %s: byte %zu: %s [%s]", SAFE(path), at, what,
                   rule);
}

static bool is_frame(int marker) {
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* The offset after the next marker at or after `at`, and the marker; 0 when there is none. Skips
 * entropy-coded bytes, in which FF is followed by 00 or a restart marker, and fill bytes. */
static size_t next_marker(const uint8_t *data, size_t size, size_t at, int *marker) {
    for (size_t i = at; i + 1 < size; i++) {
        int code = data[i + 1];
        if (data[i] != 0xFF || code == 0xFF || code == 0x00 || code == TEM) continue;
        if (code >= RST0 && code <= RST7) continue;
        *marker = code;
        return i + 2;
    }
    return 0;
}

static bool take_frame(const char *path, const uint8_t *body, size_t length, size_t at, int marker,
                       struct jpeg_info *info, struct err *err) {
    if (info->width > 0) return refuse(path, at, "a second frame", "jpeg-frame", err);
    if (length < 6) return refuse(path, at, "a frame header cut short", "jpeg-frame", err);
    if (marker > SOF2 || body[0] != 8) {
        return refuse(path, at, "only 8-bit Huffman-coded baseline and progressive JPEG is read",
                      "jpeg-coding", err);
    }
    int height = body[1] << 8 | body[2], width = body[3] << 8 | body[4];
    if (width == 0 || height == 0)
        return refuse(path, at, "an image without pixels", "jpeg-frame", err);
    if (width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX ||
        (int64_t)width * height > IMAGE_PIXELS_MAX) {
        return err_add(err, STATUS_LIMIT,
                       "cannot read %s: %d x %d pixels; at most %d a side and %d in all "
                       "[jpeg-size]",
                       SAFE(path), width, height, IMAGE_SIDE_MAX, IMAGE_PIXELS_MAX);
    }
    if (body[5] != 1 && body[5] != 3) {
        return err_add(err, STATUS_BAD_INPUT,
                       "cannot read %s: byte %zu: %d components (CMYK has 4); convert it to grey "
                       "or RGB [jpeg-components]",
                       SAFE(path), at, body[5]);
    }
    *info = (struct jpeg_info){width, height, body[5]};
    return true;
}

bool jpeg_scan(const char *path, const uint8_t *data, size_t size, struct jpeg_info *info,
               struct err *err) {
    *info = (struct jpeg_info){0};
    if (!jpeg_signature(data, size)) return refuse(path, 0, "not a JPEG file", "jpeg-start", err);
    size_t at = 2;
    for (;;) {
        int marker = 0;
        size_t start = next_marker(data, size, at, &marker);
        if (start == 0) return refuse(path, size, "the file ends too early", "jpeg-end", err);
        if (marker == EOI) break;
        size_t length = start + 2 <= size ? (size_t)(data[start] << 8 | data[start + 1]) : 0;
        if (length < 2 || length > size - start)
            return refuse(path, start, "a segment does not fit in the file", "jpeg-segment", err);
        if (is_frame(marker) &&
            !take_frame(path, data + start + 2, length - 2, start, marker, info, err))
            return false;
        at = start + length;
    }
    if (info->width == 0) return refuse(path, at, "no frame before the end", "jpeg-frame", err);
    return true;
}
