#include "json/json.h"

#include "base/check.h"
#include "base/mem.h"
#include "json/json_out.h"

static const struct json_limits limits = {.bytes = 16 << 20, .nodes = 2000000, .depth = 64};

/* The message for `length` bytes of text, "" when it is accepted. */
static const char *message(const char *text, size_t length) {
    static char kept[512];
    struct json_doc doc = {0};
    struct err err = {0};
    bool ok = json_parse("f", text, length, &limits, &doc, &err);
    CHECK(ok == (err.count == 0));
    snprintf(kept, sizeof kept, "%s", err.text ? err.text : "");
    json_free(&doc);
    json_free(&doc);
    err_free(&err);
    return kept;
}

#define REFUSED(text, want) CHECK_STR(message(text, sizeof(text) - 1), want)

static void test_accepted(void) {
    static const char *const good[] = {"0",
                                       "-0",
                                       "1.5e-3",
                                       "1E+2",
                                       "true",
                                       "false",
                                       "null",
                                       "\"\"",
                                       "[]",
                                       "{}",
                                       " [ ] ",
                                       "{\"a\":{\"a\":1},\"b\":[1,2,{\"a\":3}]}",
                                       "\"\\u00e9\\ud83d\\ude00\\\\\\\"\\/\\b\\f\\n\\r\\t\"",
                                       "\t\r\n{\"\xe5\xad\x97\": \"\xf0\x9f\x98\x80\"}\n"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK_STR(message(good[i], strlen(good[i])), "");
}

static void test_refused(void) {
    REFUSED("", "f:1:1: expected a value, but the text ends here");
    REFUSED("  \n ", "f:2:2: expected a value, but the text ends here");
    REFUSED("[1, 2,, 3]", "f:1:7: expected a value");
    REFUSED("[1, 2,]", "f:1:7: expected a value; no comma before ']'");
    REFUSED("{\n \"a\": 1\n \"b\": 2}", "f:3:2: expected ',' or '}'");
    REFUSED("{\"\xe5\xad\x97\" 1}", "f:1:6: expected ':' after the key");
    REFUSED("{\"a\": 1,}", "f:1:9: expected a key; no comma before '}'");
    REFUSED("{a: 1}", "f:1:2: expected a key in double quotes");
    REFUSED("{'a': 1}", "f:1:2: expected a key in double quotes; strings stand in double quotes");
    REFUSED("{// x\n}", "f:1:2: expected a key in double quotes; JSON has no comments (a "
                        "\"$comment\" key is ignored in a config)");
    REFUSED("[1 2]", "f:1:4: expected ',' or ']'");
    REFUSED("{} x", "f:1:4: expected nothing more after the value");
    REFUSED("{}\0", "f:1:3: expected nothing more after the value");
    REFUSED("\xef\xbb\xbf{}",
            "f:1:1: expected a value; save the file as UTF-8 without a byte order mark");
    REFUSED("tru}", "f:1:1: expected a value");
    REFUSED("01", "f:1:1: a number must not start with 0");
    REFUSED("-", "f:1:2: expected a digit, but the text ends here");
    REFUSED("1.", "f:1:3: expected a digit, but the text ends here");
    REFUSED("[1.e1]", "f:1:4: expected a digit");
    REFUSED("[1e+]", "f:1:5: expected a digit");
    REFUSED("+1", "f:1:1: expected a value");
    REFUSED(".5", "f:1:1: expected a value");
    REFUSED("[0, 1e999]", "f:1:5: this number is beyond the range of a double");
    REFUSED("0.0000000000000000000000000000000000000000000000000000000000000000",
            "f:1:1: a number of more than 63 characters");
    REFUSED("\"a\nb\"", "f:1:1: this string is not closed on its line");
    REFUSED("[\"ab", "f:1:2: this string is not closed");
    REFUSED("\"a\tb\"", "f:1:3: control character 0x09 in a string; write it as an escape");
    REFUSED("\"a\0b\"", "f:1:3: control character 0x00 in a string; write it as an escape");
    REFUSED("\"\\x\"", "f:1:2: after \\ comes one of \" \\ / b f n r t u; a backslash itself is "
                       "written \\\\");
    REFUSED("\"\\u12g4\"", "f:1:2: \\u needs four hexadecimal digits");
    REFUSED("\"\\u0000\"", "f:1:2: \\u0000 is not allowed");
    REFUSED("\"\\ud800\"", "f:1:2: a lone surrogate");
    REFUSED("\"\\ud800\\u0041\"", "f:1:2: a lone surrogate");
    REFUSED("\"\\udc00\"", "f:1:2: a lone surrogate");
    REFUSED("\"\xff\"", "f:1:2: this is not UTF-8");
    REFUSED("\"\xc0\x80\"", "f:1:2: this is not UTF-8");
    REFUSED("\"\xed\xa0\x80\"", "f:1:2: this is not UTF-8");
    REFUSED("\"\xe5\xad", "f:1:2: this is not UTF-8");
    REFUSED("{\"a\": 1,\n \"b\": 2,\n \"\\u0061\": 3}",
            "f:3:2: the key \"a\" stands here again (first at line 1, column 2)");
    REFUSED("[{\"x\":{\"c\":1,\"b\":1,\"b\":2,\"c\":3}}]",
            "f:1:20: the key \"b\" stands here again (first at line 1, column 14)");
    CHECK_STR(message("{\"a\":1,\"A\":2}", 13), ""); /* keys are told apart by case */
}

static void test_limits(void) {
    char deep[140];
    for (int depth = 64; depth <= 65; depth++) {
        memset(deep, '[', (size_t)depth);
        memset(deep + depth, ']', (size_t)depth);
        CHECK_STR(message(deep, (size_t)(2 * depth)),
                  depth == 64 ? "" : "f:1:65: nested deeper than 64 levels");
    }
    struct json_limits few = {.bytes = 10, .nodes = 3, .depth = 64};
    struct json_doc doc = {0};
    struct err err = {0};
    CHECK(!json_parse("f", "[1,2,3]", 7, &few, &doc, &err));
    CHECK_STR(err.text, "f:1:6: more than 3 values");
    CHECK_INT(err.status, STATUS_LIMIT);
    err_free(&err);
    json_free(&doc);
    CHECK(!json_parse("f", "[          ]", 12, &few, &doc, &err));
    CHECK_STR(err.text, "f: 12 bytes of JSON; at most 10 are read");
    err_free(&err);
    json_free(&doc);
}

/* Every prefix of a text that is no value by itself is refused. */
static void test_truncation(void) {
    static const char text[] =
        "{\"a\": [1, 2.5e3, true, null, \"\\u00e9\\ud83d\\ude00\"], \"\xe5\xad\x97\": {\"b\": -0}}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *cut = mem_alloc(n); /* of the exact size, for the address sanitizer */
        memcpy(cut, text, n);
        CHECK(*message(cut, n));
        mem_free(cut);
    }
    CHECK_STR(message(text, sizeof text - 1), "");
}

static void test_nodes(void) {
    static const char text[] = "{\"a\": [10, {\"b\": \"x\\ny\"}, []],\n"
                               " \"\xe5\xad\x97\": 18446744073709551615, \"*\": {\"w\": 1e2}}";
    struct json_doc doc = {0};
    struct err err = {0};
    CHECK(json_parse("f", text, sizeof text - 1, &limits, &doc, &err));
    const struct json_node *root = json_root(&doc);
    CHECK_INT(root->count, 3);
    CHECK(!json_parent(root) && !json_next(root));
    const struct json_node *a = json_find(root, "a");
    CHECK_INT(a->count, 3);
    CHECK_STR(json_key(a), "a");
    const struct json_node *element = json_first(a);
    CHECK_NEAR(json_number(element), 10, 0);
    element = json_next(element);
    const struct json_node *b = json_find(element, "b");
    CHECK_STR(json_string(b), "x\ny");
    CHECK(!json_find(element, "B"));
    struct text t = {0};
    json_path(b, &t);
    CHECK_STR(t.s, "$.a[1].b");
    text_free(&t);
    json_excerpt(element, 7, &t);
    CHECK_STR(t.s, "{\"b\": \"...");
    text_free(&t);
    json_excerpt(root, 44, &t); /* the line break is a space */
    CHECK_STR(t.s, "{\"a\": [10, {\"b\": \"x\\ny\"}, []], \"\xe5\xad\x97\": 184467...");
    text_free(&t);
    element = json_next(element);
    CHECK(element->type == JSON_ARRAY && !json_first(element) && !json_next(element));
    const struct json_node *big = json_next(a);
    struct json_place place = json_place(&doc, big->start);
    CHECK_INT(place.line, 2);
    CHECK_INT(place.column, 7);
    uint64_t u = 0;
    int64_t i = 0;
    CHECK(json_u64(big, &u) && u == UINT64_MAX);
    CHECK(!json_integer(big, &i));
    const struct json_node *w = json_first(json_next(big));
    json_path(w, &t);
    CHECK_STR(t.s, "$[\"*\"].w");
    text_free(&t);
    CHECK(!json_u64(w, &u));
    CHECK(json_integer(w, &i) && i == 100);
    CHECK(!json_next(json_next(big)));
    json_free(&doc);

    static const char *const not_u64[] = {"-1",    "1.0", "1e1", "18446744073709551616",
                                          "\"1\"", "-0"};
    for (size_t k = 0; k < sizeof not_u64 / sizeof *not_u64; k++) {
        CHECK(json_parse("f", not_u64[k], strlen(not_u64[k]), &limits, &doc, &err));
        CHECK(!json_u64(json_root(&doc), &u));
        json_free(&doc);
    }
    CHECK(json_parse("f", "9007199254740993", 16, &limits, &doc, &err));
    CHECK(json_u64(json_root(&doc), &u) && u == 9007199254740993u);
    json_free(&doc);
    err_free(&err);
}

/* A header of many tensors must take a moment, not minutes. */
static void test_large(int count, bool twice) {
    struct text t = {0};
    text_put(&t, "{");
    for (int i = 0; i < count; i++)
        text_add(&t, "%s\"layer.%d.w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[%d,%d]}",
                 i ? "," : "", i, 12 * i, 12 * i + 12);
    if (twice) text_put(&t, ",\"layer.5.w\":1");
    text_put(&t, "}");
    struct json_doc doc = {0};
    struct err err = {0};
    CHECK(json_parse("f", t.s, t.length, &limits, &doc, &err) == !twice);
    if (twice) {
        CHECK(err.text && strstr(err.text, "the key \"layer.5.w\" stands here again"));
    } else {
        int n = 0;
        for (const struct json_node *m = json_first(json_root(&doc)); m; m = json_next(m))
            n += m->count == 3 && json_number(json_first(json_find(m, "data_offsets"))) == 12.0 * n;
        CHECK_INT(n, count);
    }
    json_free(&doc);
    err_free(&err);
    text_free(&t);
}

static void test_out(void) {
    struct text t = {0};
    struct json_out o = json_out_start(&t);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "name"), "a \"b\"\n");
    json_out_array(json_out_key(&o, "shape"));
    json_out_int(&o, 512);
    json_out_int(&o, -4);
    json_out_double(&o, 0.1);
    json_out_end(&o);
    json_out_array(json_out_key(&o, "empty"));
    json_out_end(&o);
    json_out_array(json_out_key(&o, "rows"));
    for (int i = 0; i < 2; i++) {
        json_out_object(json_out_line(&o));
        json_out_bool(json_out_key(&o, "ok"), i);
        json_out_array(json_out_key(&o, "none"));
        json_out_null(&o);
        json_out_end(&o);
        json_out_object(json_out_key(&o, "in"));
        json_out_end(&o);
        json_out_end(&o);
    }
    json_out_end(&o);
    json_out_array(json_out_key(&o, "long"));
    for (int i = 0; i < 2; i++)
        json_out_string(&o, "fifty columns of text, which do not fit twice there");
    json_out_end(&o);
    json_out_uint(json_out_key(&o, "big"), UINT64_MAX);
    json_out_double(json_out_key(&o, "nan"), NAN);
    json_out_string(json_out_key(&o, "null"), NULL);
    json_out_end(&o);
    CHECK_STR(t.s, "{\n"
                   "  \"name\": \"a \\\"b\\\"\\n\",\n"
                   "  \"shape\": [512, -4, 0.1],\n"
                   "  \"empty\": [],\n"
                   "  \"rows\": [\n"
                   "    { \"ok\": false, \"none\": [null], \"in\": {} },\n"
                   "    { \"ok\": true, \"none\": [null], \"in\": {} }\n"
                   "  ],\n"
                   "  \"long\": [\n"
                   "    \"fifty columns of text, which do not fit twice there\",\n"
                   "    \"fifty columns of text, which do not fit twice there\"\n"
                   "  ],\n"
                   "  \"big\": 18446744073709551615,\n"
                   "  \"nan\": null,\n"
                   "  \"null\": null\n"
                   "}\n");
    CHECK_STR(message(t.s, t.length), "");
    text_free(&t);
}

int main(void) {
    test_accepted();
    test_refused();
    test_limits();
    test_truncation();
    test_nodes();
    test_large(30000, false);
    test_large(30000, true);
    test_out();
    return check_end();
}
