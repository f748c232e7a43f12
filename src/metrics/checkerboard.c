#include "metrics/checkerboard.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/spectrum.h"
#include "metrics/stats.h"

#define NEAR 4 /* the neighbourhood reaches this far, in bins */

/* The image minus its 3x3 mean. */
static struct plane residual(struct scratch *work, const struct plane *image) {
    struct plane out = plane_take(work, image->w, image->h);
    int w = image->w, h = image->h;
    size_t mark = scratch_mark(work);
    double *sum = SCRATCH(work, double, (size_t)w); /* of three rows */
    for (int y = 0; y < h; y++) {
        const double *at = image->v + (size_t)y * (size_t)w;
        const double *above = y ? at - w : at, *below = y + 1 < h ? at + w : at;
        for (int x = 0; x < w; x++) sum[x] = above[x] + at[x] + below[x];
        double *to = out.v + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++)
            to[x] = at[x] - (sum[x ? x - 1 : 0] + sum[x] + sum[x + 1 < w ? x + 1 : x]) / 9;
    }
    scratch_release(work, mark);
    return out;
}

double checkerboard_imbalance(struct scratch *work, const struct plane *image, int s) {
    if (image->w < s || image->h < s) return NAN;
    size_t mark = scratch_mark(work), phases = (size_t)s * (size_t)s;
    struct plane q = residual(work, image);
    double *sum = SCRATCH(work, double, phases);
    memset(sum, 0, phases * sizeof *sum);
    double mean = plane_mean(&q), variance = 0;
    for (int y = 0; y < q.h; y++) {
        double *phase = sum + (y % s) * s, row = 0;
        for (int x = 0, j = 0; x < q.w; x++, j = j + 1 < s ? j + 1 : 0) {
            double v = q.v[(size_t)y * (size_t)q.w + (size_t)x];
            phase[j] += v;
            row += (v - mean) * (v - mean);
        }
        variance += row;
    }
    variance /= (double)plane_size(&q);
    double between = 0;
    for (int i = 0; i < s; i++) {
        for (int j = 0; j < s; j++) {
            int rows = (q.h - i + s - 1) / s, columns = (q.w - j + s - 1) / s;
            double count = (double)rows * columns;
            double d = sum[i * s + j] / count - mean;
            between += d * d;
        }
    }
    scratch_release(work, mark);
    /* A flat image leaves rounding errors of 1e-14 at most. */
    return variance > 1e-20 ? between / (s * s) / variance : NAN;
}

static double power(const struct fft_complex *plain, int w, int h, int v, int u) {
    u = (u + w) % w;
    v = (v + h) % h;
    if (u > w / 2) {
        u = w - u;
        v = v ? h - v : 0;
    }
    struct fft_complex c = plain[(size_t)v * (size_t)(w / 2 + 1) + (size_t)u];
    return c.re * c.re + c.im * c.im;
}

static double peak_at(const struct fft_complex *plain, int w, int h, int v, int u) {
    double around[(2 * NEAR + 1) * (2 * NEAR + 1)];
    size_t n = 0;
    for (int i = -NEAR; i <= NEAR; i++)
        for (int j = -NEAR; j <= NEAR; j++)
            if (abs(i) >= 2 || abs(j) >= 2) around[n++] = power(plain, w, h, v + i, u + j);
    stats_sort(around, n);
    double median = (around[n / 2 - 1] + around[n / 2]) / 2; /* n is 72 */
    /* The small term makes a peak over nothing finite, and 0 dB of nothing over nothing. */
    return 10 * log10((power(plain, w, h, v, u) + 1e-9) / (median + 1e-9));
}

static struct plane crop(struct scratch *work, const struct plane *image, int w, int h) {
    struct plane out = plane_take(work, w, h);
    for (int y = 0; y < h; y++)
        memcpy(out.v + (size_t)y * (size_t)w, image->v + (size_t)y * (size_t)image->w,
               (size_t)w * sizeof *out.v);
    return out;
}

double checkerboard_peak(struct fft_cache *cache, struct scratch *work, const struct plane *image,
                         const struct fft_complex *plain, int s) {
    int w = image->w / s * s, h = image->h / s * s;
    if (w < CHECKERBOARD_PEAK_SIDE || h < CHECKERBOARD_PEAK_SIDE) return NAN;
    size_t mark = scratch_mark(work);
    if (w != image->w || h != image->h) {
        struct plane part = crop(work, image, w, h);
        plain = spectrum_plain(cache, work, work, &part);
    }
    double highest = -INFINITY;
    for (int i = 0; i < s; i++)
        for (int j = 0; j < s; j++)
            if (i || j) highest = fmax(highest, peak_at(plain, w, h, i * (h / s), j * (w / s)));
    scratch_release(work, mark);
    return highest;
}

bool checkerboard_flag(double cbi_test, double cbi_reference, double peak_test,
                       double peak_reference) {
    return cbi_test > 10 * cbi_reference && peak_test > peak_reference + 15;
}
