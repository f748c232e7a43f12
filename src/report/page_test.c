/* report.html: whatever names and notes hold stays text, and the parts are there. */
#include "report/page.h"

#include <time.h>

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "config/config_fixture.h"
#include "json/json.h"
#include "report/compare_words.h"
#include "report/page_data.h"
#include "report/page_images.h"

static const char hostile[] = "<script>alert(1)</script>\"'&\n</script><!-- \\";

enum { MEMBERS = 3, MANY = 8 };

struct fixture {
    struct config config;
    struct results results;
    struct trace trace;
    struct compare compare;
    struct comparison comparison;
    struct run_facts facts;
    struct arena arena;
};

static void make_members(struct fixture *f, int members) {
    struct compare_member *compared = arena_alloc(&f->arena, (size_t)members * sizeof *compared);
    struct result_member *m = arena_alloc(&f->arena, (size_t)members * sizeof *m);
    for (int i = 0; i < members; i++) {
        const char *name = f->config.variants[i % f->config.variant_count].name;
        if (i >= f->config.variant_count) name = arena_printf(&f->arena, "more-%d", i);
        m[i] = (struct result_member){.variant = name, .seed = 1, .seed_count = 1, .folder = name};
        m[i].origin = i == 2 ? ORIGIN_TRANSPLANTED : ORIGIN_TRAINED;
        compared[i] = (struct compare_member){name, 1, m[i].origin, name};
    }
    f->results.members = m;
    f->results.member_count = f->compare.member_count = members;
    f->compare.members = compared;
}

/* The second member is 1 dB better on every image, the third 2 dB worse. */
static void make_values(struct fixture *f, int images) {
    struct results *r = &f->results;
    size_t cells = (size_t)images * (size_t)r->member_count;
    r->metrics = arena_alloc(&f->arena, cells * METRIC_COUNT * sizeof *r->metrics);
    r->worst = arena_alloc(&f->arena, cells * sizeof *r->worst);
    r->max_difference = arena_alloc(&f->arena, cells * sizeof *r->max_difference);
    for (size_t c = 0; c < cells * METRIC_COUNT; c++) r->metrics[c] = NAN;
    for (int i = 0; i < images; i++) {
        for (int m = 0; m < r->member_count; m++) {
            double *v = results_metrics(r, i, m);
            *results_difference(r, i, m) = m == 0 ? 0 : 0.25;
            if (!r->has_targets) continue;
            v[METRIC_DSNR_HI] = 5 + i % 5 + (m == 1 ? 1 + 0.01 * (i % 3) : m == 2 ? -2.5 : 0);
            v[METRIC_L1] = m == 0 && i == 0 ? 0 : 0.05;
            *results_worst(r, i, m) = (struct window){4, 4, 8, 10};
        }
    }
    f->compare.values = r->metrics;
}

static void make(struct fixture *f, int members, int images, bool has_targets) {
    *f = (struct fixture){.compare = compare_defaults()};
    f->config = fixture_config(
        FIXTURE(", \"variants\": [{\"name\": \"one\"}, {\"name\": \"two\", \"blocks\": {\"c\": "
                "{\"up\": {\"bias\": true}}}}, {\"name\": \"misfit\", \"blocks\": {\"c\": {\"up\": "
                "{\"stride\": 1}}}}]"),
        NULL, 0);
    struct results *r = &f->results;
    r->config = &f->config;
    r->has_targets = has_targets;
    r->image_count = f->compare.image_count = images;
    r->images = arena_alloc(&f->arena, (size_t)images * sizeof *r->images);
    const char **stems = arena_alloc(&f->arena, (size_t)images * sizeof *stems);
    for (int i = 0; i < images; i++) {
        stems[i] = i ? arena_printf(&f->arena, "image-%d", i) : hostile;
        r->images[i] = (struct result_image){.stem = stems[i],
                                             .dir = "no-such-folder",
                                             .base = "",
                                             .width = 64,
                                             .height = 64,
                                             .has_target = has_targets,
                                             .note = i == 1 ? hostile : NULL,
                                             .label = -1};
    }
    f->compare.images = stems;
    make_members(f, members);
    make_values(f, images);
    const struct config_variant *variants[MEMBERS];
    for (int i = 0; i < MEMBERS; i++) variants[i] = &f->config.variants[i];
    trace_build(variants, MEMBERS, (struct extent){0, 0}, &f->trace);
    struct err err = {0};
    CHECK(compare_analyse(&f->compare, NULL, &f->comparison, &err));
    err_free(&err);
    f->facts = (struct run_facts){.version = "0", .images = hostile, .command = hostile};
}

static void discard(struct fixture *f) {
    comparison_free(&f->comparison);
    trace_free(&f->trace);
    config_free(&f->config);
    arena_free(&f->arena);
}

static struct text write_page(const struct fixture *f) {
    struct text out = {0};
    struct page page = {.results = &f->results,
                        .facts = &f->facts,
                        .trace = &f->trace,
                        .compare = &f->compare,
                        .comparison = &f->comparison};
    page_write(&page, &out);
    return out;
}

static int count(const char *text, const char *part) {
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part)) n++;
    return n;
}

static void check_hostile(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, true);
    f.results.images[2].error = hostile;
    struct text page = write_page(&f);
    CHECK_INT(count(page.s, "<script>"), 1); /* the page's own */
    CHECK_INT(count(page.s, "<script type=\"application/json\" id=\"data\">"), 1);
    CHECK_INT(count(page.s, "</script>"), 2);
    CHECK_INT(count(page.s, "<!--"), 0);
    CHECK_INT(count(page.s, "alert(1)</"), 0);
    CHECK(count(page.s, "&#60;script&#62;alert(1)") > 5);
    CHECK_INT(count(page.s, "src=\"http"), 0);
    CHECK(strstr(page.s, "script-src 'sha256-"));
    text_free(&page);
    discard(&f);
}

static void check_data(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, true);
    struct text data = {0};
    page_data(&f.results, &f.compare, &data);
    CHECK(!strchr(data.s, '<'));
    struct json_doc doc = {0};
    struct json_limits limits = {1 << 20, 100000, 8};
    struct err err = {0};
    CHECK(json_parse("data", data.s, data.length, &limits, &doc, &err));
    CHECK_STR(err.text ? err.text : "", "");
    CHECK_INT(count(data.s, "\"inf\""), 1); /* psnr of the one output equal to its target */
    json_free(&doc);
    err_free(&err);
    text_free(&data);
    discard(&f);
}

static void check_structure(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, true);
    struct text page = write_page(&f);
    CHECK_INT(count(page.s, "<tr data-index="), 12);
    CHECK_INT(count(page.s, "<td data-column=\""), 12 * (MEMBERS + 2));
    CHECK_INT(count(page.s, "class=\"worst\""), 12 * MEMBERS);
    CHECK(strstr(page.s, "c up.bias <b>true</b>"));
    CHECK(strstr(page.s, "c up.bias <b>false</b>")); /* the first's own value */
    CHECK(strstr(page.s, "Better than one: two. Not judged against one: misfit."));
    CHECK(strstr(page.s, "no verdict (transplanted weights). On 12 images"));
    CHECK(strstr(page.s, "<strong>misfit</strong> does not fit and was not run"));
    CHECK(strstr(page.s, "Nothing was timed."));
    CHECK(strstr(page.s, "src=\"two/image-3.png\"")); /* beside the page, as it cannot be read */
    text_free(&page);
    discard(&f);
}

static void check_without_targets(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, false);
    struct text page = write_page(&f);
    CHECK(strstr(page.s, "No verdict on quality: there are no targets to measure against."));
    CHECK(strstr(page.s, "0.25 (31.9 levels)"));
    CHECK_INT(count(page.s, "<td data-column=\"-1\""), 0);
    CHECK(!strstr(page.s, "<h3>Spectra")); /* there are no profiles */
    text_free(&page);
    for (int c = 0; c < 12 * MEMBERS; c++) f.results.max_difference[c] = 0;
    page = write_page(&f);
    CHECK(strstr(page.s, "All 3 variants give the same outputs, bit for bit"));
    text_free(&page);
    discard(&f);
}

/* The target's line, and one for two variants that are equal, under two names. */
static void check_spectra(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, true);
    static struct profile profiles[12 * MEMBERS], targets[12];
    for (int i = 0; i < 12 * MEMBERS; i++) {
        profiles[i].points = 32;
        for (int j = 0; j < 32; j++) {
            profiles[i].power[j] = (int16_t)(-100 * j - (i % MEMBERS == 2 ? 300 : 0));
            profiles[i].frc[j] = (int16_t)(10000 - 300 * j);
        }
        targets[i / MEMBERS] = profiles[0];
    }
    f.compare.profiles = profiles;
    f.compare.target_profiles = targets;
    comparison_free(&f.comparison);
    struct err err = {0};
    CHECK(compare_analyse(&f.compare, NULL, &f.comparison, &err));
    struct text page = write_page(&f), json = {0};
    CHECK_INT(count(page.s, "<figure class=\"spectrum\">"), 3);
    CHECK_INT(count(page.s, "<path class=\"spread target\""), 1);
    CHECK_INT(count(page.s, "<path class=\"spread s0 d0\""), 3);
    CHECK_INT(count(page.s, "<path class=\"spread s1 d0\""), 0); /* is the first's */
    CHECK_INT(count(page.s, "<path class=\"spread s2 d0\""), 2); /* all have one frc */
    CHECK_INT(count(strstr(page.s, "<h3>Spectra"), "<title>two</title>two</text>"), 3);
    CHECK(strstr(page.s, "class=\"num\">-3.00</td></tr>"));
    compare_json(&f.compare, &f.comparison, &json);
    CHECK_INT(count(json.s, "\"gain_db\": {"), MEMBERS);
    text_free(&json);
    text_free(&page);
    for (int i = 0; i < 12 * MEMBERS; i++) /* flat outputs have no power and no gain */
        for (int j = 0; j < 32; j++) profiles[i].power[j] = PROFILE_NONE, profiles[i].frc[j] = 0;
    comparison_free(&f.comparison);
    CHECK(compare_analyse(&f.compare, NULL, &f.comparison, &err));
    page = write_page(&f);
    CHECK_INT(count(page.s, "<figure class=\"spectrum\">"), 2);
    CHECK(!strstr(strstr(page.s, "<h3>Spectra"), ">nan<"));
    text_free(&page);
    discard(&f);
}

static void check_words(void) {
    struct fixture f;
    make(&f, MEMBERS, 12, true);
    struct text words = {0};
    compare_words_contrast(&f.compare, &f.comparison, &f.comparison.contrasts[0], &words);
    CHECK(strstr(words.s, "better than one, by at least the margin of 0.5 dB. On 12 images its "
                          "fine detail kept (dsnr_hi) is "));
    CHECK(strstr(words.s, "better on 12, equal on 0, worse on 0."));
    text_free(&words);
    struct interval interval = {-0.2, 0.2, INTERVAL_BCA};
    CHECK_INT(compare_words_places(&interval), 2);
    interval = (struct interval){-20, 20, INTERVAL_BCA};
    CHECK_INT(compare_words_places(&interval), 0);
    discard(&f);
}

/* 200 images of 8 variants, not counting the reading of their files. */
static void check_speed(void) {
    struct fixture f;
    make(&f, MANY, 200, true);
    clock_t start = clock(); /* processor time: other programs do not count */
    struct text page = write_page(&f);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("200 images x 8 variants: %.0f ms, %zu bytes\n", 1e3 * seconds, page.length);
    CHECK(seconds < 5); /* generous: sanitizers */
    text_free(&page);
    discard(&f);
}

int main(void) {
    check_hostile();
    check_data();
    check_structure();
    check_without_targets();
    check_spectra();
    check_words();
    check_speed();
    return check_end();
}
