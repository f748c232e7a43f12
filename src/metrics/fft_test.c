/* Transforms against sums written from the definition. */
#include "metrics/fft.h"

#include <stdbool.h>

#include "base/check.h"
#include "metrics/rng.h"

#define TWO_PI 6.283185307179586476925286766559

static double number(struct rng *rng) {
    return (double)(rng_next(rng) >> 11) / 9007199254740992.0 - 0.5;
}

static struct fft_complex naive(const struct fft_complex *x, int n, int k) {
    struct fft_complex sum = {0, 0};
    for (int j = 0; j < n; j++) {
        double angle = -TWO_PI * (double)((long)j * k % n) / n, c = cos(angle), s = sin(angle);
        sum.re += x[j].re * c - x[j].im * s;
        sum.im += x[j].re * s + x[j].im * c;
    }
    return sum;
}

/* Every size up to 70, then some large ones: powers of two, primes, squares, products. */
static void check_sizes(void) {
    const int large[] = {97, 128, 243, 250, 251, 256, 384, 511, 512, 1000};
    struct scratch work = {0};
    struct rng rng = rng_seed(1);
    static struct fft_complex x[1000], y[1000];
    for (int i = 1; i <= 70 + (int)(sizeof large / sizeof *large); i++) {
        int n = i <= 70 ? i : large[i - 71];
        for (int j = 0; j < n; j++) x[j] = y[j] = (struct fft_complex){number(&rng), number(&rng)};
        struct fft_plan *plan = fft_plan_create(n);
        fft_run(plan, &work, y);
        fft_plan_free(plan);
        double worst = 0;
        for (int k = 0; k < n; k++) {
            struct fft_complex want = naive(x, n, k);
            worst = fmax(worst, hypot(y[k].re - want.re, y[k].im - want.im));
        }
        CHECK_NEAR(worst, 0, 1e-14 * n);
    }
    scratch_free(&work);
}

/* An image's half spectrum against the definition in two dimensions, bin by bin. */
static void check_image(int w, int h) {
    static double v[32 * 32];
    static struct fft_complex out[32 * 32];
    struct rng rng = rng_seed(2);
    struct scratch work = {0};
    struct fft_cache cache = {0};
    for (int i = 0; i < w * h; i++) v[i] = number(&rng);
    struct plane image = {w, h, v};
    fft_image(&cache, &work, &image, out);
    double worst = 0;
    for (int b = 0; b < h; b++) {
        for (int a = 0; a <= w / 2; a++) {
            double re = 0, im = 0;
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    double angle = -TWO_PI * ((double)(a * x % w) / w + (double)(b * y % h) / h);
                    re += v[y * w + x] * cos(angle);
                    im += v[y * w + x] * sin(angle);
                }
            }
            struct fft_complex got = out[b * (w / 2 + 1) + a];
            worst = fmax(worst, hypot(got.re - re, got.im - im));
        }
    }
    CHECK_NEAR(worst, 0, 1e-12);
    CHECK(fft_cache_plan(&cache, w) == fft_cache_plan(&cache, w));
    CHECK_INT(cache.count, w == h ? 1 : 2);
    fft_cache_free(&cache);
    scratch_free(&work);
}

int main(void) {
    check_sizes();
    const int sizes[][2] = {{1, 1}, {2, 3}, {8, 8}, {8, 7}, {7, 8}, {15, 13}, {16, 31}, {30, 4}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) check_image(sizes[i][0], sizes[i][1]);
    return check_end();
}
