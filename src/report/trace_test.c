/* The trace of zi2zi's variants in its formats. */
#include "report/trace.h"

#include "base/check.h"
#include "base/clock.h"
#include "config/architecture.h"
#include "json/json.h"

static const char text[] =
    "{\"name\": \"t\", \"input\": {\"channels\": 1, \"size\": [256, 256]},"
    "\"output\": {\"channels\": 1, \"activation\": \"tanh\"},"
    "\"style\": {\"mode\": \"expand\", \"count\": 40, \"dim\": 128, \"label\": 0},"
    "\"defaults\": {\"down\": {\"activation\": \"leaky_relu\", \"slope\": 0.2, \"norm\": "
    "\"batch\"},"
    "\"up\": {\"activation\": \"relu\", \"norm\": \"batch\"}},"
    "\"trained_size\": [256, 256],"
    "\"blocks\": [{\"name\": \"outermost\", \"channels\": 64,"
    "\"down\": {\"activation\": \"none\", \"norm\": \"none\"}, \"up\": {\"norm\": \"none\", "
    "\"bias\": true}},"
    "{\"name\": \"b2\", \"channels\": 128}, {\"name\": \"b3\", \"channels\": 256},"
    "{\"name\": \"b4\", \"channels\": 512}, {\"name\": \"b5\", \"channels\": 512},"
    "{\"name\": \"b6\", \"channels\": 512}, {\"name\": \"b7\", \"channels\": 512},"
    "{\"name\": \"inner\", \"channels\": 512, \"down\": {\"norm\": \"none\"}}],"
    "\"weights\": {\"random\": 1},"
    "\"variants\": [{\"name\": \"stride2\"},"
    "{\"name\": \"stride1-up\", \"blocks\": {\"innermost\": {\"up\": {\"stride\": 1}, \"fit\": "
    "\"bilinear\"}}},"
    "{\"name\": \"stride1\", \"blocks\": {\"innermost\": {\"up\": {\"stride\": 1}, \"down\": "
    "{\"stride\": 1}}}},"
    "{\"name\": \"k3\", \"blocks\": {\"innermost\": {\"down\": {\"stride\": 1, \"kernel\": 3}}}},"
    "{\"name\": \"padded\", \"blocks\": {\"*\": {\"fit\": \"bilinear\", \"up\": "
    "{\"output_padding\": 1}}}}]}";

static struct config config;
static const struct config_variant *variants[5];

static bool load(void) {
    struct err err = {0};
    bool ok = config_parse(text, sizeof text - 1, "test.json", ".", NULL, 0, &config, &err);
    if (!ok) printf("%s\n", err.text);
    err_free(&err);
    for (int i = 0; ok && i < 5; i++) variants[i] = &config.variants[i];
    return ok && config.variant_count == 5;
}

static bool has(const struct text *t, const char *part) {
    if (t->s && strstr(t->s, part)) return true;
    printf("missing: %s\n", part);
    return false;
}

static void test_model(void) {
    struct trace t;
    trace_build(variants, 5, (struct extent){0, 0}, &t);
    CHECK(!t.ok);
    CHECK_INT(t.variants[0].size.w, 256);
    CHECK_INT(t.variants[1].equal_to, 0);
    CHECK_INT(t.variants[2].equal_to, 0);
    CHECK_INT(t.variants[3].equal_to, -1);
    CHECK_INT(t.variants[4].equal_to, -1);
    CHECK_INT(t.variants[4].resamples, 8);
    CHECK_INT(t.variants[4].parts_from, 0);
    CHECK_INT(t.variants[4].parting.shared_down, 8);
    CHECK_INT(t.variants[0].facts.parameters, 55461505);
    CHECK(t.variants[0].trained);
    CHECK_INT(t.variants[0].waking, 0);
    CHECK(!t.variants[3].net.ok && trace_is_whole(&t.variants[3]));
    trace_free(&t);
    trace_free(&t);

    trace_build(variants, 5, (struct extent){512, 512}, &t);
    CHECK_INT(t.variants[1].equal_to, -1);
    CHECK_INT(t.variants[0].waking, 7077888);
    trace_free(&t);

    trace_build(variants, 5, (struct extent){100, 100}, &t);
    CHECK(!trace_is_whole(&t.variants[0]));
    trace_free(&t);
}

static void write(enum trace_format format, int size, struct text *out) {
    struct trace t;
    trace_build(variants, 5, (struct extent){size, size}, &t);
    trace_write(&t, format, 80, out);
    trace_free(&t);
}

static void test_table(void) {
    struct text t = {0};
    write(TRACE_TABLE, 256, &t);
    CHECK(has(&t, "\nstride1-up  256x256 -> 1x256x256\n  equal: cannot differ from stride2"));
    CHECK(has(&t, "  inner      512x2x2     k4s2p1  512x1x1     T k4s2p1  512x2x2     ok\n"));
    CHECK(has(&t, "  differs at: 512x512\n"));
    CHECK(has(&t, "k3  256x256: does not fit\n"));
    CHECK(has(&t, "4 != 2\n"));
    CHECK(has(&t, "257 -> 256\n"));
    int width = 0;
    for (const char *s = t.s; *s; s++) {
        width = *s == '\n' ? 0 : width + 1;
        if (width > 80) break;
    }
    CHECK(width <= 80);
    text_free(&t);
    write(TRACE_TABLE, 128, &t);
    CHECK(has(&t, "  error: inner: kernel larger than the padded input"));
    text_free(&t);
}

static const struct json_node *at(const struct json_node *node, int index) {
    node = json_first(node);
    while (index-- > 0 && node) node = json_next(node);
    return node;
}

static void test_json(void) {
    struct text t = {0};
    write(TRACE_JSON, 256, &t);
    struct err err = {0};
    struct json_doc doc = {0};
    struct json_limits limits = {1 << 24, 1 << 20, 16};
    CHECK(json_parse("trace", t.s, t.length, &limits, &doc, &err));
    const struct json_node *root = json_root(&doc);
    CHECK_STR(json_string(json_find(root, "schema")), "stridelab.trace/1");
    const struct json_node *list = json_find(root, "variants");
    CHECK_INT(list->count, 5);
    const struct json_node *first = at(list, 0), *second = at(list, 1), *k3 = at(list, 3);
    char architecture[65];
    architecture_hash(&config.variants[0], architecture);
    CHECK_STR(json_string(json_find(first, "architecture")), architecture);
    CHECK_INT(json_find(first, "equal_to")->type, JSON_NULL);
    CHECK_STR(json_string(json_find(second, "equal_to")), "stride2");
    CHECK_INT(json_number(at(at(json_find(second, "differs_at"), 0), 1)), 512);
    CHECK_INT(json_number(json_find(json_find(first, "macs"), "input")), 5948571648);
    CHECK_INT(json_number(json_find(json_find(first, "macs"), "output")), 17842569216);
    CHECK_INT(json_number(json_find(json_find(first, "macs"), "effective")), 5600281344);
    CHECK(!json_bool(json_find(k3, "ok")));
    CHECK_STR(json_string(json_find(json_find(k3, "error"), "block")), "inner");
    CHECK_INT(json_find(k3, "output")->type, JSON_NULL);
    const struct json_node *inner = at(json_find(k3, "blocks"), 7);
    const struct json_node *join = json_find(inner, "join");
    CHECK_STR(json_string(json_find(join, "status")), "mismatch");
    CHECK_INT(json_number(at(json_find(join, "from"), 1)), 4);
    CHECK_INT(json_number(at(json_find(join, "to"), 2)), 2);
    CHECK_INT(json_number(json_find(at(list, 4), "resamples")), 8);
    const struct json_node *taps = json_find(at(json_find(first, "blocks"), 7), "live_taps");
    CHECK_INT(json_number(json_find(json_find(taps, "down"), "live")), 4);
    json_free(&doc);
    text_free(&t);

    write(TRACE_JSON, 100, &t); /* stopped on the way: totals are null */
    CHECK(json_parse("trace", t.s, t.length, &limits, &doc, &err));
    first = at(json_find(json_root(&doc), "variants"), 0);
    CHECK_INT(json_find(first, "parameters")->type, JSON_NULL);
    CHECK_INT(json_find(at(json_find(first, "blocks"), 7), "in")->type, JSON_NULL);
    json_free(&doc);
    text_free(&t);
    err_free(&err);
}

/* The number of commas of a line outside quotes. */
static int commas(const char *line) {
    int count = 0;
    bool quoted = false;
    for (; *line && *line != '\n'; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void check_csv(const struct text *t, int rows) {
    int lines = 0, want = commas(t->s);
    for (const char *line = t->s; line && *line; line = strchr(line, '\n') + 1, lines++)
        CHECK_INT(commas(line), want);
    CHECK_INT(lines, rows + 1);
}

static void test_csv_and_md(void) {
    static const int sizes[] = {100, 256, 512};
    for (int i = 0; i < 3; i++) {
        struct text t = {0};
        write(TRACE_CSV, sizes[i], &t);
        check_csv(&t, 5 * 8);
        text_free(&t);
    }
    struct text t = {0};
    write(TRACE_MD, 256, &t);
    CHECK(has(&t, "### stride1-up\n"));
    CHECK(has(&t, "| inner | 512x2x2 | k4s2p1 | 512x1x1 |"));
    text_free(&t);
}

static void test_sweep(void) {
    struct text t = {0};
    CHECK(!trace_sweep(variants, 5, 128, 512, 128, TRACE_CSV, 0, &t));
    check_csv(&t, 4 * 5);
    CHECK(has(&t, "512,512,stride1-up,true,,2,2,512,512,1,"));
    text_free(&t);
    CHECK(trace_sweep(variants, 2, 256, 256, 1, TRACE_TABLE, 80, &t));
    CHECK(has(&t, "256x256  stride1-up  1x1   256x256  ok      stride2\n"));
    text_free(&t);
}

static void test_svg(void) {
    struct text t = {0};
    write(TRACE_SVG, 384, &t);
    CHECK(has(&t, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(has(&t, ">concat: 2x2 != 3x3</text>"));
    CHECK(has(&t, " 3x3 bilinear</text>"));
    CHECK(has(&t, "</svg>\n"));
    text_free(&t);
}

/* Many times what is wanted, so that a slow machine passes, and a busy one: 5 ms a trace, 1 ms a
 * size. */
static void test_speed(void) {
    double start = clock_cpu_seconds();
    struct trace t;
    struct text out = {0};
    trace_build(variants, 5, (struct extent){256, 256}, &t);
    trace_write(&t, TRACE_TABLE, 80, &out);
    trace_free(&t);
    text_free(&out);
    CHECK(clock_cpu_seconds() - start < 0.5);
    start = clock_cpu_seconds();
    trace_sweep(variants, 5, 256, 355, 1, TRACE_TABLE, 80, &out);
    CHECK(clock_cpu_seconds() - start < 5);
    text_free(&out);
}

int main(void) {
    CHECK(load());
    if (config.variant_count != 5) return check_end();
    test_model();
    test_table();
    test_json();
    test_csv_and_md();
    test_sweep();
    test_svg();
    test_speed();
    config_free(&config);
    return check_end();
}
