/* Every matrix kernel of every instruction set this machine has: all row counts, partly used
 * blocks, planar inputs, sums to go on from, and no byte outside the buffers. */
#include "kernels/kernels.h"

#include <time.h>

#include "base/check.h"
#include "kernels/guard.h"

static uint64_t seed;

static int pick(int low, int high) {
    return low + (int)(hash_mix(seed += 0x9E3779B97F4A7C15u) % (uint64_t)(high - low + 1));
}

static double tolerance(int products) {
    return 2e-7 * (products + 4); /* of values below one, each rounded to 2^-24 twice */
}

#define SPANS 3

/* tile: spans of random channels and random row offsets, against sums in double. */
static void check_tile(const struct gemm_kernels *k, int rows, int front) {
    struct gemm_span spans[SPANS];
    struct guard a[SPANS];
    int32_t at[SPANS][32];
    int channels = 0;
    for (int s = 0; s < SPANS; s++) {
        int lanes = pick(0, 3) ? BLOCK : 1, pixels = pick(1, 20);
        int count = lanes == 1 ? pick(1, 3) : pick(1, 40);
        int blocks = (count + lanes - 1) / lanes;
        size_t a_floats = (size_t)(blocks * pixels) * (size_t)lanes;
        a[s] = guard_make(a_floats, front);
        guard_fill(a[s].data, a_floats, &seed);
        for (int r = 0; r < 32; r++) at[s][r] = pick(0, pixels - 1) * lanes;
        spans[s] = (struct gemm_span){a[s].data, at[s], pixels * lanes, count, lanes};
        channels += count;
    }
    size_t width = (size_t)k->width, floats = (size_t)rows * width;
    struct guard w = guard_make((size_t)channels * width, front);
    struct guard in = guard_make(floats, front), out = guard_make(floats, front);
    guard_fill(w.data, (size_t)channels * width, &seed);
    guard_fill(in.data, floats, &seed);
    int first = pick(0, 32 - rows);
    k->tile(out.data, in.data, rows, spans, SPANS, first, w.data);
    double worst = 0;
    for (int r = 0; r < rows; r++)
        for (size_t o = 0; o < width; o++) {
            double sum = (double)in.data[(size_t)r * width + o];
            const float *row = w.data;
            for (int s = 0; s < SPANS; s++)
                for (int c = 0; c < spans[s].channels; c++, row += width) {
                    int lanes = spans[s].lanes;
                    const float *x = spans[s].a + c / lanes * spans[s].step + c % lanes;
                    sum += (double)x[at[s][first + r]] * (double)row[o];
                }
            worst = fmax(worst, fabs(sum - (double)out.data[(size_t)r * width + o]));
        }
    CHECK(worst <= tolerance(channels));
    /* The chain is added to `in` at the end, also in place. */
    struct guard again = guard_make(floats, front);
    k->tile(again.data, NULL, rows, spans, SPANS, first, w.data);
    for (size_t i = 0; i < floats; i++) again.data[i] += in.data[i];
    CHECK(memcmp(again.data, out.data, floats * sizeof(float)) == 0);
    k->tile(in.data, in.data, rows, spans, SPANS, first, w.data);
    CHECK(memcmp(in.data, out.data, floats * sizeof(float)) == 0);
    for (int s = 0; s < SPANS; s++) guard_free(&a[s]);
    guard_free(&w);
    guard_free(&in);
    guard_free(&out);
    guard_free(&again);
}

static void check_packed(const struct gemm_kernels *k, int rows, int front) {
    int blocks = pick(1, 5);
    size_t width = (size_t)k->width, floats = (size_t)rows * width;
    size_t a_floats = (size_t)(blocks * rows) * BLOCK, w_floats = (size_t)blocks * BLOCK * width;
    struct guard a = guard_make(a_floats, front), w = guard_make(w_floats, front);
    struct guard out = guard_make(floats, front);
    guard_fill(a.data, a_floats, &seed);
    guard_fill(w.data, w_floats, &seed);
    struct fetch ahead[FETCHES] = {{w.data, pick(0, 3)}, {a.data, pick(0, 1)}};
    k->packed(out.data, NULL, rows, a.data, blocks, w.data, ahead);
    double worst = 0;
    for (int r = 0; r < rows; r++)
        for (size_t o = 0; o < width; o++) {
            double sum = 0;
            for (int c = 0; c < blocks * BLOCK; c++)
                sum += (double)a.data[(c / BLOCK * rows + r) * BLOCK + c % BLOCK] *
                       (double)w.data[(size_t)c * width + o];
            worst = fmax(worst, fabs(sum - (double)out.data[(size_t)r * width + o]));
        }
    CHECK(worst <= tolerance(blocks * BLOCK));
    /* A row's bits do not depend on how many rows go with it. */
    struct guard one = guard_make(width, front);
    struct guard line = guard_make((size_t)blocks * BLOCK, front);
    for (int b = 0; b < blocks; b++)
        memcpy(line.data + b * BLOCK, a.data + (b * rows + rows - 1) * BLOCK,
               BLOCK * sizeof(float));
    k->packed(one.data, NULL, 1, line.data, blocks, w.data, NULL);
    CHECK(memcmp(one.data, out.data + floats - width, width * sizeof(float)) == 0);
    guard_free(&a);
    guard_free(&w);
    guard_free(&out);
    guard_free(&one);
    guard_free(&line);
}

static void check_narrow(const struct gemm_kernels *k, int rows, int front) {
    int channels = pick(1, 40), blocks = (channels + BLOCK - 1) / BLOCK, pixels = rows + pick(0, 4);
    size_t width = (size_t)k->width / 2, floats = (size_t)rows * width;
    size_t a_floats = (size_t)(blocks * pixels) * BLOCK, w_floats = (size_t)channels * width;
    struct guard a = guard_make(a_floats, front), w = guard_make(w_floats, front);
    struct guard in = guard_make(floats, front), out = guard_make(floats, front);
    guard_fill(a.data, a_floats, &seed);
    guard_fill(w.data, w_floats, &seed);
    guard_fill(in.data, floats, &seed);
    k->narrow(out.data, in.data, rows, a.data, pixels * BLOCK, channels, w.data);
    double worst = 0;
    for (int r = 0; r < rows; r++)
        for (size_t o = 0; o < width; o++) {
            double sum = (double)in.data[(size_t)r * width + o];
            for (int c = 0; c < channels; c++)
                sum += (double)a.data[(c / BLOCK * pixels + r) * BLOCK + c % BLOCK] *
                       (double)w.data[(size_t)c * width + o];
            worst = fmax(worst, fabs(sum - (double)out.data[(size_t)r * width + o]));
        }
    CHECK(worst <= tolerance(channels));
    guard_free(&a);
    guard_free(&w);
    guard_free(&in);
    guard_free(&out);
}

/* Two forms of a panel: the right pixels, the right channels, and nothing else written. */
static void check_store(const struct gemm_kernels *k, int rows, int front) {
    int blocks = pick(1, 3), pixels = rows + pick(0, 3),
        panels = (blocks * BLOCK + k->width - 1) / k->width;
    int panel = pick(0, panels - 1);
    size_t width = (size_t)k->width, plane = (size_t)pixels * BLOCK, map = (size_t)blocks * plane;
    struct guard tile = guard_make((size_t)rows * width, front), bias = guard_make(width, front);
    struct guard plain = guard_make(map, front), leaky = guard_make(map, front);
    guard_fill(tile.data, (size_t)rows * width, &seed);
    guard_fill(bias.data, width, &seed);
    for (size_t i = 0; i < map; i++) plain.data[i] = leaky.data[i] = 7;
    int32_t at[32];
    for (int r = 0; r < rows; r++) at[r] = (pixels - 1 - r) * BLOCK;
    struct sink sink = {.bias = bias.data,
                        .plane = plane,
                        .channel = panel * k->width,
                        .channels = blocks * BLOCK,
                        .form_count = 2,
                        .forms = {{plain.data, CURVE_NONE, 0}, {leaky.data, CURVE_LEAKY, 0.25f}}};
    k->store(tile.data, rows, at, &sink);
    int wrong = 0;
    for (int c = 0; c < blocks * BLOCK; c++)
        for (int p = 0; p < pixels; p++) {
            int o = c - panel * k->width, r = pixels - 1 - p;
            bool written = o >= 0 && o < k->width && r < rows;
            size_t place = (size_t)(c / BLOCK) * plane + (size_t)(p * BLOCK + c % BLOCK);
            float x = written ? tile.data[(size_t)r * width + (size_t)o] + bias.data[o] : 7;
            wrong += plain.data[place] != x;
            wrong += leaky.data[place] != (x > 0 ? x : x * 0.25f);
        }
    CHECK_INT(wrong, 0);
    guard_free(&tile);
    guard_free(&bias);
    guard_free(&plain);
    guard_free(&leaky);
}

int main(void) {
    const char *given = getenv("STRIDELAB_SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STRIDELAB_SEED=%llu\n", (unsigned long long)seed);
    CHECK(isa_detect() >= ISA_BASE);
    CHECK_STR(isa_name(ISA_AVX512), "avx512");
    for (enum isa isa = ISA_BASE; isa <= isa_detect(); isa++) {
        const struct gemm_kernels *k = kernels_for(isa)->gemm;
        CHECK(kernels_for(isa)->isa == isa);
        CHECK(k->rows * k->width <= GEMM_TILE);
        CHECK(k->width % BLOCK == 0 || BLOCK % k->width == 0);
        for (int rows = 1; rows <= k->rows; rows++)
            for (int front = 0; front < 2; front++) {
                check_tile(k, rows, front);
                check_packed(k, rows, front);
                check_narrow(k, rows, front);
                check_store(k, rows, front);
            }
    }
    return check_end();
}
