/* Times from synthetic samples: summaries, ratios, doubts, and the documents. */
#include "report/timing.h"

#include "base/check.h"
#include "base/mem.h"
#include "json/json.h"

#define ROUNDS 9

/* Two variants of two steps, one a block, each measured alone. */
struct sample {
    struct timing_step steps[2];
    struct timing_plan plans[3];
    struct timing_variant variants[2];
    struct timing timing;
};

static const int blocks[] = {0, 1}, users[] = {1, 1};
static const char *const names[] = {"outermost", "innermost"};

static void sample_start(struct sample *s) {
    *s = (struct sample){.steps = {{"conv", "f2x2", 1e6, 2e6}, {"activation", "output", 0, 0}}};
    static const char *const variants[] = {"a", "b"};
    for (int p = 0; p < 3; p++) {
        s->plans[p] = (struct timing_plan){.step_count = 2};
        s->plans[p].steps = mem_array(2, sizeof *s->plans[p].steps);
        memcpy(s->plans[p].steps, s->steps, sizeof s->steps);
    }
    for (int v = 0; v < 2; v++)
        s->variants[v] = (struct timing_variant){.name = variants[v],
                                                 .architecture = "0123",
                                                 .plan = &s->plans[v],
                                                 .block_of_step = blocks,
                                                 .users_of_step = users,
                                                 .block_names = names,
                                                 .block_count = 2,
                                                 .effective = 2e6};
    s->timing = (struct timing){.measured = "alone",
                                .machine = "a machine",
                                .isa = "base",
                                .threads = 2,
                                .batch = 1,
                                .height = 8,
                                .width = 16,
                                .variants = s->variants,
                                .variant_count = 2,
                                .together = &s->plans[2]};
}

/* A round: seconds of each variant, three quarters of them in its first step. */
static void sample_round(struct sample *s, double a, double b) {
    double both[] = {a, b, a + b};
    for (int p = 0; p < 3; p++) {
        double seconds[] = {0.75 * both[p], 0.25 * both[p]};
        timing_add(&s->plans[p], seconds, 1);
    }
}

static void sample_end(struct sample *s) {
    for (int p = 0; p < 3; p++) timing_plan_free(&s->plans[p]);
}

static void check_summary(void) {
    const double v[] = {1, 2, 3, 4, 5, 6, 7, 8, 100};
    struct timing_summary t = timing_summarize(v, 9);
    CHECK(t.median == 5 && t.min == 1);
    CHECK_NEAR(t.p95, 63.2, 1e-12);
    CHECK_NEAR(t.spread, 4.0 / 5, 1e-15); /* quartiles 3 and 7 */
    CHECK_INT(t.outliers, 1);             /* above 7 + 3 * 4 = 19 */
    CHECK_INT(timing_summarize(v, 8).outliers, 0);
    CHECK(timing_summarize(v, 0).median == 0);
    CHECK(timing_rate(1e9, 0.5) == 4e9 && timing_rate(1, 0) == 0);
}

/* The machine slows down by half on the way: both times scatter, their ratio does not. */
static void check_ratio(void) {
    struct sample s;
    sample_start(&s);
    for (int i = 0; i < ROUNDS; i++) {
        double drift = i < 4 ? 1 : 1.5;
        sample_round(&s, 2e-3 * drift, 3e-3 * drift * (1 + 0.01 * (i % 3 - 1)));
    }
    timing_relate(&s.timing, 0);
    CHECK_STR(s.timing.reference, "a");
    CHECK(s.variants[0].ratio.value == 1 && s.variants[0].ratio.low == 1);
    CHECK_NEAR(s.variants[1].ratio.value, 1.5, 1e-12);
    CHECK(s.variants[1].ratio.low >= 1.484 && s.variants[1].ratio.low <= 1.5);
    CHECK(s.variants[1].ratio.high >= 1.5 && s.variants[1].ratio.high <= 1.516);
    CHECK_NEAR(s.timing.together_ratio.value, 2.5, 1e-12);
    CHECK_NEAR(s.timing.together_share.value, 1, 1e-12);
    struct timing_ratio first = s.variants[1].ratio;
    timing_relate(&s.timing, 0);
    CHECK(check_same_bits(&first, &s.variants[1].ratio, sizeof first));
    timing_relate(&s.timing, 1);
    CHECK_NEAR(s.variants[0].ratio.value, 1 / 1.5, 1e-12);
    CHECK(s.variants[1].ratio.value == 1);
    sample_end(&s);
}

static void check_few(void) {
    struct sample s;
    sample_start(&s);
    timing_relate(&s.timing, 0); /* interrupted before the first round */
    CHECK(s.variants[1].ratio.value == 0 && s.timing.together_ratio.value == 0);
    CHECK(s.timing.together_share.value == 0);
    sample_round(&s, 1e-3, 2e-3);
    timing_relate(&s.timing, 0);
    CHECK(s.variants[1].ratio.value == 2 && isnan(s.variants[1].ratio.low));
    sample_end(&s);
}

static bool doubts(struct sample *s, const char *what) {
    struct text text = {0};
    timing_doubts(&s->timing, &text);
    bool found = what ? text.s && strstr(text.s, what) : text.length == 0;
    text_free(&text);
    return found;
}

static void check_doubts(void) {
    struct sample s;
    sample_start(&s);
    for (int i = 0; i < ROUNDS; i++) sample_round(&s, 1e-3 + 1e-5 * i, 2e-3);
    s.timing.load = (struct timing_load){1, 1.9, 1.5, 3, 2};
    CHECK(doubts(&s, NULL));
    s.timing.load.load_average = 2.5;
    CHECK(doubts(&s, "contention: the load average was 2.5 on 2 cores before this began\n"));
    s.timing.load = (struct timing_load){1, 1.9, -1, 40, 2};
    CHECK(doubts(&s, "contention: the system took a core away 40 times in 1.00 s\n"));
    s.timing.load = (struct timing_load){1, 1.2, -1, 0, 2};
    CHECK(
        doubts(&s, "contention, or too little work for 2 threads: they ran for 60 % of the time"));
    s.timing.load = (struct timing_load){0};
    s.timing.baseline_doubts = "the baseline is old\n";
    CHECK(doubts(&s, "the baseline is old\n"));
    s.timing.baseline_doubts = NULL;
    sample_round(&s, 1e-3, 3e-3);
    CHECK(doubts(&s, "interquartile ranges): b 1 of 10, all together 1 of 10\n"));
    for (int i = 0; i < ROUNDS; i++) sample_round(&s, i % 2 ? 1e-3 : 2e-3, 2e-3);
    CHECK(doubts(&s, "10 % of the median): a "));
    s.variants[0].runs_as = "c"; /* then it is told there */
    CHECK(!doubts(&s, "median): a "));
    sample_end(&s);
}

static const struct json_node *at(const struct json_node *node, const char *key) {
    node = json_find(node, key);
    CHECK(node != NULL);
    return node;
}

static void check_json(void) {
    struct sample s;
    struct text text = {0};
    struct json_doc doc = {0};
    struct err err = {0};
    sample_start(&s);
    for (int i = 0; i < ROUNDS; i++) sample_round(&s, 2e-3, 4e-3);
    s.timing.peak = 4e9;
    timing_relate(&s.timing, 0);
    timing_write_json(&s.timing, &text);
    struct json_limits limits = {1 << 20, 1 << 16, 16};
    CHECK(json_parse("timing", text.s, text.length, &limits, &doc, &err));
    const struct json_node *root = json_root(&doc);
    CHECK_STR(json_string(at(root, "schema")), "stridelab.timing/1");
    CHECK_STR(json_string(at(root, "reference")), "a");
    CHECK(json_number(at(root, "peak_gflops")) == 4);
    CHECK_INT(at(root, "load")->type, JSON_NULL);
    CHECK_INT(at(root, "warnings")->count, 0);
    const struct json_node *b = json_next(json_first(at(root, "variants")));
    CHECK_NEAR(json_number(at(b, "gflops")), 1, 1e-12); /* 2 * 2e6 / 4 ms */
    CHECK_NEAR(json_number(at(b, "of_peak")), 0.25, 1e-12);
    CHECK_NEAR(json_number(at(at(b, "ratio"), "median")), 2, 1e-12);
    CHECK_INT(at(b, "to_baseline")->type, JSON_NULL);
    CHECK_INT(at(at(b, "seconds_per_image"), "samples")->count, ROUNDS);
    const struct json_node *block = json_first(at(b, "blocks"));
    CHECK_NEAR(json_number(at(block, "seconds")), 3e-3, 1e-15);
    const struct json_node *op = json_first(at(block, "operations"));
    CHECK_STR(json_string(at(op, "algorithm")), "f2x2");
    CHECK(json_number(at(op, "macs_effective")) == 2e6);
    CHECK(json_number(at(op, "macs_executed")) == 1e6);
    json_free(&doc);
    text_free(&text);
    err_free(&err);
    sample_end(&s);
}

static void check_text(void) {
    struct sample s;
    struct text text = {0};
    sample_start(&s);
    for (int i = 0; i < ROUNDS; i++) sample_round(&s, 2e-3, 4e-3 + 1e-6 * i);
    s.timing.peak = 4e9;
    timing_relate(&s.timing, 0);
    timing_write_table(&s.timing, false, &text);
    CHECK(strstr(text.s,
                 "b                              4.00       4.00       4.01    2.00    2.00 to "
                 "2.00       1.0     25 %\n"));
    CHECK(strstr(text.s, "ratio: to a, ") && strstr(text.s, "of peak: of 4.0 GFLOP/s"));
    CHECK(strstr(text.s, " 1.00 of the sum\n"));
    CHECK(!strstr(text.s, " \n"));
    text_free(&text);
    timing_write_table(&s.timing, true, &text);
    CHECK(strstr(text.s, "|   1.00 |                |      2.0 |    50 % |  |\n"));
    text_free(&text);
    timing_write_steps(&s.timing, &text);
    CHECK(strstr(text.s, "  innermost                                  1.001     25 %\n"
                         "    activation       output                  1.001     25 %\n"));
    CHECK(strstr(text.s,
                 "    conv             f2x2                    1.500     75 %       2.7     "
                 "67 %\n"));
    text_free(&text);
    timing_write_csv(&s.timing, &text);
    CHECK(strstr(text.s, "\na,outermost,conv,f2x2,0.0015,2000000,1000000,2.66666"));
    text_free(&text);
    sample_end(&s);
}

int main(void) {
    check_summary();
    check_ratio();
    check_few();
    check_doubts();
    check_json();
    check_text();
    return check_end();
}
