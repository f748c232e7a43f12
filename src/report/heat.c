#include "report/heat.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/font.h"

static int grey_at(const struct image *image, size_t i) {
    if (image->channels == 1) return image->pixels[i];
    return image_grey(image->pixels + 3 * i);
}

static size_t pixel_count(const struct image *image, const struct image *reference) {
    assert(image->width == reference->width && image->height == reference->height);
    return (size_t)image->width * (size_t)image->height;
}

struct heat heat_measure(const struct image *image, const struct image *reference) {
    struct heat heat = {0};
    size_t count = pixel_count(image, reference);
    for (size_t i = 0; i < count; i++)
        heat.counts[abs(grey_at(image, i) - grey_at(reference, i))]++;
    double sum = 0;
    for (int d = 1; d < 256; d++) {
        if (heat.counts[d] > 0) heat.most = d;
        sum += (double)d * (double)heat.counts[d];
    }
    heat.mean = sum / (double)count;
    return heat;
}

int heat_range(const size_t counts[256]) {
    size_t differing = 0, beyond = 0;
    for (int d = 1; d < 256; d++) differing += counts[d];
    int least = 255; /* the smallest full scale that leaves few enough beyond it */
    while (least > 0 && beyond + counts[least] <= differing / 50) beyond += counts[least--];
    int range = 8;
    while (range < least && range < 128) range *= 2;
    return range < least ? 255 : range;
}

/* Stops at 0, 1/4, 1/2 and 1 of the range: small differences must be seen, large ones told apart.
 * The two arms are about equally dark, and differ for the colour-blind too. */
static const double places[] = {0, 0.25, 0.5, 1};
static const struct colour darker[] = {
    {255, 255, 255}, {253, 204, 178}, {235, 122, 92}, {165, 15, 21}};
static const struct colour brighter[] = {
    {255, 255, 255}, {186, 214, 240}, {94, 157, 209}, {8, 69, 148}};

static uint8_t between(uint8_t a, uint8_t b, double part) {
    return (uint8_t)lround(a + part * (b - a));
}

struct colour heat_colour(int difference, int range) {
    const struct colour *arm = difference < 0 ? darker : brighter;
    double place = fmin(abs(difference) / (double)range, 1);
    int i = 0;
    while (i < 2 && place > places[i + 1]) i++;
    double part = (place - places[i]) / (places[i + 1] - places[i]);
    return (struct colour){between(arm[i].r, arm[i + 1].r, part),
                           between(arm[i].g, arm[i + 1].g, part),
                           between(arm[i].b, arm[i + 1].b, part)};
}

struct image heat_draw(const struct image *image, const struct image *reference, int range) {
    size_t count = pixel_count(image, reference);
    struct image out = image_new(image->width, image->height, 3, 255);
    for (size_t i = 0; i < count; i++) {
        struct colour colour = heat_colour(grey_at(image, i) - grey_at(reference, i), range);
        out.pixels[3 * i] = colour.r;
        out.pixels[3 * i + 1] = colour.g;
        out.pixels[3 * i + 2] = colour.b;
    }
    return out;
}

void heat_legend(struct image *sheet, int x, int y, int range) {
    static const struct colour text = {70, 70, 70}, line = {200, 200, 200};
    static const char *const left = "darker", *const right = "brighter";
    int start = x + font_width(left, 1) + FONT_WIDTH;
    int end = x + HEAT_LEGEND_WIDTH - font_width(right, 1) - FONT_WIDTH;
    int width = end - start, bar = HEAT_LEGEND_HEIGHT - FONT_HEIGHT - 2;
    font_draw(sheet, x, y + 2, left, 1, text);
    font_draw(sheet, end + FONT_WIDTH, y + 2, right, 1, text);
    for (int i = 0; i < width; i++) {
        int difference = (2 * range * i + (width - 1) / 2) / (width - 1) - range;
        canvas_fill(sheet, start + i, y, 1, bar, heat_colour(difference, range));
    }
    canvas_frame(sheet, start, y, width, bar, line);
    for (int tick = -2; tick <= 2; tick++) {
        char label[16];
        snprintf(label, sizeof label, "%+ld", lround(tick * range / 2.0));
        int at = start + (tick + 2) * (width - 1) / 4;
        font_draw(sheet, at - font_width(label, 1) / 2, y + bar + 3, tick == 0 ? " 0" : label, 1,
                  text);
    }
}
