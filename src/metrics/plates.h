/* Test images, made from integers so that any program can make them again. Only tests include
 * this. */
#ifndef METRICS_PLATES_H
#define METRICS_PLATES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PLATE      256
#define PLATE_SIZE (PLATE * PLATE)

static inline int plate_clamp(int v) {
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

/* Rings that get finer outwards. */
static inline int plate_at(int x, int y) {
    x = x < 0 ? 0 : x >= PLATE ? PLATE - 1 : x;
    y = y < 0 ? 0 : y >= PLATE ? PLATE - 1 : y;
    int v = ((x * x + y * y) / 4) % 512;
    return v < 256 ? v : 511 - v;
}

static inline int plate_blurred_at(int x, int y) {
    int sum = 0;
    for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) sum += plate_at(x + i, y + j);
    return (sum + 4) / 9;
}

/* The plates "ref", "soft", "blur", "noise" and "cb", PLATE x PLATE. */
static inline void plate_make(const char *name, uint8_t *out) {
    for (int y = 0; y < PLATE; y++) {
        for (int x = 0; x < PLATE; x++) {
            int v = plate_at(x, y);
            if (!strcmp(name, "blur")) v = plate_blurred_at(x, y);
            if (!strcmp(name, "soft")) v = (2 * v + 2 * plate_blurred_at(x, y)) / 4;
            if (!strcmp(name, "noise"))
                v = plate_clamp(v + ((x * 37 + y * 57 + (x * y) % 101) % 41) - 20);
            if (!strcmp(name, "cb")) v = plate_clamp(v + (((x & 1) ^ (y & 1)) ? 8 : -8));
            out[y * PLATE + x] = (uint8_t)v;
        }
    }
}

#define GLYPH_PLATE 96

/* A shape like a character, moved right by dx, with strokes of `thickness`, cut in two when `cut`.
 */
static inline void plate_glyph(int dx, int thickness, int cut, uint8_t *out) {
    for (int y = 0; y < GLYPH_PLATE; y++) {
        for (int x = 0; x < GLYPH_PLATE; x++) {
            int ink = y >= 20 && y < 20 + thickness && x >= 12 + dx && x < 84 + dx;
            ink |= y >= 20 && y < 80 && x >= 46 + dx && x < 46 + thickness + dx;
            ink |= y >= 74 && y < 74 + thickness && x >= 20 + dx && x < 76 + dx;
            ink |= 2 * abs(x - dx - y - 10) < thickness;
            if (cut && y >= 40 && y < 46) ink = 0;
            out[y * GLYPH_PLATE + x] = ink ? 0 : 255;
        }
    }
}

/* The mean over 5x5, the border repeated, rounded; ties cannot occur. */
static inline void plate_glyph_blur(const uint8_t *in, uint8_t *out) {
    for (int y = 0; y < GLYPH_PLATE; y++) {
        for (int x = 0; x < GLYPH_PLATE; x++) {
            int sum = 0;
            for (int j = -2; j <= 2; j++) {
                for (int i = -2; i <= 2; i++) {
                    int u = x + i < 0 ? 0 : x + i >= GLYPH_PLATE ? GLYPH_PLATE - 1 : x + i;
                    int v = y + j < 0 ? 0 : y + j >= GLYPH_PLATE ? GLYPH_PLATE - 1 : y + j;
                    sum += in[v * GLYPH_PLATE + u];
                }
            }
            out[y * GLYPH_PLATE + x] = (uint8_t)((2 * sum + 25) / 50);
        }
    }
}

static inline long plate_checksum(const uint8_t *image, int w, int h) {
    long sum = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) sum += (long)image[y * w + x] * (1 + (x * 3 + y * 5) % 7);
    return sum;
}

#endif
