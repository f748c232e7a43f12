#include "metrics/structural.h"

#include <math.h>
#include <string.h>

#define RADIUS (SSIM_WINDOW / 2)
static const double C1 = (0.01 * 255) * (0.01 * 255);
static const double C2 = (0.03 * 255) * (0.03 * 255);
static const double GMSD_C = 170;
/* Weights of the scales, Wang et al. 2003, section 3.2. */
static const double SCALE_WEIGHT[MS_SSIM_SCALES] = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

/* The taps at distance 0 .. RADIUS; all SSIM_WINDOW of them sum to 1. */
static void gauss_taps(double taps[RADIUS + 1]) {
    double sum = 0;
    for (int i = 0; i <= RADIUS; i++) {
        taps[i] = exp(-(double)(i * i) / (2 * 1.5 * 1.5));
        sum += i ? 2 * taps[i] : taps[i];
    }
    for (int i = 0; i <= RADIUS; i++) taps[i] /= sum;
}

/* The Gaussian at the valid positions: [h, w] -> [h - 10, w - 10], columns first. */
static struct plane gauss(struct scratch *keep, struct scratch *work, const struct plane *in) {
    double taps[RADIUS + 1];
    gauss_taps(taps);
    struct plane out = plane_take(keep, in->w - 2 * RADIUS, in->h - 2 * RADIUS);
    size_t w = (size_t)in->w, mark = scratch_mark(work);
    double *row = SCRATCH(work, double, w);
    for (int y = 0; y < out.h; y++) {
        const double *centre = in->v + (size_t)(y + RADIUS) * w;
        for (size_t x = 0; x < w; x++) row[x] = taps[0] * centre[x];
        for (size_t k = 1; k <= RADIUS; k++) {
            const double *above = centre - k * w, *below = centre + k * w;
            for (size_t x = 0; x < w; x++) row[x] += taps[k] * (above[x] + below[x]);
        }
        double *to = out.v + (size_t)y * (size_t)out.w;
        for (int x = 0; x < out.w; x++) {
            const double *p = row + x + RADIUS;
            double sum = taps[0] * p[0];
            for (int k = 1; k <= RADIUS; k++) sum += taps[k] * (p[-k] + p[k]);
            to[x] = sum;
        }
    }
    scratch_release(work, mark);
    return out;
}

static struct plane gauss_of_product(struct scratch *keep, struct scratch *work,
                                     const struct plane *a, const struct plane *b) {
    size_t mark = scratch_mark(work), n = plane_size(a);
    struct plane product = plane_take(work, a->w, a->h);
    for (size_t i = 0; i < n; i++) product.v[i] = a->v[i] * b->v[i];
    /* When keep is work the result must outlive the product, so nothing is released. */
    struct plane out = gauss(keep, work, &product);
    if (keep != work) scratch_release(work, mark);
    return out;
}

/* The mean of pixels (i, i+1) in both directions at every second pixel. Past the end the last pixel
 * is repeated (`repeat`) or 0. */
static struct plane halve(struct scratch *scratch, const struct plane *in, bool repeat) {
    struct plane out = plane_take(scratch, (in->w + 1) / 2, (in->h + 1) / 2);
    for (int y = 0; y < out.h; y++) {
        const double *a = in->v + (size_t)(2 * y) * (size_t)in->w;
        bool has_below = 2 * y + 1 < in->h;
        const double *b = has_below ? a + in->w : a;
        double *to = out.v + (size_t)y * (size_t)out.w;
        for (int x = 0; x < out.w; x++) {
            bool has_right = 2 * x + 1 < in->w;
            int i = 2 * x, j = has_right ? i + 1 : i;
            double p01 = a[j], p10 = b[i], p11 = b[j];
            if (!repeat && !has_right) p01 = p11 = 0;
            if (!repeat && !has_below) p10 = p11 = 0;
            to[x] = (a[i] + p10 + p01 + p11) / 4;
        }
    }
    return out;
}

/* Prewitt's gradient magnitude, zero outside. */
static struct plane prewitt(struct scratch *scratch, const struct plane *in) {
    struct plane out = plane_take(scratch, in->w, in->h);
    size_t w = (size_t)in->w;
    for (int y = 0; y < in->h; y++) {
        for (int x = 0; x < in->w; x++) {
            double p[3][3];
            for (int dy = -1; dy <= 1; dy++) {
                for (int dx = -1; dx <= 1; dx++) {
                    bool inside = y + dy >= 0 && y + dy < in->h && x + dx >= 0 && x + dx < in->w;
                    p[dy + 1][dx + 1] = inside ? in->v[(size_t)(y + dy) * w + (size_t)(x + dx)] : 0;
                }
            }
            double gx = (p[0][0] + p[1][0] + p[2][0] - p[0][2] - p[1][2] - p[2][2]) / 3;
            double gy = (p[0][0] + p[0][1] + p[0][2] - p[2][0] - p[2][1] - p[2][2]) / 3;
            out.v[(size_t)y * w + (size_t)x] = sqrt(gx * gx + gy * gy);
        }
    }
    return out;
}

static struct plane gmsd_gradient(struct scratch *keep, struct scratch *work,
                                  const struct plane *image) {
    if (image->w < GMSD_SIDE || image->h < GMSD_SIDE) return (struct plane){0, 0, NULL};
    struct plane small = halve(work, image, false);
    return prewitt(keep, &small);
}

static int scale_count(const struct plane *image) {
    int side = image->w < image->h ? image->w : image->h;
    return side < SSIM_WINDOW ? 0 : side < MS_SSIM_SIDE ? 1 : MS_SSIM_SCALES;
}

static void moments(struct scratch *keep, struct scratch *work, const struct plane *image,
                    struct plane *mean, struct plane *variance) {
    *mean = gauss(keep, work, image);
    *variance = gauss_of_product(keep, work, image, image);
    size_t n = plane_size(mean);
    for (size_t i = 0; i < n; i++) variance->v[i] -= mean->v[i] * mean->v[i];
}

void structural_prepare(struct scratch *keep, struct scratch *work, const struct plane *image,
                        struct structural_reference *out) {
    size_t mark = scratch_mark(work);
    out->scales = scale_count(image);
    for (int s = 0; s < out->scales; s++) {
        out->image[s] = s ? halve(keep, &out->image[s - 1], true) : *image;
        moments(keep, work, &out->image[s], &out->mean[s], &out->variance[s]);
    }
    out->gradient = gmsd_gradient(keep, work, image);
    scratch_release(work, mark);
}

/* The mean contrast-structure term and the mean SSIM of one scale; `map`, when not NULL, receives
 * the SSIM of every valid position. */
static void ssim_scale(struct scratch *work, const struct structural_reference *reference, int s,
                       const struct plane *image, double *cs_mean, double *ssim_mean, double *map) {
    const struct plane *rm = &reference->mean[s], *rv = &reference->variance[s];
    size_t mark = scratch_mark(work);
    struct plane tm, tv;
    moments(work, work, image, &tm, &tv);
    struct plane product = gauss_of_product(work, work, &reference->image[s], image);
    double cs_sum = 0, ssim_sum = 0;
    for (int y = 0; y < tm.h; y++) {
        double cs_row = 0, ssim_row = 0;
        size_t at = (size_t)y * (size_t)tm.w, end = at + (size_t)tm.w;
        for (size_t i = at; i < end; i++) {
            double a = rm->v[i], b = tm.v[i];
            double cs = (2 * (product.v[i] - a * b) + C2) / (rv->v[i] + tv.v[i] + C2);
            double ssim = (2 * a * b + C1) / (a * a + b * b + C1) * cs;
            cs_row += cs;
            ssim_row += ssim;
            if (map) map[i] = ssim;
        }
        cs_sum += cs_row;
        ssim_sum += ssim_row;
    }
    *cs_mean = cs_sum / (double)plane_size(&tm);
    *ssim_mean = ssim_sum / (double)plane_size(&tm);
    scratch_release(work, mark);
}

/* The mean of the map [h - 10, w - 10] where the 11x11 window around it holds any ink. */
static double mean_over_ink(struct scratch *work, const double *map, const unsigned char *ink,
                            int w, int h) {
    int mw = w - 2 * RADIUS, mh = h - 2 * RADIUS;
    size_t mark = scratch_mark(work), count = 0;
    int *column = SCRATCH(work, int, (size_t)w); /* ink in the 11 rows at each x */
    memset(column, 0, (size_t)w * sizeof *column);
    for (int y = 0; y < 2 * RADIUS; y++)
        for (int x = 0; x < w; x++) column[x] += ink[(size_t)y * (size_t)w + (size_t)x];
    double sum = 0;
    for (int y = 0; y < mh; y++) {
        const unsigned char *enter = ink + (size_t)(y + 2 * RADIUS) * (size_t)w;
        const unsigned char *leave = ink + (size_t)y * (size_t)w;
        for (int x = 0; x < w; x++) column[x] += enter[x];
        int window = 0;
        for (int x = 0; x < 2 * RADIUS; x++) window += column[x];
        double row = 0;
        for (int x = 0; x < mw; x++) {
            window += column[x + 2 * RADIUS];
            if (window) {
                row += map[(size_t)y * (size_t)mw + (size_t)x];
                count++;
            }
            window -= column[x];
        }
        sum += row;
        for (int x = 0; x < w; x++) column[x] -= leave[x];
    }
    scratch_release(work, mark);
    return count ? sum / (double)count : NAN;
}

/* A negative mean contrast term has no real power: it counts as 0. */
static double ms_ssim(struct scratch *work, const struct structural_reference *reference,
                      const struct plane *image, double cs, double ssim) {
    struct plane scaled = *image;
    double product = pow(fmax(cs, 0), SCALE_WEIGHT[0]);
    for (int s = 1; s < MS_SSIM_SCALES; s++) {
        scaled = halve(work, &scaled, true);
        ssim_scale(work, reference, s, &scaled, &cs, &ssim, NULL);
        product *= pow(fmax(s == MS_SSIM_SCALES - 1 ? ssim : cs, 0), SCALE_WEIGHT[s]);
    }
    return product;
}

/* The sample standard deviation of the gradient similarity map. */
static double gmsd(const struct plane *r, struct plane *t) {
    size_t n = plane_size(r);
    for (size_t i = 0; i < n; i++) {
        double a = r->v[i], b = t->v[i];
        t->v[i] = (2 * a * b + GMSD_C) / (a * a + b * b + GMSD_C);
    }
    double mean = plane_mean(t), sum = 0;
    for (size_t i = 0; i < n; i++) sum += (t->v[i] - mean) * (t->v[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

struct structural structural_compare(struct scratch *work,
                                     const struct structural_reference *reference,
                                     const struct plane *image, const unsigned char *ink) {
    struct structural out = {NAN, NAN, NAN, NAN};
    size_t mark = scratch_mark(work);
    if (reference->scales) {
        double cs;
        double *map = SCRATCH(work, double, plane_size(&reference->mean[0]));
        ssim_scale(work, reference, 0, image, &cs, &out.ssim, map);
        out.ssim_ink = mean_over_ink(work, map, ink, image->w, image->h);
        if (reference->scales == MS_SSIM_SCALES)
            out.ms_ssim = ms_ssim(work, reference, image, cs, out.ssim);
    }
    struct plane gradient = gmsd_gradient(work, work, image);
    if (gradient.v) out.gmsd = gmsd(&reference->gradient, &gradient);
    scratch_release(work, mark);
    return out;
}
