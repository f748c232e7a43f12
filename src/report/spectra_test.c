/* Profiles of images brought together. */
#include "report/spectra.h"

#include <math.h>

#include "base/check.h"

enum { IMAGES = 11, MEMBERS = 3, POINTS = 8 };

static const int variant_of[MEMBERS] = {0, 0, 1}; /* the first has two seeds */

struct fixture {
    struct profile profiles[IMAGES * MEMBERS], targets[IMAGES];
    struct spectra_source source;
};

/* Power falls by 1 dB a point, from that of the image on. */
static struct profile slope(int points, int start, int frc) {
    struct profile p = {.points = points};
    for (int j = 0; j < points; j++) {
        p.power[j] = (int16_t)(start - 100 * (j + 1) * POINTS / points);
        p.frc[j] = (int16_t)frc;
    }
    return p;
}

/* Image i has i dB; the second seed 2 dB more, the other variant 3 dB less. */
static void make(struct fixture *f) {
    for (int i = 0; i < IMAGES; i++) {
        f->targets[i] = slope(POINTS, 100 * i, PROFILE_NONE);
        f->profiles[i * MEMBERS] = slope(POINTS, 100 * i, 10000);
        f->profiles[i * MEMBERS + 1] = slope(POINTS, 100 * i + 200, 9000);
        f->profiles[i * MEMBERS + 2] = slope(POINTS, 100 * i - 300, 5000);
    }
    f->source = (struct spectra_source){f->profiles, f->targets, IMAGES, MEMBERS, variant_of, 2};
}

static void check_curves(void) {
    struct fixture f;
    struct spectra s;
    make(&f);
    spectra_make(&f.source, NULL, &s);
    CHECK_INT(s.points, POINTS);
    CHECK_INT(s.variant_count, 2);
    CHECK(s.has_targets && spectra_frequency(&s, POINTS - 1) == 0.5);
    CHECK(s.target.mean[0] == 4 && s.target.low[0] == 0 && s.target.high[0] == 8);
    CHECK(s.target.mean[7] == -3);
    CHECK(s.variants[0].power.mean[0] == 5 && s.variants[1].power.mean[0] == 1);
    CHECK(s.variants[0].gain.mean[3] == 1 && s.variants[0].gain.low[3] == 0);
    CHECK(s.variants[0].gain.high[3] == 2 && s.variants[1].gain.mean[3] == -3);
    CHECK(s.variants[0].frc.mean[3] == 0.95 && s.variants[1].frc.low[3] == 0.5);
    spectra_free(&s);
}

/* A target that is missing, flat or empty at a point is left out, and so is what has no spectrum.
 */
static void check_missing(void) {
    struct fixture f;
    struct spectra s;
    make(&f);
    f.targets[0] = (struct profile){0};
    for (int m = 0; m < MEMBERS; m++) f.profiles[m].frc[2] = PROFILE_NONE;
    f.profiles[MEMBERS + 2].frc[5] = PROFILE_NONE; /* the target of image 1 has nothing there */
    f.targets[1].power[5] = -12000;
    f.profiles[2 * MEMBERS + 2] = (struct profile){0};
    spectra_make(&f.source, NULL, &s);
    CHECK(s.target.mean[2] == 5.5 - 3); /* the mean of 1 to 10 */
    CHECK(s.variants[1].gain.mean[2] == -3 && s.variants[1].gain.mean[5] == -3);
    CHECK(s.variants[1].power.mean[0] == 1.3);
    spectra_free(&s);
    f.source.targets = NULL;
    for (int i = 0; i < IMAGES * MEMBERS; i++) f.profiles[i] = slope(POINTS, 0, PROFILE_NONE);
    spectra_make(&f.source, NULL, &s);
    CHECK(!s.has_targets && isnan(s.variants[0].frc.mean[0]) && isnan(s.variants[1].gain.low[7]));
    spectra_free(&s);
    for (int i = 0; i < IMAGES * MEMBERS; i++) f.profiles[i] = (struct profile){0};
    spectra_make(&f.source, NULL, &s);
    CHECK_INT(s.points, 0);
    spectra_free(&s);
}

/* A smaller image has fewer points: the line through them is the same. */
static void check_sizes(void) {
    struct fixture f;
    struct spectra s;
    make(&f);
    for (int i = 0; i < IMAGES * MEMBERS; i++)
        f.profiles[i] = slope(i / MEMBERS % 2 ? POINTS / 2 : POINTS, 0, 10000);
    spectra_make(&f.source, NULL, &s);
    for (int j = 0; j < POINTS; j++)
        CHECK(s.variants[0].power.mean[j] == -(j + 1) && s.variants[0].power.low[j] == -(j + 1));
    spectra_free(&s);
}

static bool is_same(const struct spectra_curve *a, const struct spectra_curve *b) {
    return check_same_bits(a, b, sizeof *a);
}

static void check_threads(void) {
    struct fixture f;
    struct spectra alone, together;
    struct pool *pool = pool_create(3);
    make(&f);
    for (int i = 0; i < IMAGES * MEMBERS; i++)
        for (int j = 0; j < POINTS; j++)
            f.profiles[i].power[j] = (int16_t)(i * 7919 % 1009 - 7 * j);
    spectra_make(&f.source, NULL, &alone);
    spectra_make(&f.source, pool, &together);
    CHECK(is_same(&alone.target, &together.target));
    for (int v = 0; v < 2; v++)
        CHECK(is_same(&alone.variants[v].power, &together.variants[v].power) &&
              is_same(&alone.variants[v].gain, &together.variants[v].gain) &&
              is_same(&alone.variants[v].frc, &together.variants[v].frc));
    spectra_free(&alone);
    spectra_free(&together);
    pool_free(pool);
}

int main(void) {
    check_curves();
    check_missing();
    check_sizes();
    check_threads();
    return check_end();
}
