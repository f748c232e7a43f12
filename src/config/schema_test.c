#include "config/schema.h"

#include "base/check.h"
#include "base/file.h"

static void parse(const char *text, size_t length, struct json_doc *doc) {
    const struct json_limits limits = {.bytes = 1 << 20, .nodes = 100000, .depth = 64};
    struct err err = {0};
    CHECK(json_parse("schema", text, length, &limits, doc, &err));
    err_free(&err);
}

/* Every standard value of the tables is one that its type allows, and every key has words. */
static void check_table(const struct type *type, int depth) {
    CHECK(depth < 16);
    for (const struct key *key = type->keys; key && key->name; key++) {
        if (!key->doc && !key->type->doc) printf("no words for %s\n", key->name);
        CHECK(key->doc || key->type->doc);
        if (key->standard) {
            struct json_doc doc = {0};
            parse(key->standard, strlen(key->standard), &doc);
            const struct json_node *root = json_root(&doc);
            const struct type *chosen =
                key->type->kind == KIND_EITHER ? schema_choose(key->type, root) : key->type;
            CHECK(chosen != NULL);
            if (chosen && chosen->kind == KIND_WORD)
                CHECK(schema_word(chosen->words, json_string(root)) >= 0);
            json_free(&doc);
        }
        check_table(key->type, depth + 1);
    }
    if (type->of) check_table(type->of, depth + 1);
    for (int i = 0; type->any && type->any[i]; i++) check_table(type->any[i], depth + 1);
}

static void test_shipped(void) {
    struct text schema = {0};
    struct bytes file = {0};
    struct err err = {0};
    config_schema(&schema);
    CHECK(file_read("configs/stridelab.schema.json", 1 << 20, &file, &err));
    CHECK(file.size == schema.length && memcmp(file.data, schema.s, file.size) == 0);
    struct json_doc doc = {0};
    parse(schema.s, schema.length, &doc);
    const struct json_node *definitions = json_find(json_root(&doc), "definitions");
    CHECK(json_find(definitions, "block") && json_find(definitions, "up"));
    json_free(&doc);
    bytes_free(&file);
    text_free(&schema);
    err_free(&err);
}

/* A row of the guide begins with the key's path, and gives its standard value where it has one. */
static void check_row(const char *guide, const char *object, const struct key *key) {
    struct text row = {0};
    bool anywhere = strcmp(key->name, "op") == 0 || strcmp(key->name, "as") == 0 ||
                    strcmp(key->name, "$comment") == 0;
    text_put(&row, "| `");
    if (object && !anywhere) text_add(&row, "%s.", object);
    text_add(&row, "%s` |", key->name);
    if (key->standard) {
        bool quoted = key->standard[0] == '"';
        text_add(&row, " `%.*s` |", (int)strlen(key->standard) - 2 * quoted,
                 key->standard + quoted);
    }
    if (!strstr(guide, row.s)) printf("configs/GUIDE.md has no row %s\n", row.s);
    CHECK(strstr(guide, row.s) != NULL);
    text_free(&row);
}

static void check_word(const char *guide, const char *word) {
    char marked[64];
    snprintf(marked, sizeof marked, "`%s`", word);
    if (!strstr(guide, marked)) printf("configs/GUIDE.md has no %s\n", marked);
    CHECK(strstr(guide, marked) != NULL);
}

/* Every key of the objects below `type`, which stands at the key `object`, and every word that a
 * value can be. A block's keys stand without a path: `--set` takes them behind "defaults." too. */
static void check_guide(const char *guide, const struct type *type, const char *object) {
    static const char *const unnamed[] = {"defaults", "blocks", "variants"};
    for (int i = 0; object && i < 3; i++)
        if (strcmp(object, unnamed[i]) == 0) object = NULL;
    for (int i = 0; type->words && type->words[i]; i++) check_word(guide, type->words[i]);
    for (const struct key *key = type->keys; key && key->name; key++) {
        check_row(guide, object, key);
        check_guide(guide, key->type, key->name);
    }
    if (type->of) check_guide(guide, type->of, object);
    const char *const *tags = type->kind == KIND_TAGGED ? type->words : NULL;
    for (int i = 0; type->any && type->any[i]; i++)
        check_guide(guide, type->any[i], tags ? tags[i] : object);
}

static void test_guide(void) {
    struct bytes guide = {0};
    struct err err = {0};
    CHECK(file_read("configs/GUIDE.md", 1 << 20, &guide, &err));
    if (guide.data) check_guide((const char *)guide.data, &schema_config, NULL);
    bytes_free(&guide);
    err_free(&err);
}

static void test_words(void) {
    CHECK_INT(schema_word(schema_acts, config_act_name(ACT_SIGMOID)), ACT_SIGMOID);
    CHECK_STR(config_norm_name(NORM_LAYER), "layer");
    CHECK_STR(config_decoder_name(DECODER_CONV), "conv");
    CHECK_STR(config_mode_name(MODE_BICUBIC), "bicubic");
    CHECK_STR(config_skip_name(SKIP_NONE), "none");
    CHECK_STR(schema_skip_sources[SKIP_SOURCE_INPUT], "input");
    CHECK_STR(config_fit_name(FIT_PAD), "pad");
    CHECK_STR(config_style_name(STYLE_FILM), "film");
    CHECK_STR(schema_resizes[RESIZE_NATIVE], "native");
    CHECK_STR(schema_namings[NAMING_PLAIN], "plain");
    CHECK_STR(config_init_name(INIT_BILINEAR), "bilinear");
    CHECK_STR(schema_ops_words[EXTRA_TRANSFORMER], "transformer");
    CHECK(schema_word(schema_acts, "Relu") < 0);
}

static void test_nearest(void) {
    static const char *const words[] = {"stride", "style", "skip"};
    CHECK_STR(schema_nearest("strid", words, 3), "stride");
    CHECK_STR(schema_nearest("sytle", words, 3), "style");
    CHECK_STR(schema_nearest("skpi", words, 3), "skip");
    CHECK(!schema_nearest("colour", words, 3));
    CHECK(!schema_nearest("", words, 3));
}

int main(void) {
    check_table(&schema_config, 0);
    test_shipped();
    test_guide();
    test_words();
    test_nearest();
    return check_end();
}
