#include "metrics/edt.h"

#include <math.h>

/* The distance along each column, in two sweeps, squared. */
static void columns(const unsigned char *mask, int w, int h, unsigned char site, double *out) {
    size_t width = (size_t)w;
    for (size_t x = 0; x < width; x++) out[x] = mask[x] == site ? 0 : INFINITY;
    for (size_t y = 1; y < (size_t)h; y++)
        for (size_t x = 0; x < width; x++) {
            size_t i = y * width + x;
            out[i] = mask[i] == site ? 0 : out[i - width] + 1;
        }
    for (size_t y = (size_t)h - 1; y-- > 0;)
        for (size_t x = 0; x < width; x++) {
            size_t i = y * width + x;
            if (out[i + width] + 1 < out[i]) out[i] = out[i + width] + 1;
        }
    for (size_t i = 0; i < width * (size_t)h; i++) out[i] *= out[i];
}

/* One row: the lower envelope of the parabolas f[q] + (x - q)^2. All heights are integers, so where
 * two parabolas meet is never rounded across a pixel. */
static void row(double *f, int w, int *at, double *from, double *height) {
    int k = -1;
    for (int q = 0; q < w; q++) {
        if (isinf(f[q])) continue;
        double s = -INFINITY;
        while (k >= 0) {
            int p = at[k];
            s = ((f[q] + (double)q * q) - (height[k] + (double)p * p)) / (2.0 * (q - p));
            if (s > from[k]) break;
            k--;
        }
        k++;
        at[k] = q;
        height[k] = f[q];
        from[k] = k ? s : -INFINITY;
    }
    if (k < 0) return;
    int last = k;
    k = 0;
    for (int x = 0; x < w; x++) {
        while (k < last && from[k + 1] < x) k++;
        double d = x - at[k];
        f[x] = d * d + height[k];
    }
}

void edt_squared(struct scratch *work, const unsigned char *mask, int w, int h, unsigned char site,
                 double *out) {
    size_t mark = scratch_mark(work), width = (size_t)w;
    int *at = SCRATCH(work, int, width);
    double *from = SCRATCH(work, double, width), *height = SCRATCH(work, double, width);
    columns(mask, w, h, site, out);
    for (int y = 0; y < h; y++) row(out + (size_t)y * width, w, at, from, height);
    scratch_release(work, mark);
}
