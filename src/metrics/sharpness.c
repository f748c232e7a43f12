#include "metrics/sharpness.h"

static size_t reflect(int i, int n) {
    return (size_t)(i < 0 ? -i : i >= n ? 2 * n - 2 - i : i);
}

static double laplacian_variance(struct scratch *work, const struct plane *image) {
    int w = image->w, h = image->h;
    size_t mark = scratch_mark(work);
    struct plane l = plane_take(work, w, h);
    for (int y = 0; y < h; y++) {
        const double *at = image->v + (size_t)y * (size_t)w;
        const double *above = image->v + reflect(y - 1, h) * (size_t)w;
        const double *below = image->v + reflect(y + 1, h) * (size_t)w;
        for (int x = 0; x < w; x++)
            l.v[(size_t)y * (size_t)w + (size_t)x] =
                above[x] + at[reflect(x - 1, w)] - 4 * at[x] + at[reflect(x + 1, w)] + below[x];
    }
    double mean = plane_mean(&l), sum = 0;
    for (int y = 0; y < h; y++) {
        double row = 0;
        for (int x = 0; x < w; x++) {
            double d = l.v[(size_t)y * (size_t)w + (size_t)x] - mean;
            row += d * d;
        }
        sum += row;
    }
    scratch_release(work, mark);
    return sum / (double)plane_size(image);
}

static double sobel_energy(const struct plane *image) {
    int w = image->w, h = image->h;
    double sum = 0;
    for (int y = 0; y < h; y++) {
        const double *b = image->v + (size_t)y * (size_t)w;
        const double *a = image->v + reflect(y - 1, h) * (size_t)w;
        const double *c = image->v + reflect(y + 1, h) * (size_t)w;
        double row = 0;
        for (int x = 0; x < w; x++) {
            size_t l = reflect(x - 1, w), r = reflect(x + 1, w);
            double gx = a[r] - a[l] + 2 * (b[r] - b[l]) + c[r] - c[l];
            double gy = c[l] - a[l] + 2 * (c[x] - a[x]) + c[r] - a[r];
            row += gx * gx + gy * gy;
        }
        sum += row;
    }
    return sum / (double)plane_size(image);
}

/* Both differences are taken at the (w - 1)(h - 1) pixels that have both neighbours. */
static double gradient_energy(const struct plane *image) {
    int w = image->w, h = image->h;
    double sum = 0;
    for (int y = 0; y + 1 < h; y++) {
        const double *at = image->v + (size_t)y * (size_t)w, *below = at + w;
        double row = 0;
        for (int x = 0; x + 1 < w; x++) {
            double dx = at[x + 1] - at[x], dy = below[x] - at[x];
            row += dx * dx + dy * dy;
        }
        sum += row;
    }
    return sum / ((double)(w - 1) * (h - 1));
}

struct sharpness sharpness_measure(struct scratch *work, const struct plane *image) {
    return (struct sharpness){laplacian_variance(work, image), sobel_energy(image),
                              gradient_energy(image)};
}
