/* A trace against itself, and against golden files that say something else. */
#include "report/golden.h"

#include <stdlib.h>

#include "base/check.h"
#include "net/fixture.h"

static struct fixture stride2, stride1;

static void trace_at(int size, struct trace *trace) {
    const struct config_variant *variants[] = {&stride2.variant, &stride1.variant};
    trace_build(variants, 2, square(size), trace);
}

/* The golden text with `from` replaced by `to` where it first stands, compared with the trace. */
static int compare(const struct trace *trace, const char *from, const char *to,
                   struct text *differences) {
    struct text golden = {0}, edited = {0};
    struct golden_result result;
    struct err err = {0};
    trace_json(trace, &golden);
    const char *at = strstr(golden.s, from);
    REQUIRE(at);
    text_write(&edited, golden.s, (size_t)(at - golden.s));
    text_put(&edited, to);
    text_put(&edited, at + strlen(from));
    CHECK(golden_compare("golden.json", edited.s, edited.length, trace, &result, &err));
    if (err.text) printf("%s\n", err.text);
    int count = result.count;
    text_free(differences);
    if (result.count) text_put(differences, result.differences.s);
    golden_free(&result);
    golden_free(&result);
    text_free(&golden);
    text_free(&edited);
    err_free(&err);
    return count;
}

static void test_differences(void) {
    struct trace trace;
    struct text d = {0};
    trace_at(256, &trace);
    CHECK_INT(compare(&trace, "\"schema\"", "\"schema\"", &d), 0);
    CHECK_INT(compare(&trace, "\"decoded\": [512, 4, 4]", "\"decoded\": [512, 3, 3]", &d), 1);
    CHECK_STR(d.s, "stride2: b7: decoded [512, 3, 3] -> [512, 4, 4]\n");
    CHECK_INT(compare(&trace, "\"status\": \"ok\"", "\"status\": \"resampled\"", &d), 1);
    CHECK_STR(d.s, "stride2: b1: join.status \"resampled\" -> \"ok\"\n");
    CHECK_INT(compare(&trace, "\"equal_because\": \"", "\"equal_because\": \"other: ", &d), 0);
    CHECK_INT(compare(&trace, "\"equal_to\": \"stride2\"", "\"equal_to\": null", &d), 1);
    CHECK_STR(d.s, "stride1: equal_to null -> \"stride2\"\n");
    CHECK_INT(compare(&trace, "\"name\": \"stride1\"", "\"name\": \"old\\u001b\"", &d), 2);
    CHECK_STR(d.s, "old\\x1b is no longer there\nstride1 is new\n");
    CHECK_INT(compare(&trace, "\"fit\": \"error\",", "", &d), 0); /* not held, not compared */
    text_free(&d);
    trace_free(&trace);
}

static void test_refused(void) {
    static const char *const texts[] = {"", "{}", "[]", "{\"schema\": \"stridelab.run/1\"}",
                                        "{\"schema\": \"stridelab.trace/1\", \"variants\": 3}"};
    struct trace trace;
    trace_at(256, &trace);
    for (int i = 0; i < 5; i++) {
        struct golden_result result;
        struct err err = {0};
        CHECK(!golden_compare("g.json", texts[i], strlen(texts[i]), &trace, &result, &err));
        CHECK_INT(err.status, STATUS_BAD_INPUT);
        golden_free(&result);
        err_free(&err);
    }
    trace_free(&trace);
}

int main(void) {
    fixture_unet(&stride2, 8, 1);
    fixture_unet(&stride1, 8, 1);
    stride2.variant.name = "stride2";
    stride1.variant.name = "stride1";
    fixture_inner(&stride1)->up.stride = square(1);
    test_differences();
    test_refused();
    return check_end();
}
