/* Statistics against scipy 1.10: rankdata, wilcoxon(zero_method="pratt", method="approx",
 * correction=False) and "exact", bootstrap(method="BCa"), norm.ppf; the exact p of D2, which has
 * ties and zeros, by enumerating its 2^12 sign patterns. Holm and Benjamini-Hochberg against
 * statsmodels 0.13 multipletests. */
#include "metrics/stats.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/check.h"
#include "metrics/bootstrap.h"
#include "metrics/multiple.h"
#include "metrics/rng.h"
#include "metrics/wilcoxon.h"

static const double D1[] = {.5, 1.2, -.3, .8, 2.1, .05, -.9, 1.7, .6, 1.1};
static const double D2[] = {0, 0, 1, 1, -1, 2, 2, 3, -2, 4, 5, 0, 1, -1, 2};
static double D3[60], D4[53];
#define N(array) (sizeof(array) / sizeof *(array))

static bool close_to(double got, double want, double relative) {
    return fabs(got - want) <= relative * fabs(want);
}

static void check_summaries(void) {
    CHECK_NEAR(stats_mean(D1, N(D1)), 0.685, 1e-15);
    CHECK_NEAR(stats_median(D1, N(D1)), 0.7, 1e-15);
    CHECK_NEAR(stats_sd(D1, N(D1)), 0.90739247909111, 1e-14);
    CHECK_NEAR(stats_hodges_lehmann(D1, N(D1)), 0.7, 1e-15);
    CHECK_NEAR(stats_mean(D2, N(D2)), 1.13333333333333, 1e-14);
    CHECK(stats_median(D2, N(D2)) == 1);
    CHECK_NEAR(stats_sd(D2, N(D2)), 1.92230020944651, 1e-14);
    CHECK(stats_hodges_lehmann(D2, N(D2)) == 1);
    CHECK_NEAR(stats_mean(D3, N(D3)), 0.951666666666667, 1e-14);
    CHECK_NEAR(stats_median(D3, N(D3)), 0.95, 1e-15);
    CHECK_NEAR(stats_sd(D3, N(D3)), 2.93947370284504, 1e-13);
    CHECK_NEAR(stats_hodges_lehmann(D3, N(D3)), 0.95, 1e-15);
    const double one = -3.25;
    CHECK(stats_hodges_lehmann(&one, 1) == one && stats_median(&one, 1) == one);
    CHECK(isnan(stats_sd(&one, 1)));
}

/* The counted selection is the median of all Walsh averages. */
static void check_hodges_lehmann(void) {
    struct rng rng = rng_seed(7);
    for (size_t n = 1; n <= 40; n++) {
        double v[40], walsh[40 * 41 / 2];
        size_t count = 0;
        for (size_t i = 0; i < n; i++)
            v[i] = n % 3 ? (double)rng_next(&rng) / 1e18 - 9 : (double)rng_below(&rng, 5) - 2;
        for (size_t i = 0; i < n; i++)
            for (size_t j = i; j < n; j++) walsh[count++] = (v[i] + v[j]) / 2;
        CHECK(stats_hodges_lehmann(v, n) == stats_median(walsh, count));
    }
}

static void check_normal(void) {
    CHECK(close_to(stats_normal_quantile(1e-10), -6.3613409024040557, 1e-14));
    CHECK(close_to(stats_normal_quantile(0.025), -1.9599639845400545, 1e-14));
    CHECK(close_to(stats_normal_quantile(0.3), -0.52440051270804089, 1e-14));
    CHECK(close_to(stats_normal_quantile(0.975), 1.959963984540054, 1e-13));
    CHECK_NEAR(stats_normal_quantile(0.5), 0, 1e-15);
    CHECK(isinf(stats_normal_quantile(0)) && isinf(stats_normal_quantile(1)));
    CHECK_NEAR(stats_normal(0), 0.5, 0);
}

static void check_ranks(const double *d, struct wilcoxon want) {
    const struct wilcoxon w = wilcoxon_signed_rank(d, want.n);
    CHECK(w.n == want.n && w.zeros == want.zeros);
    CHECK(w.w_plus == want.w_plus && w.w_minus == want.w_minus);
    CHECK(w.exact == want.exact && close_to(w.p, want.p, w.exact ? 0 : 1e-12));
}

static void check_wilcoxon(void) {
    check_ranks(D1, (struct wilcoxon){N(D1), 0, 47, 8, 0.048828125, true});
    CHECK(close_to(wilcoxon_normal_p(D1, N(D1)), 0.0468532847881471, 1e-12));
    check_ranks(D2, (struct wilcoxon){N(D2), 3, 91.5, 22.5, 0.0556640625, true});
    CHECK(close_to(wilcoxon_normal_p(D2, N(D2)), 0.047390738816352744, 1e-12));
    check_ranks(D3, (struct wilcoxon){N(D3), 1, 1222, 607, 0.023587345465133247, false});
    check_ranks(D4, (struct wilcoxon){N(D4), 0, 1204, 227, 1.4898843975621022e-05, false});

    /* The least p that n images can give. */
    const double up[] = {1, 2, 3, 4, 5, 6};
    CHECK(wilcoxon_signed_rank(up, 5).p == 0.0625);
    CHECK(wilcoxon_signed_rank(up, 6).p == 0.03125);
    const double none[] = {0, 0, 0}, even[] = {1, -1};
    CHECK(isnan(wilcoxon_signed_rank(none, 3).p));
    CHECK(wilcoxon_signed_rank(even, 2).p == 1);
    /* Beyond scipy's table: 50 differences of one sign. */
    double fifty[51];
    for (int i = 0; i < 51; i++) fifty[i] = i + 1;
    CHECK(wilcoxon_signed_rank(fifty, 50).p == ldexp(1, -49));
    CHECK(!wilcoxon_signed_rank(fifty, 51).exact);
}

/* The two numbers of the interval within 3 % of its width of scipy's, both at many resamples. */
static void check_interval(const double *d, size_t n, double low, double high) {
    struct bootstrap_options options = bootstrap_defaults();
    options.resamples = 200000;
    struct interval i = bootstrap_bca(d, n, &options);
    CHECK_INT(i.method, INTERVAL_BCA);
    CHECK_NEAR(i.low, low, 0.03 * (high - low));
    CHECK_NEAR(i.high, high, 0.03 * (high - low));
}

static void check_bootstrap(void) {
    check_interval(D1, N(D1), 0.130, 1.195);
    check_interval(D2, N(D2), 0.26667, 2.13333);
    check_interval(D3, N(D3), 0.215, 1.6885);
    struct bootstrap_options options = bootstrap_defaults();
    CHECK(options.resamples == 10000 && options.seed == 1 && options.level == 0.95);
    struct interval a = bootstrap_bca(D3, N(D3), &options), b = bootstrap_bca(D3, N(D3), &options);
    CHECK(a.low == b.low && a.high == b.high);
    options.seed = 2;
    b = bootstrap_bca(D3, N(D3), &options);
    CHECK(a.low != b.low && fabs(a.low - b.low) < 0.1);
    const double same[] = {2, 2, 2, 2};
    a = bootstrap_bca(same, 4, &options);
    CHECK(a.low == 2 && a.high == 2 && a.method == INTERVAL_DEGENERATE);
    /* One resample only: its mean is either below or above, and the bias infinite. */
    options.resamples = 1;
    CHECK_INT(bootstrap_bca(D3, N(D3), &options).method, INTERVAL_PERCENTILE);
}

/* Seeds that are all the same add no spread; seeds that differ add theirs. */
static void check_hierarchical(void) {
    enum { IMAGES = 60, SEEDS = 4 };
    static double a[SEEDS * IMAGES], b[SEEDS * IMAGES];
    for (int s = 0; s < SEEDS; s++)
        for (int i = 0; i < IMAGES; i++) b[s * IMAGES + i] = D3[i];
    struct bootstrap_options options = bootstrap_defaults();
    struct interval i = bootstrap_hierarchical(a, SEEDS, b, SEEDS, IMAGES, &options);
    CHECK_INT(i.method, INTERVAL_HIERARCHICAL);
    CHECK_NEAR(i.low, 0.2125, 0.05);
    CHECK_NEAR(i.high, 1.6883, 0.05);
    /* Seeds at +-1 around the images' values: the mean over four drawn seeds has a variance of 1/4
     * beside the images' 2.9395^2 59/60 / 60. */
    for (int s = 0; s < SEEDS; s++)
        for (int k = 0; k < IMAGES; k++) b[s * IMAGES + k] = D3[k] + (s % 2 ? 1 : -1);
    i = bootstrap_hierarchical(a, SEEDS, b, SEEDS, IMAGES, &options);
    double sd = sqrt(0.25 + 2.93947370284504 * 2.93947370284504 * 59 / 3600);
    CHECK_NEAR(i.high - i.low, 2 * 1.96 * sd, 0.15);
    struct interval again = bootstrap_hierarchical(a, 1, b, SEEDS, IMAGES, &options);
    CHECK_NEAR(again.high - again.low, i.high - i.low, 0.15);
}

static void check_multiple(void) {
    const double p[] = {.001, .02, .03, .04, .005, .5};
    const double holm[] = {.006, .08, .09, .09, .025, .5};
    const double bh[] = {.006, .04, .045, .048, .015, .5};
    double out[6];
    multiple_holm(p, 6, out);
    for (int i = 0; i < 6; i++) CHECK_NEAR(out[i], holm[i], 1e-15);
    multiple_benjamini_hochberg(p, 6, out);
    for (int i = 0; i < 6; i++) CHECK_NEAR(out[i], bh[i], 1e-15);
    double gap[] = {.02, NAN, .01};
    multiple_holm(gap, 3, gap);
    CHECK(gap[0] == .02 && isnan(gap[1]) && gap[2] == .02);
    multiple_holm(NULL, 0, NULL);
}

static void check_rng(void) {
    /* An independent implementation in Python gives these for seed 1. */
    struct rng rng = rng_seed(1);
    CHECK(rng_next(&rng) == 12966619160104079557u);
    CHECK(rng_next(&rng) == 9600361134598540522u);
    CHECK(rng_next(&rng) == 10590380919521690900u);
    /* The reference implementation's first outputs from this state. */
    struct rng counted = {{1, 2, 3, 4}};
    CHECK(rng_next(&counted) == 11520 && rng_next(&counted) == 0);
    CHECK(rng_next(&counted) == 1509978240);
    int seen[7] = {0};
    for (int i = 0; i < 70000; i++) seen[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++) CHECK(abs(seen[i] - 10000) < 500);
    for (int i = 0; i < 100; i++) CHECK(rng_below(&rng, 1) == 0);
    for (int i = 0; i < 100; i++) CHECK(rng_below(&rng, 3u * (1ull << 62)) < 3u * (1ull << 62));
}

int main(void) {
    for (int i = 0; i < 60; i++) D3[i] = ((37 * i) % 101 - 40) / 10.0;
    for (int i = 0; i < 53; i++) D4[i] = ((i * i * 7) % 23 - 9) / 8.0;
    check_rng();
    check_summaries();
    check_hodges_lehmann();
    check_normal();
    check_wilcoxon();
    check_bootstrap();
    check_hierarchical();
    check_multiple();
    return check_end();
}
