#include "metrics/paired.h"

#include "base/check.h"

enum { IMAGES = 60 };
static double a[IMAGES], b[IMAGES];

static struct paired compare(size_t images) {
    struct paired_sample sa = {a, 1}, sb = {b, 1};
    struct bootstrap_options options = bootstrap_defaults();
    return paired_compare(&sa, &sb, images, &options);
}

static void check_report(void) {
    for (int i = 0; i < IMAGES; i++) {
        a[i] = 5;
        b[i] = 5 + ((37 * i) % 101 - 40) / 10.0;
    }
    struct paired p = compare(IMAGES);
    CHECK_INT(p.n, 60);
    CHECK_NEAR(p.mean, 0.951666666666667, 1e-13);
    CHECK_NEAR(p.rank_biserial, 0.336249316566, 1e-3); /* sums with 5 move some ties */
    CHECK_NEAR(p.d_z, 0.3237541012, 1e-9);
    CHECK_INT(p.wins + p.ties + p.losses, 60);
    CHECK_NEAR(p.superiority, ((double)p.wins + (double)p.ties / 2) / 60, 1e-15);
    CHECK_NEAR(p.detectable, 2.8 * 2.93947370284504 / sqrt(60), 1e-12);
    CHECK_INT(paired_images_needed(&p, 0.5), 271); /* ceil((2.8 * 2.9395 / 0.5)^2) */
    CHECK_INT(paired_images_needed(&p, 0), 0);
    a[3] = NAN;
    b[7] = NAN;
    p = compare(IMAGES);
    CHECK_INT(p.n, 58);
    CHECK_INT(p.dropped, 2);
}

static void set(size_t n, double first, double step) {
    for (size_t i = 0; i < n; i++) {
        a[i] = 0;
        b[i] = first + step * (double)(i * 7 % n);
    }
}

static void check_verdicts(void) {
    set(20, 1, 0.01);
    struct paired p = compare(20);
    CHECK_INT(paired_verdict(&p, 0.5), VERDICT_MORE);
    CHECK_INT(paired_verdict(&p, 5), VERDICT_MORE_BELOW);
    CHECK_INT(paired_verdict(&p, 0), VERDICT_NONE);
    CHECK(p.superiority == 1 && p.rank_biserial == 1);
    set(20, -1, -0.01);
    p = compare(20);
    CHECK_INT(paired_verdict(&p, 0.5), VERDICT_LESS);
    CHECK_INT(paired_verdict(&p, 5), VERDICT_LESS_BELOW);
    set(20, -0.95, 0.1);
    p = compare(20);
    CHECK_INT(paired_verdict(&p, 2), VERDICT_EQUIVALENT);
    CHECK_INT(paired_verdict(&p, 0.1), VERDICT_INCONCLUSIVE);
    set(20, 0, 0);
    p = compare(20);
    CHECK_INT(paired_verdict(&p, 0.1), VERDICT_IDENTICAL);
    CHECK(isnan(p.wilcoxon.p) && isnan(p.d_z) && isnan(p.rank_biserial));
    set(5, 1, 0.1);
    p = compare(5);
    CHECK_INT(paired_verdict(&p, 0.1), VERDICT_TOO_FEW);
    CHECK(isnan(p.wilcoxon.p) && p.interval.low > 0);
    p = compare(1);
    CHECK(p.n == 1 && isnan(p.sd) && p.interval.low == p.interval.high);
    p = compare(0);
    CHECK(p.n == 0 && isnan(p.mean));
    CHECK_INT(paired_verdict(&p, 0.1), VERDICT_NONE);
}

/* Two seeds against one: the difference is that of the means over seeds. */
static void check_seeds(void) {
    static double two[2 * IMAGES];
    for (int i = 0; i < IMAGES; i++) {
        a[i] = i;
        two[i] = i + 1;
        two[IMAGES + i] = i + 2 + i % 3;
    }
    struct paired_sample sa = {a, 1}, sb = {two, 2};
    struct bootstrap_options options = bootstrap_defaults();
    struct paired p = paired_compare(&sa, &sb, IMAGES, &options);
    CHECK_NEAR(p.mean, 2, 1e-12);
    CHECK_INT(p.interval.method, INTERVAL_HIERARCHICAL);
    CHECK(p.interval.low <= 1.2 && p.interval.high >= 2.8);
    two[IMAGES + 5] = NAN;
    p = paired_compare(&sa, &sb, IMAGES, &options);
    CHECK(p.n == IMAGES - 1 && p.dropped == 1);
}

int main(void) {
    check_report();
    check_verdicts();
    check_seeds();
    for (int v = 0; v <= VERDICT_INCONCLUSIVE; v++)
        CHECK(verdict_name((enum verdict)v)[0] && verdict_text((enum verdict)v)[0]);
    return check_end();
}
