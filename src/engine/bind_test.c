/* The names of all known generators, and what is said when a file does not fit. */
#include "engine/bind_bench.h"

#define SUB3 ".submodule.submodule.submodule"
#define SUB7 SUB3 SUB3 ".submodule"

static void test_2020(void) {
    static const char *const before[] = {"", "module."};
    for (int i = 0; i < 2; i++) {
        struct bench b;
        start_2020(&b, "");
        add(&b, file_2020(before[i], b.config.variants[0].weights[0].file));
        bench_bind(&b, "base", 0);
        check_bound(&b, ORIGIN_TRAINED);
        if (i == 0) {
            check_reads(&b, "outermost_.down.conv.weight", "model.down.0.weight");
            check_reads(&b, "b4.down.norm.running_var", "model" SUB3 ".down.2.running_var");
            check_reads(&b, "inner.up.conv.weight", "model" SUB7 ".up.1.weight");
            check_reads(&b, "inner.up.norm.bias", "model" SUB7 ".up.2.bias");
            check_reads(&b, "style.embedding", "embedder.weight");
        } else {
            check_reads(&b, "outermost_.up.conv.bias", "module.model.up.1.bias");
        }
        CHECK_INT(binder_file_count(b.binder), 1);
        bench_end(&b);
    }
}

#define B_DEFAULTS                                                                                 \
    "\"down\": { \"bias\": true, \"norm\": \"instance\" }, \"up\": { \"bias\": true, \"norm\": "   \
    "\"instance\" }, \"fit\": \"bilinear\""
#define GROUP_8       "\"norm\": { \"type\": \"group\", \"groups\": 8 }"
#define ATTENTION(as) "{ \"op\": \"self_attention\", \"as\": \"" as "\" }"
#define RES_1                                                                                      \
    "{ \"op\": \"res_block\", \"as\": \"res_skip\", \"layers\": 1, \"bias\": true, " GROUP_8       \
    ", \"activation\": \"silu\" }"
#define RES_2(as)                                                                                  \
    "{ \"op\": \"res_block\", \"as\": \"" as "\", \"layers\": 2, \"bias\": false, " GROUP_8        \
    ", \"activation\": \"silu\" }"

static void test_2025_03(void) {
    struct text t = {0}, blocks = {0};
    for (int i = 2; i < 8; i++)
        text_add(&blocks, ", \"%d\": { \"extra\": { \"decoded\": [" RES_1 "]%s } }", i,
                 i == 3 || i == 5 ? ", \"encoded\": [" ATTENTION("self_attn") "]" : "");
    struct text tail = {0};
    text_add(&tail, ", \"variants\": [ { \"name\": \"v\", \"blocks\": { \"1\": {}%s } } ]",
             blocks.s);
    struct bench b;
    bench_start(&b, config_text(&t, ZI2ZI_HEAD, B_DEFAULTS,
                                ", \"down\": { \"activation\": \"none\", \"norm\": \"none\" }, "
                                "\"up\": { \"norm\": \"none\" }",
                                A_INNER, 8, tail.s));
    struct fake f = {0};
    fake_zi2zi_2025_03(&f, 5, 3);
    add(&b, fake_finish(&f, b.config.variants[0].weights[0].file));
    bench_bind(&b, "v", 0);
    check_bound(&b, ORIGIN_TRAINED);
    check_reads(&b, "b5.self_attn.query.weight", "model" SUB3 ".submodule.self_attn.query.weight");
    check_reads(&b, "b2.res_skip.conv.bias", "model.submodule.res_skip.conv.bias");
    check_reads(&b, "b2.res_skip.norm.weight", "model.submodule.res_skip.norm.weight");
    bench_end(&b);
    text_free(&t);
    text_free(&blocks);
    text_free(&tail);
}

/* `up` of every block of form 'a', 'b' or 'c', and what stands in extra.upsampled. */
static const char *const form_up[] = {
    "\"output_padding\": 1, \"bias\": true",
    "\"decoder\": \"upsample_conv\", \"mode\": \"bilinear\", \"bias\": true",
    "\"decoder\": \"pixel_shuffle\", \"bias\": false"};
static const char *const form_extra[2][3] = {
    {"",
     "{ \"op\": \"conv\", \"as\": \"fusion_conv\", \"kernel\": 3, \"padding\": 1, \"bias\": true "
     "}, "
     "{ \"op\": \"activation\", \"activation\": \"relu\" }",
     "{ \"op\": \"conv\", \"as\": \"post_conv.0\", \"kernel\": 3, \"padding\": 1, \"bias\": false "
     "}, "
     "{ \"op\": \"norm\", \"as\": \"post_conv.1\", " GROUP_8 " }, "
     "{ \"op\": \"activation\", \"activation\": \"silu\" }, " RES_2("post_conv.3")},
    {"",
     "{ \"op\": \"conv\", \"as\": \"fusion\", \"kernel\": 3, \"padding\": 1, \"bias\": "
     "true }, { \"op\": \"activation\", \"activation\": \"relu\" }",
     "{ \"op\": \"conv\", \"as\": \"after\", \"kernel\": 3, \"padding\": 1, \"bias\": "
     "false }, { \"op\": \"norm\", \"as\": \"after_norm\", " GROUP_8 " }, "
     "{ \"op\": \"activation\", \"activation\": \"silu\" }, " RES_2("after_res")}};

static void test_2025_04(int form, int spelling) {
    static const char *const ups[] = {"up.1.weight", "up.1.upsample.1.weight", "up.1.conv.weight"};
    struct text t = {0}, tail = {0}, defaults = {0};
    text_add(&defaults,
             "\"down\": { \"activation\": \"silu\", \"bias\": true, \"norm\": \"instance\" }, "
             "\"up\": { \"activation\": \"silu\", \"norm\": \"instance\", %s }, "
             "\"fit\": \"bilinear\"",
             form_up[form]);
    text_put(&tail, ", \"variants\": [ { \"name\": \"v\", \"blocks\": {");
    for (int i = 1; i <= 8; i++) {
        text_add(&tail, "%s\"%d\": { \"extra\": { \"upsampled\": [%s]", i > 1 ? ", " : "", i,
                 form_extra[spelling][form]);
        if (i == 4) text_put(&tail, ", \"input\": [" ATTENTION("attn_block") "]");
        if (i >= 2 && i <= 5) text_put(&tail, ", \"decoded\": [" RES_2("res_skip") "]");
        if (i == 8)
            text_put(&tail, ", \"encoded\": [ { \"op\": \"transformer\", \"as\": "
                            "\"transformer_block\" } ]");
        text_put(&tail, " } }");
    }
    text_put(&tail, "} } ]");
    struct bench b;
    bench_start(&b, config_text(&t,
                                SIZE_256 ", \"output\": { \"channels\": 1 }, \"style\": { "
                                         "\"mode\": \"film\", \"count\": 5, \"dim\": 3 }",
                                defaults.s,
                                ", \"down\": { \"activation\": \"none\", \"norm\": \"none\" }, "
                                "\"up\": { \"norm\": \"none\" }",
                                ", \"down\": { \"norm\": \"none\", \"kernel\": 3, \"stride\": 1 }",
                                8, tail.s));
    struct fake f = {0};
    fake_zi2zi_2025_04(&f, "abc"[form], 5, 3);
    add(&b, fake_finish(&f, b.config.variants[0].weights[0].file));
    bench_bind(&b, "v", 0);
    check_bound(&b, ORIGIN_TRAINED);
    char name[256];
    snprintf(name, sizeof name, "model.submodule.%s", ups[form]);
    check_reads(&b, "b2.up.conv.weight", name);
    check_reads(&b, "style.film.weight", "model" SUB7 ".film.film.weight");
    check_reads(&b, "inner.transformer_block.attn.in_proj_weight",
                "model" SUB7 ".transformer_block.attn.in_proj_weight");
    check_reads(&b, "b4.attn_block.gamma", "model" SUB3 ".attn_block.gamma");
    bench_end(&b);
    text_free(&t);
    text_free(&tail);
    text_free(&defaults);
}

#define D_DEFAULTS "\"up\": { \"decoder\": \"pixel_shuffle\" }, \"skip\": \"add\""
#define D_HEAD                                                                                     \
    SIZE_256                                                                                       \
    ", \"output\": { \"channels\": 1 }, \"style\": { \"mode\": \"expand\", \"count\": 5, "         \
    "\"dim\": 3 }"

static void start_shuffle(struct bench *b, bool march_2026, const char *as) {
    struct text t = {0}, tail = {0};
    const char *where[] = {march_2026 ? "3" : "8", march_2026 ? "4" : "5"};
    text_put(&tail, ", \"variants\": [ { \"name\": \"v\", \"blocks\": {");
    for (int i = 0; i < 2; i++)
        text_add(&tail,
                 "%s\"%s\": { \"extra\": { \"encoded\": [ { \"op\": \"self_attention\", \"as\": "
                 "\"%s\" } ] } }",
                 i ? ", " : "", where[i], as);
    text_put(&tail, "} } ]");
    bench_start(b, config_text(&t, D_HEAD, D_DEFAULTS, A_OUTER, A_INNER, 8, tail.s));
    text_free(&t);
    text_free(&tail);
}

static void test_shuffle(bool march_2026, const char *as) {
    struct bench b;
    start_shuffle(&b, march_2026, as);
    struct fake f = {0};
    fake_zi2zi_shuffle(&f, march_2026, 5, 3);
    add(&b, fake_finish(&f, b.config.variants[0].weights[0].file));
    bench_bind(&b, "v", 0);
    check_bound(&b, ORIGIN_TRAINED);
    check_reads(&b, "b2.up.norm.weight", "model.submodule.up.3.weight");
    char plain[64];
    snprintf(plain, sizeof plain, "%s.%s.key.weight", march_2026 ? "b4" : "inner", as);
    check_reads(&b, plain,
                march_2026 ? "model" SUB3 ".att.key_conv.weight"
                           : "model" SUB7 ".att.key_conv.weight");
    bench_end(&b);
}

static void test_pix2pix(const char *norm) {
    struct text t = {0}, defaults = {0};
    text_add(&defaults, "\"down\": { \"norm\": \"%s\" }, \"up\": { \"norm\": \"%s\" }", norm, norm);
    struct bench b;
    bench_start(&b, config_text(&t,
                                "\"input\": { \"channels\": 3, \"size\": [128, 128] }, "
                                "\"output\": { \"channels\": 3 }",
                                defaults.s, A_OUTER, A_INNER, 6, ""));
    struct fake f = {0};
    fake_pix2pix(&f, 6);
    add(&b, fake_finish(&f, b.config.variants[0].weights[0].file));
    bench_bind(&b, "base", 0);
    check_bound(&b, ORIGIN_TRAINED);
    check_reads(&b, "outermost_.down.conv.weight", "model.model.0.weight");
    check_reads(&b, "outermost_.up.conv.bias", "model.model.3.bias");
    check_reads(&b, "b2.up.norm.weight", "model.model.1.model.6.weight");
    check_reads(&b, "inner.down.conv.weight",
                "model.model.1.model.3.model.3.model.3.model.3.model.1.weight");
    check_reads(&b, "inner.up.norm.bias",
                "model.model.1.model.3.model.3.model.3.model.3.model.4.bias");
    bench_end(&b);
    text_free(&t);
    text_free(&defaults);
}

/* A plain file, and one whose names the config gives. */
static void test_plain(void) {
    struct text t = {0};
    struct bench b;
    const char *head = "\"input\": { \"channels\": 1, \"size\": [8, 8] }, \"output\": { "
                       "\"channels\": 1 }";
    bench_start(&b, config_text(&t, head,
                                "\"up\": { \"norm\": \"none\" }, \"down\": { \"norm\": "
                                "\"none\" }",
                                "", "", 2,
                                ", \"variants\": [ { \"name\": \"v\" }, { \"name\": \"w\", "
                                "\"weights\": { \"file\": \"x\", \"names\": { "
                                "\"inner.up.conv.weight\": \"odd\" } } } ]"));
    const char *last[] = {"inner.up.conv.weight", "odd"};
    for (int i = 0; i < 2; i++) {
        struct fake f = {0};
        fake_add(&f, "outermost_.down.conv.weight", 4, (const int[]){4, 1, 4, 4});
        fake_add(&f, "outermost_.up.conv.weight", 4, (const int[]){8, 1, 4, 4});
        fake_add(&f, "inner.down.conv.weight", 4, (const int[]){8, 4, 4, 4});
        fake_add(&f, last[i], 4, (const int[]){8, 4, 4, 4});
        add(&b, fake_finish(&f, b.config.variants[i].weights[0].file));
        bench_bind(&b, i ? "w" : "v", 0);
        check_bound(&b, ORIGIN_TRAINED);
        check_reads(&b, "inner.up.conv.weight", last[i]);
        const struct bound *w = bench_weight(&b, "inner.up.conv.weight");
        CHECK(w && w->slot.data[0] == 4.0f);
    }
    bench_end(&b);
    text_free(&t);
}

/* Binding a 2020 config to the file `f` fails and says all of `words`. */
static void check_refusal(struct fake *f, const char *tail, const char *const *words) {
    struct bench b;
    start_2020(&b, tail);
    add(&b, fake_finish(f, b.config.variants[0].weights[0].file));
    bench_bind(&b, b.config.variants[0].name, 0);
    CHECK(!b.bound);
    CHECK_INT(b.err.status, STATUS_BAD_INPUT);
    CHECK(b.binding.weights == NULL);
    for (; *words; words++) check_says(&b, *words);
    bench_end(&b);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_refusals(void) {
    struct fake f = {0};
    fake_zi2zi_2020(&f, 8, 28, 3);
    check_refusal(&f, "",
                  WORDS("0 missing, 0 unexpected, 1 of another shape",
                        "the embedding has 28 rows, style.count is 5",
                        "style.embedding is [5, 3] in the config, [28, 3] in the file"));
    fake_zi2zi_2020(&f, 7, 5, 3);
    check_refusal(&f, "",
                  WORDS("10 missing, 0 unexpected, 1 of another shape",
                        "the file has 7 blocks, the config 8"));
    fake_zi2zi_shuffle(&f, false, 5, 3);
    check_refusal(&f, "",
                  WORDS("keys look like zi2zi of December 2025", "pixel shuffle",
                        "the file has an attention at inner, the config has not"));
    fake_zi2zi_2025_03(&f, 5, 3);
    check_refusal(&f, "", WORDS("the file has no norm's tensors", "has a bias at"));
    fake_pix2pix(&f, 8);
    check_refusal(&f, "",
                  WORDS("keys look like pix2pix", "no embedding",
                        "the file reads 3 channels, input.channels is 1"));
    fake_zi2zi_2020(&f, 8, 5, 3);
    check_refusal(&f,
                  ", \"variants\": [ { \"name\": \"v\", \"blocks\": { \"inner\": { \"down\": { "
                  "\"kernel\": 3, \"padding\": 1, \"stride\": 2 } } } } ]",
                  WORDS("kernel 4 in the file, 3 in the config at inner.down"));
    fake_zi2zi_2020(&f, 8, 5, 3);
    check_refusal(&f,
                  ", \"variants\": [ { \"name\": \"v\", \"blocks\": { \"*\": { \"up\": { "
                  "\"norm\": \"instance\" } } } } ]",
                  WORDS("unexpected: model.submodule.up.2.weight",
                        "the file has batch norm's tensors at", "norm there is instance"));
    fake_add(&f, "nothing", 1, (const int[]){3});
    check_refusal(&f, "",
                  WORDS("not one name is known", "missing: outermost_.down.conv.weight",
                        "unexpected: nothing [3]", "and "));
    fake_zi2zi_2020(&f, 8, 5, 3);
    f.checkpoint.tensors[0].data = NULL;
    f.checkpoint.tensors[0].dtype = DTYPE_I32;
    check_refusal(&f, "", WORDS("model.down.0.weight", "of type I32"));
    fake_zi2zi_2020(&f, 8, 5, 3);
    check_refusal(&f,
                  ", \"variants\": [ { \"name\": \"v\", \"weights\": { \"file\": \"w\", "
                  "\"names\": { \"b2.up.norm.weight\": \"model.submodule.up.2.bias\" } } } ]",
                  WORDS("twice: b2.up.norm.bias", "unexpected: model.submodule.up.2.weight"));
    fake_zi2zi_2020(&f, 8, 5, 3);
    check_refusal(&f,
                  ", \"variants\": [ { \"name\": \"v\", \"weights\": { \"file\": \"w\", "
                  "\"sha256\": "
                  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" } } ]",
                  WORDS("its sha256 is 0, the config states aaaa"));
}

int main(void) {
    test_2020();
    test_2025_03();
    for (int form = 0; form < 3; form++) {
        test_2025_04(form, 0);
        test_2025_04(form, 1);
    }
    test_shuffle(false, "att");
    test_shuffle(true, "att");
    test_shuffle(true, "attention");
    test_pix2pix("batch");
    test_pix2pix("batch_stats");
    test_plain();
    test_refusals();
    return check_end();
}
