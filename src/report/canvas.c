#include "report/canvas.h"

#include <assert.h>
#include <stddef.h>

struct zoom canvas_zoom(int side, int want, int most) {
    if (side > want) return (struct zoom){1, (side + want - 1) / want};
    int up = want / side;
    return (struct zoom){up < most ? up : most, 1};
}

int canvas_length(struct zoom zoom, int length) {
    return (length * zoom.up + zoom.down - 1) / zoom.down;
}

static void put(struct image *sheet, int x, int y, struct colour colour) {
    if (x < 0 || y < 0 || x >= sheet->width || y >= sheet->height) return;
    uint8_t *p = sheet->pixels + ((size_t)y * (size_t)sheet->width + (size_t)x) * 3;
    p[0] = colour.r;
    p[1] = colour.g;
    p[2] = colour.b;
}

void canvas_fill(struct image *sheet, int x, int y, int width, int height, struct colour colour) {
    assert(sheet->channels == 3);
    for (int row = y; row < y + height; row++) {
        for (int column = x; column < x + width; column++) put(sheet, column, row, colour);
    }
}

void canvas_frame(struct image *sheet, int x, int y, int width, int height, struct colour colour) {
    canvas_fill(sheet, x - 1, y - 1, width + 2, 1, colour);
    canvas_fill(sheet, x - 1, y + height, width + 2, 1, colour);
    canvas_fill(sheet, x - 1, y, 1, height, colour);
    canvas_fill(sheet, x + width, y, 1, height, colour);
}

/* The mean of the image's pixels from (x, y), one of them, on: `side` a side, as far as there are
 * any. */
static struct colour mean_of(const struct image *image, int x, int y, int side) {
    unsigned long sum[3] = {0}, count = 0;
    int channels = image->channels;
    for (int row = y; row < y + side && row < image->height; row++) {
        for (int column = x; column < x + side && column < image->width; column++) {
            size_t at = ((size_t)row * (size_t)image->width + (size_t)column) * (size_t)channels;
            for (int c = 0; c < 3; c++)
                sum[c] += image->pixels[at + (channels == 3 ? (size_t)c : 0)];
            count++;
        }
    }
    assert(count > 0);
    return (struct colour){(uint8_t)((sum[0] + count / 2) / count),
                           (uint8_t)((sum[1] + count / 2) / count),
                           (uint8_t)((sum[2] + count / 2) / count)};
}

void canvas_image(struct image *sheet, int x, int y, const struct image *image, struct zoom zoom) {
    for (int row = 0; row < image->height; row += zoom.down) {
        for (int column = 0; column < image->width; column += zoom.down) {
            struct colour colour = mean_of(image, column, row, zoom.down);
            canvas_fill(sheet, x + column / zoom.down * zoom.up, y + row / zoom.down * zoom.up,
                        zoom.up, zoom.up, colour);
        }
    }
}
