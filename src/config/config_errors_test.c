/* The messages for wrong configs, word by word; and that nothing crashes on damaged ones. */
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config_fixture.h"

#define REFUSED(text, want) CHECK_STR(fixture_errors(text, NULL, 0), want)

static void test_values(void) {
    REFUSED("[]", "f.json:1:1: $: [] is not allowed; give an object");
    REFUSED("{ \"input\": { \"size\": 8 } }",
            "f.json:1:1: $: the key \"blocks\" is missing; give an array of blocks");
    REFUSED(FIXTURE(",\n\"strid\": 1"),
            "f.json:5:1: $.strid: unknown key \"strid\"; the keys here are name, input, output, "
            "style, trained_size, defaults, blocks, weights, init, variants, compare");
    REFUSED(FIXTURE(",\n\"defaults\": { \"up\": { \"strid\": 1 } }"),
            "f.json:5:23: $.defaults.up.strid: unknown key \"strid\"; did you mean \"stride\"?");
    REFUSED(FIXTURE(",\n\"output\": { \"colour\": 1 }"),
            "f.json:5:13: $.output.colour: unknown key \"colour\"; the keys here are channels, "
            "activation, slope");
    REFUSED(FIXTURE(",\n\"output\": { \"channels\": 0, \"activation\": \"tahn\" }"),
            "f.json:5:25: $.output.channels: 0 is not allowed; give an integer from 1 to 65536\n"
            "f.json:5:42: $.output.activation: \"tahn\" is not allowed; give one of none, relu, "
            "leaky_relu, silu, elu, gelu, tanh, sigmoid; did you mean \"tanh\"?");
    REFUSED(FIXTURE(",\n\"defaults\": { \"down\": { \"kernel\": 0, \"stride\": 1.5, \"padding\": "
                    "[1, -1], \"bias\": 1, \"slope\": \"0.2\" } }"),
            "f.json:5:35: $.defaults.down.kernel: 0 is not allowed; give an integer from 1 to 64, "
            "or [height, width] of such\n"
            "f.json:5:48: $.defaults.down.stride: 1.5 is not allowed; give an integer from 1 to "
            "64, or [height, width] of such\n"
            "f.json:5:64: $.defaults.down.padding: [1, -1] is not allowed; give an integer from 0 "
            "to 64, or [height, width] of such\n"
            "f.json:5:81: $.defaults.down.bias: 1 is not allowed; give true or false\n"
            "f.json:5:93: $.defaults.down.slope: \"0.2\" is not allowed; give a number from -1 to "
            "1");
    REFUSED(FIXTURE(", \"defaults\": { \"up\": { \"norm\": 3 } }"),
            "f.json:4:80: $.defaults.up.norm: 3 is not allowed; give one of none, batch, "
            "batch_stats, instance, group, layer, or an object");
    REFUSED(FIXTURE(",\n\"weights\": { \"naming\": \"auto\" }"),
            "f.json:5:12: $.weights: weights need a \"file\", or \"random\": a seed");
    REFUSED(FIXTURE(",\n\"weights\": [ { \"key\": \"a\" }, { \"file\": \"a\", \"random\": 1 } ]"),
            "f.json:5:14: $.weights[0]: weights need a \"file\", or \"random\": a seed\n"
            "f.json:5:45: $.weights[1].random: weights are a \"file\" or \"random\", not both");
    REFUSED(FIXTURE(",\n\"weights\": { \"file\": \"\", \"sha256\": \"ABC\", \"random\": -1 }"),
            "f.json:5:22: $.weights.file: \"\" is not allowed; give a string that is not empty\n"
            "f.json:5:36: $.weights.sha256: \"ABC\" is not allowed; give 64 lower-case hexadecimal "
            "digits\n"
            "f.json:5:43: $.weights.random: weights are a \"file\" or \"random\", not both\n"
            "f.json:5:53: $.weights.random: -1 is not allowed; give an integer from 0 to "
            "18446744073709551615");
    REFUSED(FIXTURE(",\n\"style\": { \"mode\": \"film\" }"),
            "f.json:5:20: $.style.mode: a style needs \"count\", the rows of its embedding\n"
            "f.json:5:20: $.style.mode: a style needs \"dim\", the width of its embedding");
    REFUSED(FIXTURE(",\n\"style\": { \"mode\": \"film\", \"count\": 4, \"dim\": 1, \"label\": 4 }"),
            "f.json:5:59: $.style.label: label 4 is not allowed; the embedding has rows 0 to 3");
    REFUSED("{ \"input\": { \"resize\": \"pad\" },\n\"blocks\": [ { \"name\": \"a\", "
            "\"channels\": 1 } ] }",
            "f.json:1:12: $.input: \"input\" needs \"size\", or \"resize\": \"native\" to take "
            "images as they are");
}

static void test_blocks(void) {
    REFUSED("{ \"input\": { \"size\": 8 },\n\"blocks\": [ { \"name\": \"x.y\", \"channels\": 1 }, "
            "{ \"channels\": 1 }, { \"name\": \"innermost\" }, 5 ] }",
            "f.json:2:23: $.blocks[0].name: \"x.y\" is not allowed; give 1 to 64 of letters, "
            "digits, '_' and '-', no number and not \"style\"\n"
            "f.json:2:47: $.blocks[1]: the key \"name\" is missing; give 1 to 64 of letters, "
            "digits, '_' and '-', no number and not \"style\"\n"
            "f.json:2:66: $.blocks[2]: the key \"channels\" is missing; give an integer from 1 to "
            "65536\n"
            "f.json:2:91: $.blocks[3]: 5 is not allowed; give an object");
    REFUSED(
        "{ \"input\": { \"size\": 8 },\n\"blocks\": [ { \"name\": \"innermost\", \"channels\": "
        "1 },\n { \"name\": \"b\", \"channels\": 1 },\n { \"name\": \"b\", \"channels\": 1 },\n "
        "{ \"name\": \"outermost\", \"channels\": 1 } ] }",
        "f.json:2:23: $.blocks[0].name: only the last block may be called \"innermost\"\n"
        "f.json:4:12: $.blocks[2].name: block 2 is called \"b\" as well\n"
        "f.json:5:12: $.blocks[3].name: only the first block may be called \"outermost\"");
    REFUSED(FIXTURE(",\n\"variants\": [ { \"name\": \"v\", \"blocks\": { \"04\": {}, \"4\": {}, "
                    "\"inermost\": {}, \"*\": { \"fits\": 1 } } } ]"),
            "f.json:5:42: $.variants[0].blocks.04: no block is called \"04\"; there are a, b, c, "
            "numbers from 1 to 3, outermost, innermost and *\n"
            "f.json:5:52: $.variants[0].blocks.4: no block is called \"4\"; there are a, b, c, "
            "numbers from 1 to 3, outermost, innermost and *\n"
            "f.json:5:61: $.variants[0].blocks.inermost: no block is called \"inermost\"; there "
            "are a, b, c, numbers from 1 to 3, outermost, innermost and *; did you mean "
            "\"innermost\"?\n"
            "f.json:5:84: $.variants[0].blocks[\"*\"].fits: unknown key \"fits\"; did you mean "
            "\"fit\"?");
    REFUSED("{ \"input\": { \"size\": 8 }, \"blocks\": [ { \"name\": \"a\", \"channels\": 1 } ],\n"
            "\"variants\": [ { \"name\": \"v\", \"blocks\": { \"outermost\": { \"up\": { "
            "\"kernel\": 3 } },\n\"innermost\": { \"up\": { \"kernel\": 2 } } } } ] }",
            "f.json:3:34: $.variants[0].blocks.innermost.up.kernel: \"outermost\" selects the same "
            "block as strongly and sets this key to another value (line 2, column 75)");
    REFUSED(FIXTURE(",\n\"variants\": [ { \"name\": \"v\", \"blocks\": { \"*\": { \"up\": { "
                    "\"decoder\": \"conv\", \"stride\": 1, \"scale\": 2, \"mode\": \"nearest\" } } "
                    "} },\n { \"name\": \"w\", \"defaults\": { \"up\": { \"scale\": 2 } } } ]"),
            "f.json:5:76: $.variants[0].blocks[\"*\"].up.stride: the decoder conv has no "
            "\"stride\"; its convolution has stride 1\n"
            "f.json:5:89: $.variants[0].blocks[\"*\"].up.scale: the decoder conv has no \"scale\"\n"
            "f.json:5:101: $.variants[0].blocks[\"*\"].up.mode: the decoder conv has no \"mode\"\n"
            "f.json:6:39: $.variants[1].defaults.up.scale: the decoder conv_transpose has no "
            "\"scale\"");
    REFUSED(FIXTURE(",\n\"defaults\": { \"extra\": { \"encoded\": [ { \"op\": \"convv\" }, { "
                    "\"as\": \"x\" }, { \"op\": \"conv\", \"as\": \"down.x\" }, { \"op\": "
                    "\"activation\" }, { \"op\": \"upsample\", \"as\": \"x\" } ] } }"),
            "f.json:5:47: $.defaults.extra.encoded[0].op: \"convv\" is not allowed; give one of "
            "conv, conv_transpose, upsample, norm, activation, res_block, self_attention, "
            "linear_attention, transformer; did you mean \"conv\"?\n"
            "f.json:5:58: $.defaults.extra.encoded[1]: the key \"op\" is missing; give one of "
            "conv, conv_transpose, upsample, norm, activation, res_block, self_attention, "
            "linear_attention, transformer\n"
            "f.json:5:95: $.defaults.extra.encoded[2].as: \"down.x\" is not allowed; give 1 to 64 "
            "of letters, digits, '_' and '-', with dots between, the first word none of down, up, "
            "gate\n"
            "f.json:5:107: $.defaults.extra.encoded[3]: the key \"activation\" is missing; give "
            "one of none, relu, leaky_relu, silu, elu, gelu, tanh, sigmoid\n"
            "f.json:5:151: $.defaults.extra.encoded[4].as: unknown key \"as\"; the keys here are "
            "op, scale, mode");
    REFUSED(
        FIXTURE(",\n\"variants\": [ { \"name\": \"v\", \"blocks\": { \"b\": { \"extra\": { "
                "\"input\": [ { \"op\": \"conv\" } ], \"decoded\": [ { \"op\": \"conv\" } ] } } "
                "} } ]"),
        "f.json:3:15: $.blocks[1]: two extra ops of block \"b\" have the prefix \"conv\"; tell "
        "them apart with \"as\"");
}

static void test_variants(void) {
    REFUSED(FIXTURE(",\n\"variants\": [ { \"name\": \"v\" }, { \"name\": \".v\" }, { \"name\": "
                    "\"v\" },\n{ \"name\": \"a/b\" }, {} ], \"compare\": { \"reference\": \"w\" }"),
            "f.json:5:42: $.variants[1].name: \".v\" is not allowed; give 1 to 64 of letters, "
            "digits, '.', '_' and '-', no '.' in front\n"
            "f.json:5:60: $.variants[2].name: an earlier variant is called \"v\" as well\n"
            "f.json:6:11: $.variants[3].name: \"a/b\" is not allowed; give 1 to 64 of letters, "
            "digits, '.', '_' and '-', no '.' in front\n"
            "f.json:6:20: $.variants[4]: the key \"name\" is missing; give 1 to 64 of letters, "
            "digits, '.', '_' and '-', no '.' in front\n"
            "f.json:6:52: $.compare.reference: no variant is called \"w\"; there are v, .v, v, "
            "a/b");
    REFUSED(FIXTURE(", \"variants\": []"), "f.json:4:62: $.variants: 0 elements; give 1 to 4096");
    REFUSED("{ \"a\": 1, \"a\": 2 }",
            "f.json:1:11: the key \"a\" stands here again (first at line 1, column 3)");
    REFUSED("{ \"a\" 1 }", "f.json:1:7: expected ':' after the key");
}

/* What else names may be made of: prefixes of weights, and digests. */
static void test_names(void) {
    static const char *const wrong[] = {"", ".a", "a.", "a..b", "a/b", "down", "up.x", "gate"};
    struct text text = {0}, want = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        text_add(&text,
                 "{ \"input\": { \"size\": 8 }, \"blocks\": [ { \"name\": \"a\", \"channels\": 1,\n"
                 "\"extra\": { \"input\": [ { \"op\": \"norm\", \"as\": \"%s\" } ] } } ] }",
                 wrong[i]);
        text_add(
            &want,
            "f.json:2:45: $.blocks[0].extra.input[0].as: \"%s\" is not allowed; give 1 to 64 of "
            "letters, digits, '_' and '-', with dots between, the first word none of down, "
            "up, gate",
            wrong[i]);
        REFUSED(text.s, want.s);
        text_free(&text);
        text_free(&want);
    }
    REFUSED(
        FIXTURE(",\n\"weights\": { \"file\": \"a\", \"sha256\": \"0123456789abcdef0123456789abcdef"
                "0123456789abcdef0123456789abcdeF\" }"),
        "f.json:5:37: $.weights.sha256: "
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789a... is not allowed; give "
        "64 lower-case hexadecimal digits");
}

static void test_sets(void) {
    static const struct config_override wrong[] = {
        {"blocks.innermost.up.strde", "1"}, {"input.size", "big"}, {"blocks.x.fit", "pad"}};
    CHECK_STR(fixture_errors(FIXTURE(",\n\"nam\": 1"), wrong, 3),
              "f.json:5:1: $.nam: unknown key \"nam\"; did you mean \"name\"?\n"
              "--set blocks.innermost.up.strde=1: unknown key \"strde\"; did you mean \"stride\"?\n"
              "--set input.size=big: \"big\" is not allowed; give an integer from 1 to 16384, or "
              "[height, width] of such\n"
              "--set blocks.x.fit=pad: no block is called \"x\"; there are a, b, c, numbers from 1 "
              "to 3, outermost, innermost and *");
    static const struct config_override shape[] = {{"a..b", "1"}, {"", "1"}, {"variants.0", "1"}};
    CHECK_STR(fixture_errors(FIXTURE(""), shape, 3),
              "--set a..b=1: a path is keys with dots between, as in blocks.innermost.up.stride\n"
              "--set =1: a path is keys with dots between, as in blocks.innermost.up.stride\n"
              "--set variants.0=1: it changes what the variants are merged into, not a variant");
}

/* One mistake of the base is one message however many variants share it, and there is an end. */
static void test_many(void) {
    struct text text = {0};
    text_put(&text, "{ \"input\": { \"size\": 8 }, \"blocks\": [ { \"name\": \"a\", \"channels\": "
                    "1, \"up\": { \"scale\": 2 } } ], \"variants\": [ { \"name\": \"v\" }");
    for (int i = 0; i < 4000; i++) text_add(&text, ", { \"name\": \"v%d\" }", i);
    text_put(&text, " ] }");
    CHECK_STR(fixture_errors(text.s, NULL, 0),
              "f.json:1:77: $.blocks[0].up.scale: the decoder conv_transpose has no \"scale\"");
    text_free(&text);
    text_put(&text, FIXTURE(",\n\"compare\": { \"margins\": { \"m0\": 1"));
    text.length -= strlen(" }");
    for (int i = 1; i < 65; i++) text_add(&text, ", \"m%d\": 1", i);
    text_put(&text, " } } }");
    REFUSED(text.s, "f.json:5:25: $.compare.margins: 65 entries; at most 64");
    text_free(&text);
    text_put(&text, "{ \"blocks\": [");
    for (int i = 0; i < 200; i++) text_add(&text, "%s{ \"k%d\": 1 }", i ? "," : "", i);
    text_put(&text, "] }");
    CHECK_STR(
        fixture_errors(text.s, NULL, 0),
        "f.json:1:1: $: \"input\" needs \"size\", or \"resize\": \"native\" to take images as "
        "they are\n"
        "f.json:1:13: $.blocks: 200 elements; give 1 to 64");
    text_free(&text);
    text_put(&text, FIXTURE(""));
    text.length -= 2;
    for (int i = 0; i < 200; i++) text_add(&text, ",\n\"key%d\": 1", i);
    text_put(&text, "}");
    const char *errors = fixture_errors(text.s, NULL, 0);
    CHECK(strstr(errors, "unknown key \"key99\"") && !strstr(errors, "key100"));
    CHECK(strstr(errors, "there may be more; these are the first 100"));
    text_free(&text);
}

/* Damaged configs: any answer will do that is no crash; values are put where others belong. */
static void test_damage(uint64_t seed) {
    static const char *const values[] = {"null",         "-1",   "1e300", "\"\"",
                                         "\"*\"",        "[]",   "{}",    "[1, 2]",
                                         "{ \"a\": 1 }", "true", "0.5",   "\"x\""};
    static const char base[] = FIXTURE(
        ", \"style\": { \"mode\": \"concat\", \"count\": 4, \"dim\": 2 },\n"
        "\"defaults\": { \"up\": { \"decoder\": \"conv\", \"norm\": { \"type\": \"group\" } "
        "}, \"extra\": { \"decoded\": [ { \"op\": \"res_block\", \"layers\": 2 } ] } },\n"
        "\"weights\": [ { \"file\": \"a\", \"names\": { \"a\": \"b\" } } ], \"init\": { "
        "\"*\": { \"method\": \"zero\" } }, \"compare\": { \"margins\": { \"l1\": 1 } },\n"
        "\"variants\": [ { \"name\": \"v\", \"blocks\": { \"*\": { \"up\": { \"kernel\": [3, "
        "3] } }, \"2\": { \"down\": { \"norm\": \"batch\" } } } } ]");
    int accepted = 0;
    printf("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 1500; round++) {
        struct text text = {0};
        size_t at = hash_mix(seed++) % (sizeof base - 1);
        if (round % 2) { /* one value for another */
            while (at < sizeof base - 1 && !strchr(":[,", base[at])) at++;
            if (at < sizeof base - 1) at++;
            size_t end = at;
            if (end < sizeof base - 1) end += strcspn(base + end, ",}]");
            text_write(&text, base, at);
            text_put(&text, values[hash_mix(seed++) % (sizeof values / sizeof *values)]);
            text_put(&text, base + end);
        } else { /* a byte, another or gone */
            text_write(&text, base, at);
            if (hash_mix(seed++) % 2) text_write(&text, &(char){(char)(hash_mix(seed) % 128)}, 1);
            text_put(&text, base + at + 1);
        }
        struct config config;
        struct err err = {0};
        bool ok = config_parse(text.s, text.length, "f.json", "dir", NULL, 0, &config, &err);
        accepted += ok;
        CHECK(ok == (err.count == 0));
        config_free(&config);
        err_free(&err);
        text_free(&text);
    }
    CHECK(accepted > 0 && accepted < 1300);
}

int main(int argc, char **argv) {
    test_values();
    test_blocks();
    test_variants();
    test_names();
    test_sets();
    test_many();
    test_damage(argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
    return check_end();
}
