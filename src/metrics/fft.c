#include "metrics/fft.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

struct fft_plan {
    int n;
    int m;                      /* the power of two that the radix-2 transform has */
    int *reversed;              /* [m] bit-reversed indices */
    struct fft_complex *twist;  /* [m / 2] exp(-2 pi i k / m) */
    struct fft_complex *chirp;  /* [n] exp(-pi i k^2 / n); NULL when n is a power of two */
    struct fft_complex *kernel; /* [m] transform of the conjugate chirp, wrapped, over m */
};

static struct fft_complex multiply(struct fft_complex a, struct fft_complex b) {
    return (struct fft_complex){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/* exp(-2 pi i k / n), k in [0, n), from an angle of at most pi / 4 so that the axes are exact. */
static struct fft_complex root(int64_t k, int64_t n) {
    const double two_pi = 6.283185307179586476925286766559;
    int64_t eighth = 8 * k / n; /* the octant */
    int64_t quarter = (eighth + 1) / 2;
    double angle = two_pi * (double)(4 * k - quarter * n) / (4 * (double)n);
    double c = cos(angle), s = sin(angle);
    switch (quarter % 4) {
    case 0:
        return (struct fft_complex){c, -s};
    case 1:
        return (struct fft_complex){-s, -c};
    case 2:
        return (struct fft_complex){-c, s};
    default:
        return (struct fft_complex){s, c};
    }
}

static void radix2(const struct fft_plan *plan, struct fft_complex *x) {
    int m = plan->m;
    for (int i = 0; i < m; i++) {
        int j = plan->reversed[i];
        if (i < j) {
            struct fft_complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
    }
    for (int half = 1; half < m; half *= 2) {
        int step = m / (2 * half);
        for (int start = 0; start < m; start += 2 * half) {
            struct fft_complex *a = x + start, *b = a + half;
            for (int k = 0; k < half; k++) {
                struct fft_complex t = multiply(b[k], plan->twist[k * step]);
                b[k] = (struct fft_complex){a[k].re - t.re, a[k].im - t.im};
                a[k] = (struct fft_complex){a[k].re + t.re, a[k].im + t.im};
            }
        }
    }
}

static void make_chirp(struct fft_plan *plan) {
    int n = plan->n, m = plan->m;
    plan->chirp = mem_array((size_t)n, sizeof *plan->chirp);
    plan->kernel = mem_array((size_t)m, sizeof *plan->kernel);
    for (int k = 0; k < n; k++) {
        /* k^2 modulo 2n keeps the angle small, and so exact. */
        plan->chirp[k] = root((int64_t)k * k % (2 * (int64_t)n), 2 * (int64_t)n);
        struct fft_complex conjugate = {plan->chirp[k].re / m, -plan->chirp[k].im / m};
        plan->kernel[k] = conjugate;
        if (k) plan->kernel[m - k] = conjugate;
    }
    radix2(plan, plan->kernel);
}

struct fft_plan *fft_plan_create(int n) {
    struct fft_plan *plan = mem_alloc(sizeof *plan);
    bool power = (n & (n - 1)) == 0;
    plan->n = n;
    plan->m = 1;
    while (plan->m < (power ? n : 2 * n - 1)) plan->m *= 2;
    plan->reversed = mem_array((size_t)plan->m, sizeof *plan->reversed);
    plan->twist = mem_array((size_t)plan->m / 2 + 1, sizeof *plan->twist);
    for (int i = 1; i < plan->m; i++)
        plan->reversed[i] = plan->reversed[i / 2] / 2 + (i % 2 ? plan->m / 2 : 0);
    for (int k = 0; k < plan->m / 2; k++) plan->twist[k] = root(k, plan->m);
    if (!power) make_chirp(plan);
    return plan;
}

void fft_plan_free(struct fft_plan *plan) {
    if (!plan) return;
    mem_free(plan->reversed);
    mem_free(plan->twist);
    mem_free(plan->chirp);
    mem_free(plan->kernel);
    mem_free(plan);
}

/* X[k] = c[k] sum_j (x[j] c[j]) conj(c[k - j]) with the chirp c: a convolution, done as a product
 * of two transforms; the inverse is a forward transform of conjugates. */
static void bluestein(const struct fft_plan *plan, struct scratch *work, struct fft_complex *x) {
    int n = plan->n, m = plan->m;
    size_t mark = scratch_mark(work);
    struct fft_complex *y = SCRATCH(work, struct fft_complex, (size_t)m);
    for (int k = 0; k < n; k++) y[k] = multiply(x[k], plan->chirp[k]);
    memset(y + n, 0, (size_t)(m - n) * sizeof *y);
    radix2(plan, y);
    for (int k = 0; k < m; k++) {
        y[k] = multiply(y[k], plan->kernel[k]);
        y[k].im = -y[k].im;
    }
    radix2(plan, y);
    for (int k = 0; k < n; k++) {
        struct fft_complex inverse = {y[k].re, -y[k].im};
        x[k] = multiply(inverse, plan->chirp[k]);
    }
    scratch_release(work, mark);
}

void fft_run(const struct fft_plan *plan, struct scratch *work, struct fft_complex *x) {
    if (plan->chirp)
        bluestein(plan, work, x);
    else
        radix2(plan, x);
}

const struct fft_plan *fft_cache_plan(struct fft_cache *cache, int n) {
    for (size_t i = 0; i < cache->count; i++)
        if (cache->plans[i]->n == n) return cache->plans[i];
    mem_grow(&cache->plans, &cache->capacity, cache->count + 1, sizeof *cache->plans);
    return cache->plans[cache->count++] = fft_plan_create(n);
}

void fft_cache_free(struct fft_cache *cache) {
    for (size_t i = 0; i < cache->count; i++) fft_plan_free(cache->plans[i]);
    mem_free(cache->plans);
    memset(cache, 0, sizeof *cache);
}

/* Two real rows go through one complex transform: z = a + i b gives
 * A[u] = (Z[u] + conj Z[n-u]) / 2 and B[u] = (Z[u] - conj Z[n-u]) / 2i. */
static void two_rows(const struct fft_plan *plan, struct scratch *work, const double *a,
                     const double *b, struct fft_complex *z, struct fft_complex *out_a,
                     struct fft_complex *out_b) {
    int n = plan->n;
    for (int x = 0; x < n; x++) z[x] = (struct fft_complex){a[x], b ? b[x] : 0};
    fft_run(plan, work, z);
    for (int u = 0; u <= n / 2; u++) {
        struct fft_complex p = z[u], q = z[u ? n - u : 0];
        out_a[u] = (struct fft_complex){(p.re + q.re) / 2, (p.im - q.im) / 2};
        if (b) out_b[u] = (struct fft_complex){(p.im + q.im) / 2, (q.re - p.re) / 2};
    }
}

void fft_image(struct fft_cache *cache, struct scratch *work, const struct plane *image,
               struct fft_complex *out) {
    int w = image->w, h = image->h, half = w / 2 + 1;
    /* Asking for both first: a plan may be made, the pointers stay. */
    const struct fft_plan *rows = fft_cache_plan(cache, w), *columns = fft_cache_plan(cache, h);
    size_t mark = scratch_mark(work);
    struct fft_complex *line = SCRATCH(work, struct fft_complex, (size_t)(w > h ? w : h));
    for (int y = 0; y < h; y += 2) {
        const double *a = image->v + (size_t)y * (size_t)w;
        struct fft_complex *to = out + (size_t)y * (size_t)half;
        two_rows(rows, work, a, y + 1 < h ? a + w : NULL, line, to, to + half);
    }
    for (int u = 0; u < half; u++) {
        struct fft_complex *column = out + u;
        for (int y = 0; y < h; y++) line[y] = column[(size_t)y * (size_t)half];
        fft_run(columns, work, line);
        for (int y = 0; y < h; y++) column[(size_t)y * (size_t)half] = line[y];
    }
    scratch_release(work, mark);
}
