#include "config/config.h"

#include "config/config_fixture.h"
#include "json/json_out.h"

static bool is_extent(struct extent e, int h, int w) {
    return e.h == h && e.w == w;
}

static void test_standard(void) {
    struct config c = fixture_config(FIXTURE(""), NULL, 0);
    CHECK_STR(c.name, "f");
    CHECK_STR(c.path, "f.json");
    CHECK_INT(c.variant_count, 1);
    const struct config_variant *v = &c.variants[0];
    CHECK_STR(v->name, "base");
    CHECK(config_find(&c, "base") == v && !config_find(&c, "Base"));
    CHECK(v->channels_in == 1 && v->channels_out == 1 && is_extent(v->size, 64, 64));
    CHECK(v->mean == 0.5 && v->std == 0.5 && v->resize == RESIZE_ERROR);
    CHECK(v->output_activation == ACT_TANH && v->style == STYLE_NONE);
    CHECK(v->weights_count == 0 && v->init_count == 0 && v->trained_size.h == 0);
    CHECK_INT(v->block_count, 3);
    const struct config_block *b = &v->blocks[1];
    CHECK_STR(b->name, "b");
    CHECK_INT(b->channels, 16);
    CHECK(b->down.activation == ACT_LEAKY_RELU && b->down.slope == 0.2 && !b->down.bias);
    CHECK(is_extent(b->down.kernel, 4, 4) && is_extent(b->down.stride, 2, 2) &&
          is_extent(b->down.padding, 1, 1));
    CHECK(b->down.norm.type == NORM_BATCH && b->down.norm.affine && b->down.norm.eps == 1e-5);
    CHECK(b->up.activation == ACT_RELU && b->up.decoder == DECODER_CONV_TRANSPOSE && !b->up.bias);
    CHECK(is_extent(b->up.kernel, 4, 4) && is_extent(b->up.stride, 2, 2) &&
          is_extent(b->up.padding, 1, 1) && is_extent(b->up.output_padding, 0, 0));
    CHECK(b->skip == SKIP_CONCAT && b->skip_source == SKIP_SOURCE_ACTIVATED && b->fit == FIT_ERROR);
    CHECK(b->input.count + b->encoded.count + b->upsampled.count + b->decoded.count == 0);
    config_free(&c);
    config_free(&c);
}

static void test_merge(void) {
    struct config c = fixture_config(
        FIXTURE(
            ", \"output\": { \"channels\": 3 },\n"
            "\"style\": { \"mode\": \"concat\", \"count\": 4, \"dim\": 8 },\n"
            "\"defaults\": { \"down\": { \"kernel\": 3, \"bias\": true }, \"fit\": \"crop\" },\n"
            "\"variants\": [ { \"name\": \"x\", \"input\": { \"size\": [32, 48] },\n"
            "    \"style\": { \"label\": 3 }, \"defaults\": { \"down\": { \"kernel\": 5 } },\n"
            "    \"blocks\": { \"b\": { \"down\": { \"stride\": [1, 2] } } } },\n"
            "  { \"name\": \"y\", \"blocks\": [ { \"name\": \"only\", \"channels\": 4 } ],\n"
            "    \"style\": { \"mode\": \"none\" } },\n"
            "  { \"name\": \"z\" } ]"),
        NULL, 0);
    CHECK_INT(c.variant_count, 3);
    const struct config_variant *x = config_find(&c, "x"), *y = config_find(&c, "y"),
                                *z = config_find(&c, "z");
    CHECK(is_extent(x->size, 32, 48) && x->channels_out == 3);
    CHECK(x->style == STYLE_CONCAT && x->style_dim == 8 && x->style_label == 3);
    CHECK(is_extent(x->blocks[1].down.kernel, 5, 5) && x->blocks[1].down.bias);
    CHECK(is_extent(x->blocks[1].down.stride, 1, 2) && is_extent(x->blocks[0].down.stride, 2, 2));
    CHECK(x->blocks[2].fit == FIT_CROP);
    CHECK(y->block_count == 1 && y->style == STYLE_NONE &&
          is_extent(y->blocks[0].down.kernel, 3, 3));
    CHECK(is_extent(z->size, 64, 64) && z->block_count == 3 && z->style_label == 0 &&
          is_extent(z->blocks[1].down.kernel, 3, 3) && is_extent(z->blocks[1].down.stride, 2, 2));
    config_free(&c);
}

/* `*` < outermost and innermost < a number < a name, and each below what a variant does not say. */
static void test_selectors(void) {
    struct config c = fixture_config(
        FIXTURE(", \"variants\": [ { \"name\": \"v\", \"blocks\": {\n"
                "\"c\": { \"channels\": 4, \"up\": { \"kernel\": 4 } },\n"
                "\"3\": { \"channels\": 3, \"up\": { \"kernel\": 3, \"padding\": 3 } },\n"
                "\"innermost\": { \"channels\": 2, \"up\": { \"kernel\": 2, \"padding\": 2, "
                "\"stride\": 2 } },\n"
                "\"outermost\": { \"channels\": 7 },\n"
                "\"*\": { \"channels\": 1, \"up\": { \"kernel\": 1, \"padding\": 1, \"stride\": 1, "
                "\"output_padding\": 1 } } } } ]"),
        NULL, 0);
    const struct config_block *b = c.variants[0].blocks;
    CHECK(b[0].channels == 7 && b[1].channels == 1 && b[2].channels == 4);
    CHECK(is_extent(b[2].up.kernel, 4, 4) && is_extent(b[2].up.padding, 3, 3) &&
          is_extent(b[2].up.stride, 2, 2) && is_extent(b[2].up.output_padding, 1, 1));
    CHECK(is_extent(b[0].up.kernel, 1, 1) && is_extent(b[0].up.stride, 1, 1));
    config_free(&c);

    /* One block is outermost and innermost: the same value twice is no conflict. */
    c = fixture_config(
        "{ \"input\": { \"size\": 8 }, \"blocks\": [ { \"name\": \"a\", \"channels\": "
        "1 } ], \"variants\": [ { \"name\": \"v\", \"blocks\": { \"outermost\": { "
        "\"up\": { \"kernel\": 3 } }, \"innermost\": { \"up\": { \"kernel\": 3, "
        "\"bias\": true } } } } ] }",
        NULL, 0);
    CHECK(is_extent(c.variants[0].blocks[0].up.kernel, 3, 3) && c.variants[0].blocks[0].up.bias);
    config_free(&c);
}

static void test_decoders(void) {
    struct config c = fixture_config(
        FIXTURE(
            ", \"defaults\": { \"up\": { \"kernel\": 6, \"stride\": 3, \"padding\": 2 } },\n"
            "\"variants\": [\n"
            "{ \"name\": \"shuffle\", \"blocks\": { \"*\": { \"up\": { \"decoder\": "
            "\"pixel_shuffle\" } } } },\n"
            "{ \"name\": \"with\", \"blocks\": { \"*\": { \"up\": { \"decoder\": "
            "\"upsample_conv\", \"kernel\": 5, \"padding\": 2, \"mode\": \"bicubic\" } } } },\n"
            "{ \"name\": \"conv\", \"blocks\": { \"*\": { \"up\": { \"decoder\": "
            "\"upsample_conv\", \"scale\": 4 } }, \"c\": { \"up\": { \"decoder\": \"conv\" } } "
            "} },\n"
            "{ \"name\": \"same\", \"blocks\": { \"*\": { \"up\": { \"decoder\": "
            "\"conv_transpose\" } } } },\n"
            "{ \"name\": \"defaults\", \"defaults\": { \"up\": { \"decoder\": \"conv\" } } } ]"),
        NULL, 0);
    const struct config_up *up = &config_find(&c, "shuffle")->blocks[1].up;
    CHECK(up->decoder == DECODER_PIXEL_SHUFFLE && is_extent(up->kernel, 3, 3) &&
          is_extent(up->stride, 1, 1) && is_extent(up->padding, 1, 1) &&
          is_extent(up->scale, 2, 2));
    up = &config_find(&c, "with")->blocks[1].up;
    CHECK(up->decoder == DECODER_UPSAMPLE_CONV && is_extent(up->kernel, 5, 5) &&
          is_extent(up->padding, 2, 2) && is_extent(up->scale, 2, 2) && up->mode == MODE_BICUBIC);
    up = &config_find(&c, "conv")->blocks[1].up;
    CHECK(is_extent(up->scale, 4, 4) && is_extent(up->kernel, 3, 3));
    up = &config_find(&c, "conv")->blocks[2].up;
    CHECK(up->decoder == DECODER_CONV && is_extent(up->scale, 1, 1));
    up = &config_find(&c, "same")->blocks[2].up; /* nothing is overridden */
    CHECK(is_extent(up->kernel, 6, 6) && is_extent(up->stride, 3, 3));
    up = &config_find(&c, "defaults")->blocks[2].up;
    CHECK(up->decoder == DECODER_CONV && is_extent(up->kernel, 3, 3));
    config_free(&c);
}

static void test_norms(void) {
    struct config c = fixture_config(
        FIXTURE(", \"defaults\": { \"down\": { \"norm\": { \"type\": \"group\", \"groups\": 4, "
                "\"eps\": 0.001 } } },\n"
                "\"variants\": [ { \"name\": \"v\", \"blocks\": {\n"
                "\"a\": { \"down\": { \"norm\": \"instance\" }, \"up\": { \"norm\": { \"type\": "
                "\"instance\", \"affine\": true } } },\n"
                "\"b\": { \"down\": { \"norm\": { \"groups\": 2 } }, \"up\": { \"norm\": { "
                "\"affine\": false } } } } } ]"),
        NULL, 0);
    const struct config_block *b = c.variants[0].blocks;
    CHECK(b[0].down.norm.type == NORM_INSTANCE && !b[0].down.norm.affine &&
          b[0].down.norm.eps == 1e-5);
    CHECK(b[0].up.norm.type == NORM_INSTANCE && b[0].up.norm.affine);
    CHECK(b[1].down.norm.type == NORM_GROUP && b[1].down.norm.groups == 2 &&
          b[1].down.norm.eps == 0.001 && b[1].down.norm.affine);
    CHECK(b[1].up.norm.type == NORM_BATCH && !b[1].up.norm.affine);
    CHECK(b[2].down.norm.groups == 4);
    config_free(&c);
}

static void test_extra(void) {
    struct config c = fixture_config(
        FIXTURE(", \"defaults\": { \"extra\": { \"encoded\": [ { \"op\": \"norm\", \"norm\": "
                "\"layer\" } ] } },\n"
                "\"variants\": [ { \"name\": \"v\", \"blocks\": { \"b\": { \"extra\": {\n"
                "\"encoded\": [ { \"op\": \"conv\", \"kernel\": [5, 1] }, { \"op\": "
                "\"self_attention\", \"as\": \"att.1\" }, { \"op\": \"res_block\", \"layers\": 2 } "
                "],\n"
                "\"decoded\": [ { \"op\": \"upsample\" }, { \"op\": \"conv_transpose\", "
                "\"channels\": 9 }, { \"op\": \"activation\", \"activation\": \"elu\" }, { \"op\": "
                "\"transformer\" } ] } } } } ]"),
        NULL, 0);
    const struct config_block *b = c.variants[0].blocks;
    CHECK(b[0].encoded.count == 1 && b[0].encoded.ops[0].op == EXTRA_NORM &&
          b[0].encoded.ops[0].norm.type == NORM_LAYER);
    CHECK_STR(b[0].encoded.ops[0].as, "norm");
    CHECK_INT(b[1].encoded.count, 3);
    const struct extra *op = b[1].encoded.ops;
    CHECK(op[0].op == EXTRA_CONV && is_extent(op[0].kernel, 5, 1) &&
          is_extent(op[0].padding, 2, 0) && is_extent(op[0].stride, 1, 1) && op[0].channels == 0 &&
          !op[0].bias);
    CHECK(op[1].op == EXTRA_SELF_ATTENTION && op[1].reduction == 8);
    CHECK_STR(op[1].as, "att.1");
    CHECK(op[2].layers == 2 && op[2].norm.type == NORM_GROUP && op[2].norm.groups == 8 &&
          op[2].activation == ACT_SILU && !op[2].bias);
    op = b[1].decoded.ops;
    CHECK(op[0].op == EXTRA_UPSAMPLE && is_extent(op[0].scale, 2, 2) && !op[0].as);
    CHECK(op[1].channels == 9 && is_extent(op[1].stride, 2, 2) && is_extent(op[1].padding, 1, 1));
    CHECK(op[2].activation == ACT_ELU && !op[2].as);
    CHECK(op[3].heads == 4 && op[3].ffn == 4);
    config_free(&c);
}

static void test_sets(void) {
    static const struct config_override sets[] = {{"blocks.innermost.up.stride", "1"},
                                                  {"blocks.*.up.stride", "3"},
                                                  {"blocks.c.up.kernel", "[5, 3]"},
                                                  {"input.size", "[96, 128]"},
                                                  {"name", "other"},
                                                  {"weights", "w.pth"},
                                                  {"compare.reference", "v"}};
    struct config c = fixture_config(
        FIXTURE(", \"variants\": [ { \"name\": \"u\" }, { \"name\": \"v\", \"blocks\": { \"*\": { "
                "\"up\": { \"kernel\": 2 } } } } ]"),
        sets, 7);
    CHECK_STR(c.name, "other");
    CHECK_STR(c.reference, "v");
    const struct config_variant *u = &c.variants[0];
    CHECK(is_extent(u->size, 96, 128));
    CHECK_STR(u->weights[0].file, "dir/w.pth");
    CHECK(!u->weights_own);
    CHECK(is_extent(u->blocks[2].up.stride, 3, 3)); /* the later --set wins */
    CHECK(is_extent(u->blocks[2].up.kernel, 5, 3));
    CHECK(is_extent(c.variants[1].blocks[2].up.kernel, 2, 2)); /* the variant stands above it */
    config_free(&c);
}

static void test_weights(void) {
    struct config c = fixture_config(
        FIXTURE(
            ", \"weights\": { \"file\": \"/abs/a.pth\", \"naming\": \"zi2zi\", \"key\": \"ema\", "
            "\"names\": { \"x\": \"1\", \"y\": \"2\" }, \"sha256\": "
            "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" },\n"
            "\"variants\": [ { \"name\": \"base\" },\n"
            "{ \"name\": \"file\", \"weights\": \"b.pth\" },\n"
            "{ \"name\": \"key\", \"weights\": { \"key\": \"g\", \"names\": { \"y\": \"3\" } } },\n"
            "{ \"name\": \"random\", \"weights\": { \"random\": 18446744073709551615 } },\n"
            "{ \"name\": \"seeds\", \"weights\": [ \"s0.pth\", { \"file\": \"s1.pth\", "
            "\"naming\": \"plain\" } ] } ]"),
        NULL, 0);
    const struct config_variant *v = &c.variants[0];
    CHECK_STR(v->weights[0].file, "/abs/a.pth");
    CHECK(v->weights_count == 1 && !v->weights_own && v->weights[0].naming == NAMING_ZI2ZI &&
          v->weights[0].sha256 && v->weights[0].name_count == 2);
    v = &c.variants[1];
    CHECK_STR(v->weights[0].file, "dir/b.pth");
    CHECK(v->weights_own && !v->weights[0].sha256);
    CHECK_STR(v->weights[0].key, "ema");
    v = &c.variants[2];
    CHECK_STR(v->weights[0].file, "/abs/a.pth");
    CHECK_STR(v->weights[0].key, "g");
    CHECK(v->weights[0].name_count == 2 && !v->weights_own && v->weights[0].sha256);
    CHECK_STR(v->weights[0].names[1].name, "3");
    v = &c.variants[3];
    CHECK(!v->weights[0].file && v->weights[0].random_seed == UINT64_MAX && v->weights_own);
    v = &c.variants[4];
    CHECK(v->weights_count == 2 && v->weights_own);
    CHECK_STR(v->weights[1].file, "dir/s1.pth");
    CHECK(v->weights[0].naming == NAMING_AUTO && v->weights[1].naming == NAMING_PLAIN);
    config_free(&c);
}

static void test_init_and_compare(void) {
    struct config c = fixture_config(
        FIXTURE(
            ", \"init\": { \"*\": \"zero\", \"b.\": { \"method\": \"kaiming\", \"seed\": 7 } },\n"
            "\"compare\": { \"primary\": \"ssim\", \"margins\": { \"ssim\": 0.01, \"l1\": 1 }, "
            "\"$comment\": [1] },\n"
            "\"variants\": [ { \"name\": \"p\", \"init\": { \"b.up\": \"icnr\", \"*\": \"none\" } "
            "}, { \"name\": \"q\", \"init\": \"bilinear\" }, { \"name\": \"r\", \"init\": { "
            "\"method\": \"identity\" } } ]"),
        NULL, 0);
    const struct config_variant *p = &c.variants[0];
    CHECK_INT(p->init_count, 3);
    CHECK_STR(p->inits[0].prefix, "b.up");
    CHECK(p->inits[0].method == INIT_ICNR);
    CHECK(p->inits[1].method == INIT_KAIMING && p->inits[1].seed == 7);
    CHECK_STR(p->inits[2].prefix, "");
    CHECK(p->inits[2].method == INIT_NONE);
    CHECK(c.variants[1].init_count == 1 && c.variants[1].inits[0].method == INIT_BILINEAR);
    CHECK(c.variants[2].init_count == 1 && c.variants[2].inits[0].method == INIT_IDENTITY);
    CHECK_STR(c.primary, "ssim");
    CHECK(c.margin_count == 2 && c.margins[1].margin == 1);
    CHECK(!c.reference);
    config_free(&c);
}

static void test_differences(void) {
    struct config c = fixture_config(
        FIXTURE(
            ", \"weights\": { \"random\": 1 }, \"variants\": [ { \"name\": \"a\" },\n"
            "{ \"name\": \"b\", \"input\": { \"size\": [32, 64] }, \"weights\": \"w.pth\", "
            "\"blocks\": { \"innermost\": { \"up\": { \"stride\": 1 }, \"fit\": \"bilinear\" }, "
            "\"*\": { \"down\": { \"norm\": \"instance\" } } } },\n"
            "{ \"name\": \"c\", \"blocks\": { \"*\": { \"up\": { \"decoder\": \"pixel_shuffle\" "
            "} }, \"b\": { \"up\": { \"kernel\": 5 }, \"extra\": { \"decoded\": [ { \"op\": "
            "\"res_block\" } ] } } } } ]"),
        NULL, 0);
    struct arena arena = {0};
    struct config_difference *d;
    CHECK_INT(config_differences(&c.variants[0], &c.variants[0], &arena, &d), 0);
    CHECK_INT(config_differences(&c.variants[0], &c.variants[1], &arena, &d), 5);
    CHECK_STR(d[0].path, "input.size");
    CHECK_STR(d[0].a, "64");
    CHECK_STR(d[0].b, "[32, 64]");
    CHECK_STR(d[1].path, "blocks.*.down.norm");
    CHECK_STR(d[1].a, "batch");
    CHECK_STR(d[1].b, "instance");
    CHECK_STR(d[2].path, "blocks.c.up.stride");
    CHECK_STR(d[2].b, "1");
    CHECK_STR(d[3].path, "blocks.c.fit");
    CHECK_STR(d[4].path, "weights");
    CHECK_STR(d[4].a, "random 1");
    CHECK_STR(d[4].b, "dir/w.pth");
    CHECK_INT(config_differences(&c.variants[0], &c.variants[2], &arena, &d), 3);
    CHECK_STR(d[0].path, "blocks.*.up.decoder");
    CHECK_STR(d[0].b, "pixel_shuffle");
    CHECK_STR(d[1].path, "blocks.b.up.kernel");
    CHECK_STR(d[1].a, "standard");
    CHECK_STR(d[1].b, "5");
    CHECK_STR(d[2].path, "blocks.b.extra.decoded");
    CHECK_STR(d[2].a, "[]");
    arena_free(&arena);
    config_free(&c);
}

/* What config_print writes is a variant's document: read back, nothing differs. */
static void test_print(void) {
    struct config c = fixture_config(
        FIXTURE(", \"weights\": [ { \"random\": 5 }, { \"file\": \"/w.pth\", \"names\": { \"a\": "
                "\"b\" } } ], \"init\": { \"a.\": \"zero\" }, \"trained_size\": [1, 2],\n"
                "\"style\": { \"mode\": \"film\", \"count\": 2, \"dim\": 3 },\n"
                "\"variants\": [ { \"name\": \"v\", \"blocks\": { \"b\": { \"up\": { \"decoder\": "
                "\"upsample_conv\", \"mode\": \"bilinear\" }, \"skip\": \"add\", \"extra\": { "
                "\"input\": [ { \"op\": \"conv\", \"padding\": 0 } ] } }, \"a\": { \"down\": { "
                "\"norm\": { \"type\": \"group\", \"groups\": 2 } } } } } ]"),
        NULL, 0);
    struct text variant = {0}, text = {0};
    struct json_out o = json_out_start(&variant);
    config_print(&c.variants[0], &o);
    text_add(&text,
             "{ \"blocks\": [ { \"name\": \"q\", \"channels\": 1 } ], \"variants\": [ %s ] }",
             variant.s);
    struct config again = fixture_config(text.s, NULL, 0);
    struct arena arena = {0};
    struct config_difference *d;
    int n = config_differences(&c.variants[0], &again.variants[0], &arena, &d);
    for (int i = 0; i < n; i++) printf("%s: %s -> %s\n", d[i].path, d[i].a, d[i].b);
    CHECK_INT(n, 0);
    CHECK_INT(again.variants[0].weights[1].name_count, 1);
    text_free(&variant);
    text_free(&text);
    arena_free(&arena);
    config_free(&c);
    config_free(&again);
}

static void test_files(void) {
    static const char *const paths[] = {"configs/demo.json",         "configs/demo-96.json",
                                        "configs/zi2zi-2020.json",   "configs/pix2pix-256.json",
                                        "configs/ablation-128.json", "configs/ablation-96.json",
                                        "configs/innermost-512.json"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct config c;
        struct err err = {0};
        CHECK(config_load(paths[i], NULL, 0, &c, &err));
        if (err.text) printf("%s\n", err.text);
        CHECK(c.variant_count >= 4 && config_find(&c, "stride2") &&
              config_find(&c, "stride1-both"));
        CHECK_INT(strlen(c.sha256), 64);
        config_free(&c);
        err_free(&err);
    }
    struct config c;
    struct err err = {0};
    CHECK(!config_load("configs/no-such.json", NULL, 0, &c, &err));
    CHECK_INT(err.status, STATUS_IO);
    config_free(&c);
    err_free(&err);
}

int main(void) {
    test_standard();
    test_merge();
    test_selectors();
    test_decoders();
    test_norms();
    test_extra();
    test_sets();
    test_weights();
    test_init_and_compare();
    test_differences();
    test_print();
    test_files();
    return check_end();
}
