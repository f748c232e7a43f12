/* Baselines: what is refused, what is told, and when the gate fires. */
#include "report/baseline.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "metrics/rng.h"
#include "metrics/stats.h"

static char path[] = "/tmp/stridelab-baseline-XXXXXX";

/* A document whose pieces can be exchanged; NULL leaves out the key. */
struct document {
    const char *schema, *measured, *conditions, *variants;
};

static struct document good(void) {
    return (struct document){
        "\"stridelab.timing/1\"", "\"alone\"",
        "\"machine\": \"m\", \"isa\": \"base\", \"threads\": 2, \"batch\": 1, \"size\": [8, 16], "
        "\"exact\": false",
        "[{ \"name\": \"a\", \"architecture\": \"0123\", "
        "\"seconds_per_image\": { \"samples\": [1e-3, 1.5e-3, 1e-3, 2e-3, 1e-3] } }]"};
}

static bool read_back(struct document d, struct baseline *out, struct err *err) {
    struct text text = {0};
    text_add(&text, "{ \"schema\": %s, \"measured\": %s, %s%s\"variants\": %s }\n", d.schema,
             d.measured, d.conditions, *d.conditions ? ", " : "", d.variants);
    CHECK(file_write(path, text.s, text.length, err));
    text_free(&text);
    return baseline_read(path, out, err);
}

static void check_refused(struct document d, const char *message) {
    struct baseline baseline = {0};
    struct err err = {0};
    CHECK(!read_back(d, &baseline, &err));
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK(err.text && strstr(err.text, message));
    if (err.text && !strstr(err.text, message)) printf("%s\n", err.text);
    baseline_free(&baseline);
    err_free(&err);
}

static void check_variants(const char *variants, const char *message) {
    struct document d = good();
    d.variants = variants;
    check_refused(d, message);
}

#define VARIANT(samples)                                                                           \
    "[{ \"name\": \"a\", \"architecture\": \"0\", \"seconds_per_image\": { \"samples\": " samples  \
    " } }]"

static void check_reading(void) {
    struct baseline baseline = {0};
    struct err err = {0};
    struct document d = good();
    CHECK(read_back(d, &baseline, &err));
    CHECK(baseline.threads == 2 && baseline.batch == 1 && !baseline.exact);
    CHECK(baseline.height == 8 && baseline.width == 16);
    CHECK_INT(baseline.variant_count, 1);
    CHECK_INT(baseline.variants[0].count, 5);
    CHECK(baseline.variants[0].samples[1] == 1.5e-3);
    baseline_free(&baseline);
    baseline_free(&baseline);
    d.schema = "\"stridelab.trace/1\"";
    check_refused(d, ":1:1: $: this is not what `stridelab bench --format json` writes");
    d = good();
    d.measured = "\"together\"";
    check_refused(d, "$.measured: not measured \"alone\"");
    d = good();
    d.conditions = "\"isa\": \"base\"";
    check_refused(d, "$: the key \"exact\" is missing");
    d.conditions = "\"machine\": 1, \"isa\": \"base\", \"threads\": 2, \"batch\": 1, "
                   "\"size\": [8, 16], \"exact\": false";
    check_refused(d, "$.machine: expected a string");
    d.conditions = "\"machine\": \"m\", \"isa\": \"base\", \"threads\": -2, \"batch\": 1, "
                   "\"size\": [8, 16], \"exact\": false";
    check_refused(d, "$.threads: expected a whole number from 1 on");
    d.conditions = "\"machine\": \"m\", \"isa\": \"base\", \"threads\": 2, \"batch\": 1, "
                   "\"size\": [8], \"exact\": false";
    check_refused(d, "$.size: expected [height, width]");
    check_variants("{}", "$.variants: expected an array");
    check_variants("[1]", "$.variants[0]: expected an object");
    check_variants("[{}]", "$.variants[0]: the key \"seconds_per_image\" is missing");
    check_variants(VARIANT("1"), "samples: expected an array");
    check_variants(VARIANT("[]"), "samples: there are no samples");
    check_variants(VARIANT("[1e-3, -1e-3]"), "samples[1]: expected a time in seconds, above 0");
    check_variants(VARIANT("[0]"), "samples[0]: expected a time in seconds, above 0");
    check_variants(VARIANT("[null]"), "samples[0]: expected a time in seconds, above 0");
    check_variants(VARIANT("[\"1\"]"), "samples[0]: expected a time in seconds, above 0");
    check_variants(VARIANT("[1e300]"), "samples[0]: expected a time in seconds, above 0");
    check_variants(VARIANT("[NaN]"), ":1:");
    check_variants(VARIANT("[1e999]"), ":1:");
    check_variants("[", ":");
    char twice[512];
    snprintf(twice, sizeof twice, "%.*s, %s", (int)strlen(VARIANT("[1]")) - 1, VARIANT("[1]"),
             &VARIANT("[1]")[1]);
    check_variants(twice, "$.variants[1]: there are two variants a");
    CHECK(!baseline_read("/nowhere/base.json", &baseline, &err));
    CHECK_INT(err.status, STATUS_IO);
    baseline_free(&baseline);
    err_free(&err);
}

/* One step, one block, samples of one variant "a". */
struct now {
    struct timing_step step;
    struct timing_plan plan;
    struct timing_variant variant;
    struct timing timing;
};

static const int zero[] = {0};

static void now_start(struct now *now) {
    *now = (struct now){.plan = {.step_count = 1}};
    now->variant = (struct timing_variant){
        .name = "a", .architecture = "0123", .plan = &now->plan, .block_of_step = zero};
    now->timing = (struct timing){.machine = "m",
                                  .isa = "base",
                                  .threads = 2,
                                  .batch = 1,
                                  .height = 8,
                                  .width = 16,
                                  .variants = &now->variant,
                                  .variant_count = 1};
}

static void check_told(const struct baseline *baseline, const struct now *now, bool gate,
                       const char *error, const char *doubt) {
    struct err err = {0};
    struct text doubts = {0};
    CHECK(baseline_check(baseline, &now->timing, gate, &doubts, &err) == !error);
    CHECK_INT(err.status, error ? STATUS_BAD_INPUT : STATUS_OK);
    CHECK(error ? strstr(err.text, error) != NULL : err.text == NULL);
    CHECK(doubt ? doubts.s && strstr(doubts.s, doubt) : doubts.length == 0);
    err_free(&err);
    text_free(&doubts);
}

static void check_conditions(void) {
    struct baseline b = {0};
    struct err err = {0};
    struct now now;
    CHECK(read_back(good(), &b, &err));
    now_start(&now);
    check_told(&b, &now, true, NULL, NULL);
    now.timing.machine = "another";
    check_told(&b, &now, true, NULL, "of another machine: m; this one: another\n");
    now_start(&now);
    now.variant.architecture = "4567";
    check_told(&b, &now, true, NULL, "a is another network than in the baseline");
    now_start(&now);
    now.timing.width = 8;
    check_told(&b, &now, false, "is of 8x16, this would be of 8x8: --size 8x16", NULL);
    now_start(&now);
    now.timing.batch = 8;
    check_told(&b, &now, false, "--batch 1", NULL);
    now_start(&now);
    now.timing.threads = 1;
    check_told(&b, &now, false, "ran on 2 threads, this would on 1: --threads 2", NULL);
    now_start(&now);
    now.timing.isa = "avx2";
    check_told(&b, &now, false, "--isa base", NULL);
    now_start(&now);
    now.timing.exact = true;
    check_told(&b, &now, false, "without --exact", NULL);
    now_start(&now);
    now.variant.name = "b";
    check_told(&b, &now, false, "has none of the variants", "only in the baseline: a\n");
    now_start(&now);
    struct timing_variant two[] = {now.variant, now.variant};
    two[1].name = "b";
    now.timing.variants = two;
    now.timing.variant_count = 2;
    check_told(&b, &now, true, NULL, "not in the baseline: b\n");
    now_start(&now);
    b.variants[0].count = 4;
    check_told(&b, &now, true, "has 4 samples of a; a gate needs 5", NULL);
    check_told(&b, &now, false, NULL, NULL);
    baseline_free(&b);
}

/* `count` times around `center` that scatter by 5 %. */
static void draw(struct rng *rng, double center, int count, double *out) {
    for (int i = 0; i < count; i++) {
        double share = ((double)(rng_next(rng) >> 11) + 0.5) * 0x1p-53;
        out[i] = center * exp(0.05 * stats_normal_quantile(share));
    }
}

static struct timing_ratio ratio_of(const double *now_samples, double *then, int count) {
    struct now now;
    struct baseline_variant variant = {"a", "0123", then, count};
    struct baseline baseline = {.path = "then.json", .variants = &variant, .variant_count = 1};
    now_start(&now);
    for (int i = 0; i < count; i++) timing_add(&now.plan, &now_samples[i], 1);
    baseline_relate(&baseline, &now.timing);
    CHECK_STR(now.timing.baseline, "then.json");
    CHECK_NEAR(now.variant.before, stats_median(then, (size_t)count), 0);
    timing_plan_free(&now.plan);
    return now.variant.to_before;
}

/* The gate fires only when the whole interval clears the threshold. */
static void check_gate(void) {
    enum { COUNT = 11, TRIALS = 60 };
    struct rng rng = rng_seed(4);
    double then[COUNT], now[COUNT];
    int even = 0, little = 0, much = 0;
    for (int t = 0; t < TRIALS; t++) {
        draw(&rng, 1e-3, COUNT, then);
        draw(&rng, 1e-3, COUNT, now);
        struct timing_ratio same = ratio_of(now, then, COUNT);
        CHECK(same.low <= same.value && same.value <= same.high);
        even += baseline_slower(same, 5);
        draw(&rng, 1.06e-3, COUNT, now);
        struct timing_ratio slower = ratio_of(now, then, COUNT);
        little += baseline_slower(slower, 5);
        draw(&rng, 1.3e-3, COUNT, now);
        much += baseline_slower(ratio_of(now, then, COUNT), 5);
        struct timing_ratio again = ratio_of(now, then, COUNT), more = ratio_of(now, then, COUNT);
        CHECK(check_same_bits(&again, &more, sizeof again));
    }
    CHECK_INT(even, 0);
    CHECK(little <= TRIALS / 10);
    CHECK_INT(much, TRIALS);
    CHECK(baseline_slower((struct timing_ratio){1.1, 1.051, 1.2}, 5));
    CHECK(!baseline_slower((struct timing_ratio){1.1, 1.05, 1.2}, 5));
    CHECK(!baseline_slower((struct timing_ratio){9, NAN, NAN}, 5));
    struct timing_ratio one = ratio_of(now, then, 1);
    CHECK(one.value > 0 && isnan(one.low) && isnan(one.high));
}

int main(void) {
    int file = mkstemp(path);
    REQUIRE(file >= 0);
    close(file);
    check_reading();
    check_conditions();
    check_gate();
    unlink(path);
    return check_end();
}
