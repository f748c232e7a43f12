/* The probe's document: its numbers as JSON and CSV, and what it says in words. */
#include "report/probe.h"

#include "base/check.h"
#include "base/mem.h"
#include "json/json.h"

static const double NO_BAND[BAND_COUNT] = {NAN, NAN, NAN};

static bool has(const struct text *text, const char *words) {
    return text->s && strstr(text->s, words) != NULL;
}

static void test_means(void) {
    struct probe_change c = {0};
    double dsnr[BAND_COUNT] = {10, NAN, 30}, more[BAND_COUNT] = {20, NAN, NAN};
    probe_add_change(&c, 1, 5, dsnr);
    probe_add_change(&c, 2, 4, more);
    CHECK_INT(c.images, 2);
    CHECK_NEAR(c.levels, 1.5, 1e-15);
    CHECK_NEAR(c.max, 5, 0);
    CHECK_NEAR(c.dsnr[BAND_LO], 15, 1e-15);
    CHECK_INT(c.dsnr_images[BAND_MID], 0);
    CHECK_NEAR(c.dsnr[BAND_HI], 30, 0);
    struct probe_step step = {0};
    probe_add_step(&step, 0, 0);
    CHECK(!step.differs);
    probe_add_step(&step, 0.5, 2);
    CHECK(step.differs);
    CHECK_NEAR(step.mean, 0.25, 1e-15);
    CHECK_NEAR(step.max, 2, 0);
}

/* Two variants of two blocks; the second is the first but for the inner block. */
struct example {
    struct probe probe;
    struct probe_variant variants[3];
    struct probe_block a, b;
    struct probe_step steps[6];
    const char *images[2];
};

static void example_make(struct example *e) {
    *e = (struct example){0};
    e->images[0] = "one";
    e->images[1] = "t\"wo";
    e->a = (struct probe_block){.name = "inner", .shape = {8, 4, 4}};
    e->b = e->a;
    e->b.alone = true;
    probe_add_change(&e->a.changes[PROBE_ZERO], 0.125, 0.25, NO_BAND);
    probe_add_change(&e->b.changes[PROBE_ZERO], 2, 40, (double[]){3, 2, 1});
    probe_add_change(&e->b.changes[PROBE_SHUFFLE], 1, 30, NO_BAND);
    struct shape small = {8, 3, 3}, large = {8, 4, 4};
    e->steps[0] = (struct probe_step){.block = "outer", .stage = "encoded", .same = true};
    e->steps[1] = (struct probe_step){.block = "outer", .stage = "decoded"};
    e->steps[2] = (struct probe_step){.block = "outer", .stage = "joined"};
    e->steps[3] = (struct probe_step){.block = "inner", .stage = "encoded", .same = true};
    e->steps[4] = (struct probe_step){
        .block = "inner", .stage = "decoded", .shape = small, .reference = large, .differs = true};
    e->steps[5] = (struct probe_step){.block = "inner", .stage = "joined"};
    probe_add_step(&e->steps[1], 0.03, 0.3);
    probe_add_step(&e->steps[2], 0.02, 0.2);
    probe_add_step(&e->steps[5], 0.5, 5);
    e->variants[0] = (struct probe_variant){
        .name = "base", .seed = 1, .seeds = 1, .blocks = &e->a, .block_count = 1};
    e->variants[1] = (struct probe_variant){.name = "other",
                                            .seed = 2,
                                            .seeds = 2,
                                            .blocks = &e->b,
                                            .block_count = 1,
                                            .steps = e->steps,
                                            .step_count = 6};
    e->variants[2] = (struct probe_variant){.name = "twin",
                                            .seed = 1,
                                            .seeds = 1,
                                            .runs_as = "base",
                                            .blocks = &e->a,
                                            .block_count = 1,
                                            .steps = e->steps,
                                            .step_count = 6};
    probe_add_change(&e->variants[1].output, 1.5, 33, NO_BAND);
    e->probe = (struct probe){.reference = "base",
                              .images = e->images,
                              .image_count = 2,
                              .available = 9,
                              .sampled = true,
                              .variants = e->variants,
                              .variant_count = 3};
}

static void add_norms(struct probe_variant *variant, double running, double image, double batch) {
    double l1[PROBE_NORMS] = {running, image, batch};
    variant->batch_norms = 3;
    for (int n = 0; n < PROBE_NORMS; n++) {
        probe_add_change(&variant->norms[n].change, n, 3 * n, NO_BAND);
        probe_add_l1(&variant->norms[n], l1[n]);
    }
}

static void test_words(void) {
    struct example e;
    struct text out = {0};
    example_make(&e);
    CHECK_NEAR(probe_bound(&e.probe, &e.b), 2.125, 1e-15);
    CHECK(isnan(probe_bound(&e.probe, &e.a)));
    probe_table(&e.probe, false, &out);
    CHECK(has(&out, "2 of 9 images, evenly spread: one, t\"wo\n"));
    CHECK(has(&out, "base: zeros in place of inner's result move the output by 0.125"));
    CHECK(has(&out, "less than the rounding to 8"));
    CHECK(has(&out, "other seed 2: zeros in place"));
    CHECK(has(&out, "other seed 2 and base are one computation but for inner's result"));
    CHECK(has(&out, "2.12 levels together") || has(&out, "2.13 levels together"));
    CHECK(has(&out, "They part at inner, decoded. Joined with the skips: 0.5 at inner, 0.02 at"));
    CHECK(has(&out, "8x3x3 for 8x4x4"));
    CHECK(has(&out, "They are one computation: nothing can differ."));
    CHECK(has(&out, "as base"));
    CHECK(!has(&out, "Batch norm"));
    CHECK(!has(&out, "nan"));
    for (const char *line = out.s; line && *line; line = strchr(line, '\n') + 1)
        CHECK(strcspn(line, "\n") <= 100);
    text_free(&out);

    add_norms(&e.variants[0], 0.05, 0.03, 0.04);
    probe_table(&e.probe, true, &out);
    CHECK(has(&out, "## Batch norm"));
    CHECK(has(&out, "base is nearest to its targets with \"norm\": \"batch_stats\""));
    text_free(&out);

    /* Random weights want nothing; one position has no statistics. */
    e.variants[0].origin = ORIGIN_RANDOM;
    e.variants[0].single = 1;
    e.variants[0].norms[PROBE_IMAGE] = (struct probe_norm_mode){0};
    probe_table(&e.probe, false, &out);
    CHECK(!has(&out, "nearest"));
    CHECK(has(&out, "1 of its 3 batch norms see one position"));
    text_free(&out);
}

static void test_json(void) {
    struct example e;
    struct text out = {0};
    example_make(&e);
    add_norms(&e.variants[1], NAN, NAN, NAN);
    probe_json(&e.probe, &out);
    struct err err = {0};
    struct json_limits limits = {.bytes = 1 << 20, .nodes = 10000, .depth = 64};
    struct json_doc doc;
    CHECK(json_parse("probe", out.s, out.length, &limits, &doc, &err));
    json_free(&doc);
    CHECK(has(&out, "\"schema\": \"stridelab.probe/1\""));
    CHECK(has(&out, "\"zero\": { \"images\": 1, \"levels\": 2, \"contribution\": 0.0078431372549"));
    CHECK(has(&out, "\"mean\": null"));
    CHECK(has(&out, "\"bound\": 2.125"));
    CHECK(has(&out, "\"bound\": null"));
    CHECK(has(&out, "\"stage\": \"decoded\", \"status\": \"shapes differ\", \"shape\": [8, 3, 3]"));
    CHECK(has(&out, "\"status\": \"same computation\""));
    CHECK(has(&out, "\"runs_as\": \"base\""));
    CHECK(has(&out, "\"l1\": null"));
    text_free(&out);
}

static void test_csv(void) {
    struct example e;
    struct text out = {0};
    example_make(&e);
    add_norms(&e.variants[0], 0.5, 0.25, 0.125);
    probe_csv(&e.probe, &out);
    CHECK(has(&out, "base,1,block,inner,zero,1,0.125,0.25,,,,\n"));
    CHECK(has(&out, "other,2,block,inner,zero,1,2,40,3,2,1,\n"));
    CHECK(has(&out, "other,2,block,inner,mean,0,,,,,,\n"));
    CHECK(has(&out, "other,2,parting,inner,encoded,0,0,0,,,,\n"));
    CHECK(has(&out, "other,2,parting,inner,decoded,0,,,,,,\n"));
    CHECK(has(&out, "base,1,norm,,image,1,1,3,,,,0.25\n"));
    for (const char *line = out.s; line && *line; line = strchr(line, '\n') + 1) {
        int commas = 0;
        for (const char *p = line; *p != '\n'; p++) commas += *p == ',';
        CHECK_INT(commas, 11);
    }
    text_free(&out);
}

int main(void) {
    test_means();
    test_words();
    test_json();
    test_csv();
    return check_end();
}
