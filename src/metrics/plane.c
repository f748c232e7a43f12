#include "metrics/plane.h"

struct plane plane_take(struct scratch *scratch, int w, int h) {
    return (struct plane){w, h, SCRATCH(scratch, double, (size_t)w *(size_t)h)};
}

size_t plane_size(const struct plane *plane) {
    return (size_t)plane->w * (size_t)plane->h;
}

struct plane plane_luma(struct scratch *scratch, const uint8_t *pixels, int w, int h,
                        int channels) {
    struct plane plane = plane_take(scratch, w, h);
    size_t n = plane_size(&plane);
    if (channels == 1) {
        for (size_t i = 0; i < n; i++) plane.v[i] = pixels[i];
        return plane;
    }
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = pixels + 3 * i;
        plane.v[i] = (299 * p[0] + 587 * p[1] + 114 * p[2]) / 1000.0;
    }
    return plane;
}

double plane_mean(const struct plane *plane) {
    double sum = 0;
    for (int y = 0; y < plane->h; y++) {
        const double *row = plane->v + (size_t)y * (size_t)plane->w;
        double part = 0;
        for (int x = 0; x < plane->w; x++) part += row[x];
        sum += part;
    }
    return sum / (double)plane_size(plane);
}
