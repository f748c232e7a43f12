#include "report/compare.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "json/json.h"

enum { IMAGES = 24, MEMBERS = 4 };
static char stems[IMAGES][16];
static const char *images[IMAGES];
static double values[IMAGES * MEMBERS * METRIC_COUNT], targets[IMAGES * METRIC_COUNT];
static struct compare_member members[MEMBERS] = {
    {"stride2", 1, ORIGIN_TRAINED, "stride2"},
    {"stride1", 1, ORIGIN_TRAINED, "stride1/seed-1"},
    {"stride1", 2, ORIGIN_TRAINED, "stride1/seed-2"},
    {"edited", 1, ORIGIN_TRANSPLANTED, "edited"},
};

static double *at(int image, int member) {
    return values + (image * MEMBERS + member) * METRIC_COUNT;
}

/* stride1 is 1 dB better than stride2 but for noise, edited 2 dB worse. */
static struct compare make(void) {
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) values[i] = NAN;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) targets[i] = NAN;
    for (int i = 0; i < IMAGES; i++) {
        snprintf(stems[i], sizeof stems[i], "image-%02d", i);
        images[i] = stems[i];
        targets[i * METRIC_COUNT + METRIC_CBI2] = 1e-5;
        targets[i * METRIC_COUNT + METRIC_CB_PEAK] = 3;
        for (int m = 0; m < MEMBERS; m++) {
            double *v = at(i, m), noise = (i * 7 % 11 - 5) * 0.02;
            v[METRIC_DSNR_HI] = 5 + i % 5 + (m == 1 || m == 2 ? 1 + noise : 0) - (m == 3 ? 2 : 0);
            v[METRIC_L1] = 0.05 - (m == 1 || m == 2 ? 0.0001 * (1 + i % 3) : 0);
            v[METRIC_SSIM] = 0.9;
            v[METRIC_GAIN_HI] = 0.8;
            v[METRIC_CBI2] = m == 3 && i < 7 ? 0.01 : 1e-5;
            v[METRIC_CB_PEAK] = m == 3 ? 30 : 3;
        }
    }
    struct compare compare = compare_defaults();
    compare.images = images;
    compare.image_count = IMAGES;
    compare.members = members;
    compare.member_count = MEMBERS;
    compare.values = values;
    compare.targets = targets;
    return compare;
}

static const struct contrast *find(const struct comparison *c, int variant, enum metric metric) {
    for (int i = 0; i < c->contrast_count; i++)
        if (c->contrasts[i].variant == variant && c->contrasts[i].metric == metric)
            return &c->contrasts[i];
    return NULL;
}

static void check_analysis(void) {
    struct compare compare = make();
    struct comparison c;
    struct err err = {0};
    CHECK(compare_analyse(&compare, NULL, &c, &err));
    CHECK_INT(c.variant_count, 3);
    CHECK(c.variants[1].first == 1 && c.variants[1].seeds == 2);
    CHECK_INT(c.variants[2].origin, ORIGIN_TRANSPLANTED);
    CHECK_INT(c.variants[2].checkerboards, 7);
    CHECK_INT(c.variants[1].checkerboards, 0);
    CHECK_NEAR(c.variants[0].means[METRIC_SSIM], 0.9, 1e-12);
    CHECK(isnan(c.variants[0].means[METRIC_IOU]));
    CHECK_INT(c.primary_count, 2);
    CHECK_INT(c.contrast_count, 2 + 2 * 2); /* l1 and ssim beside dsnr_hi; gain_hi is descriptive */

    const struct contrast *better = find(&c, 1, METRIC_DSNR_HI);
    CHECK_INT(better->verdict, VERDICT_MORE);
    CHECK_INT(better->paired.interval.method, INTERVAL_HIERARCHICAL);
    CHECK_NEAR(better->paired.mean, 1, 0.02);
    CHECK(better->p_holm == 2 * better->paired.wilcoxon.p); /* both p are the least there is */
    const struct contrast *edited = find(&c, 2, METRIC_DSNR_HI);
    CHECK_INT(edited->verdict, VERDICT_NONE);
    CHECK_NEAR(edited->paired.mean, -2, 1e-12);
    /* Lower is better: the sign is turned. */
    CHECK(find(&c, 1, METRIC_L1)->paired.mean > 0);
    CHECK_INT(find(&c, 1, METRIC_L1)->verdict, VERDICT_MORE_BELOW);
    CHECK_INT(find(&c, 1, METRIC_SSIM)->verdict, VERDICT_IDENTICAL);
    CHECK_INT(find(&c, 2, METRIC_SSIM)->verdict, VERDICT_IDENTICAL); /* a fact, whatever weights */
    CHECK(find(&c, 1, METRIC_GAIN_HI) == NULL);
    comparison_free(&c);
    comparison_free(&c);

    compare.reference = "stride1";
    CHECK(compare_analyse(&compare, NULL, &c, &err));
    CHECK_INT(c.reference, 1);
    CHECK_INT(find(&c, 0, METRIC_DSNR_HI)->verdict, VERDICT_LESS);
    comparison_free(&c);
    compare.reference = "stride3";
    CHECK(!compare_analyse(&compare, NULL, &c, &err));
    CHECK_STR(err.text, "the reference \"stride3\" is not among the variants compared: stride2, "
                        "stride1, edited");
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    comparison_free(&c);
    err_free(&err);
}

static int count(const char *text, const char *what) {
    int n = 0;
    for (; (text = strstr(text, what)); text++) n++;
    return n;
}

static void check_csv(void) {
    struct compare compare = make();
    at(0, 0)[METRIC_L1] = 0;
    at(0, 0)[METRIC_SSIM] = NAN;
    at(1, 0)[METRIC_PSNR] = 31.5;
    images[0] = "=a,b";
    struct text out = {0};
    compare_csv(&compare, &out);
    CHECK(strncmp(out.s,
                  "image,variant,seed,l1,psnr,ssim,dsnr_hi,gain_hi,cbi2,cb_peak\n"
                  "\"'=a,b\",stride2,1,0,inf,,5,0.8,0.00001,3\n",
                  60) == 0);
    CHECK(strstr(out.s, ",stride2,1,0,inf,,5,0.8,"));
    CHECK(strstr(out.s, "image-01,stride2,1,0.05,31.5,0.9,6,0.8,"));
    CHECK(strstr(out.s, "image-01,stride1,2,"));
    CHECK_INT(count(out.s, "\n"), 1 + IMAGES * MEMBERS);
    text_free(&out);
}

static double number(const struct json_node *object, const char *key) {
    const struct json_node *n = json_find(object, key);
    return n && n->type == JSON_NUMBER ? json_number(n) : NAN;
}

static void check_json(void) {
    struct compare compare = make();
    at(2, 1)[METRIC_L1] = 0;
    struct comparison c;
    struct err err = {0};
    CHECK(compare_analyse(&compare, NULL, &c, &err));
    struct text out = {0};
    compare_json(&compare, &c, &out);
    struct json_doc doc = {0};
    struct json_limits limits = {1 << 24, 100000, 32};
    CHECK(json_parse("metrics.json", out.s, out.length, &limits, &doc, &err));
    const struct json_node *root = json_root(&doc);
    CHECK_STR(json_string(json_find(root, "schema")), "stridelab.metrics/1");
    CHECK_STR(json_string(json_find(root, "primary")), "dsnr_hi");
    CHECK_STR(json_string(json_find(root, "reference")), "stride2");
    CHECK_INT(json_find(root, "rows")->count, IMAGES * MEMBERS);
    CHECK_INT(json_find(root, "contrasts")->count, 6);
    const struct json_node *first = json_first(json_find(root, "contrasts"));
    CHECK_STR(json_string(json_find(first, "variant")), "stride1");
    CHECK_STR(json_string(json_find(first, "verdict")), "keeps-more");
    CHECK_NEAR(number(first, "mean"), c.contrasts[0].paired.mean, 0);
    CHECK_NEAR(number(json_find(first, "interval"), "low"), c.contrasts[0].paired.interval.low, 0);
    CHECK_NEAR(number(json_find(first, "wilcoxon"), "p_holm"), c.contrasts[0].p_holm, 0);
    const struct json_node *row = json_first(json_find(root, "rows"));
    CHECK(number(row, "dsnr_hi") == 5 && isnan(number(row, "psnr")));
    CHECK(!json_bool(json_find(row, "identical")));
    CHECK_INT(count(out.s, "\"identical\": true"), 1);
    CHECK_INT(json_find(root, "notes")->count, 2);
    json_free(&doc);
    text_free(&out);
    comparison_free(&c);
    err_free(&err);
}

static char *summary(struct compare *compare) {
    struct comparison c;
    struct err err = {0};
    struct text out = {0};
    CHECK(compare_analyse(compare, NULL, &c, &err));
    compare_summary(compare, &c, &out);
    comparison_free(&c);
    if (getenv("SHOW")) puts(out.s);
    return out.s;
}

static void check_summary(void) {
    struct compare compare = make();
    char *s = summary(&compare);
    CHECK(strstr(s,
                 "24 images, compared with stride2. Primary metric: dsnr_hi, fine detail kept, dB; "
                 "margin 0.5.\n"));
    CHECK(strstr(s, "-> stride1 keeps more than stride2 (trained weights)\n"));
    CHECK(strstr(s, "-> edited is not judged against stride2\n"));
    CHECK(strstr(s, "edited: transplanted weights: descriptive"));
    CHECK(strstr(s, "edited: n_seeds = 1: differences are between these two files, not between the "
                    "two designs\n"));
    CHECK(strstr(s, "stride1: intervals resample training seeds (1 and 2)"));
    CHECK(strstr(s, "edited: 7 of 24 outputs have a checkerboard"));
    CHECK(!strstr(s, "stride1: transplanted"));
    mem_free(s);

    for (int m = 0; m < MEMBERS; m++) members[m].origin = ORIGIN_RANDOM;
    s = summary(&compare);
    CHECK(!strstr(s, "keeps more"));
    CHECK(strstr(s, "stride1, edited: random weights: no quality verdict\n"));
    CHECK(!strstr(s, "n_seeds"));
    mem_free(s);
    for (int m = 0; m < 3; m++) members[m].origin = ORIGIN_TRAINED;
    members[3].origin = ORIGIN_INITIALISED;
    s = summary(&compare);
    CHECK(strstr(s, "edited: weights partly made by \"init\": descriptive"));
    mem_free(s);
    members[3].origin = ORIGIN_TRANSPLANTED;

    compare.image_count = 5;
    s = summary(&compare);
    CHECK(strstr(s, "too few images for a test") && strstr(s, "n < 10: the interval is rough"));
    mem_free(s);

    compare.image_count = IMAGES;
    for (int i = 0; i < IMAGES; i++) at(i, 3)[METRIC_DSNR_HI] = NAN;
    compare.margins[METRIC_DSNR_HI] = 0;
    s = summary(&compare);
    CHECK(strstr(s, "dsnr_hi  no image has a value for both stride2 and edited\n"));
    CHECK(strstr(s, "-> stride1 is not judged against stride2 (trained weights); the metric has no "
                    "margin\n"));
    mem_free(s);

    /* One variant only, and nothing to compare with. */
    compare = make();
    compare.image_count = 5;
    compare.member_count = 1;
    s = summary(&compare);
    CHECK(strstr(s, "There is one variant only.\n"));
    mem_free(s);
    compare = make();
    for (int i = 0; i < IMAGES * MEMBERS; i++)
        for (int m = 0; m < METRIC_COUNT; m++)
            if (m != METRIC_CBI2) values[i * METRIC_COUNT + m] = NAN;
    s = summary(&compare);
    CHECK(strstr(s, "No target was given") == s && strstr(s, "No verdict.\n"));
    mem_free(s);
    compare.image_count = compare.member_count = 0;
    s = summary(&compare);
    CHECK(strstr(s, "No target was given") == s);
    mem_free(s);
}

static void check_details(void) {
    struct compare compare = make();
    struct comparison c;
    struct err err = {0};
    struct text out = {0};
    CHECK(compare_analyse(&compare, NULL, &c, &err));
    compare_details(&compare, &c, &out);
    CHECK(strstr(out.s, "stride1 against stride2, other metrics (Holm over all 4)\n"));
    CHECK(strstr(out.s, "  l1                    0.05     0.0498    +0.0002  "));
    CHECK(strstr(out.s, "  more-below-margin\n") && strstr(out.s, "  identical\n"));
    CHECK(!strstr(out.s, "dsnr_hi") && !strstr(out.s, "gain_hi"));
    text_free(&out);
    comparison_free(&c);
}

/* The same to the bit on any number of threads. */
static void check_threads(void) {
    struct compare compare = make();
    struct comparison a, b;
    struct err err = {0};
    struct pool *pool = pool_create(3);
    CHECK(compare_analyse(&compare, NULL, &a, &err));
    CHECK(compare_analyse(&compare, pool, &b, &err));
    struct text one = {0}, many = {0};
    compare_json(&compare, &a, &one);
    compare_json(&compare, &b, &many);
    CHECK_STR(many.s, one.s);
    text_free(&one);
    text_free(&many);
    comparison_free(&a);
    comparison_free(&b);
    pool_free(pool);
}

static void check_origins(void) {
    enum origin origin = ORIGIN_RANDOM;
    CHECK(compare_origin("transplanted", &origin) && origin == ORIGIN_TRANSPLANTED);
    CHECK(!compare_origin("borrowed", &origin) && origin == ORIGIN_TRANSPLANTED);
}

int main(void) {
    check_origins();
    check_analysis();
    check_csv();
    check_json();
    check_summary();
    check_details();
    check_threads();
    return check_end();
}
