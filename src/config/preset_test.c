#include "config/preset.h"

#include "base/file.h"
#include "config/config_fixture.h"

static const struct preset_options none;

static struct config preset_config(const char *name, const struct preset_options *options) {
    struct text text = {0};
    struct err err = {0};
    CHECK(preset_write(name, options, &text, &err));
    struct config config = fixture_config(text.s, NULL, 0);
    text_free(&text);
    err_free(&err);
    return config;
}

static void test_all(void) {
    CHECK_INT(preset_count(), 9);
    for (int i = 0; i < preset_count(); i++) {
        struct config c = preset_config(preset_name(i), &none);
        CHECK_STR(c.name, preset_name(i));
        CHECK(strlen(preset_description(i)) > 10);
        CHECK(c.variant_count >= 2);
        const struct config_variant *v = &c.variants[0];
        CHECK(v->block_count == 8 || strcmp(c.name, "pix2pix-128") == 0);
        const struct config_block *outer = v->blocks, *inner = &v->blocks[v->block_count - 1];
        CHECK(outer->down.activation == ACT_NONE && outer->down.norm.type == NORM_NONE);
        CHECK(outer->up.norm.type == NORM_NONE && inner->down.norm.type == NORM_NONE);
        CHECK(outer->channels == 64 && inner->channels == 512);
        CHECK(v->weights_count == 1 && !v->weights[0].file);
        config_free(&c);
    }
}

static void test_2025_03(void) {
    struct config c = preset_config("zi2zi-2025-03", &none);
    const struct config_variant *v = &c.variants[0];
    for (int i = 0; i < 8; i++) {
        const struct config_block *b = &v->blocks[i];
        CHECK(b->down.bias && b->up.bias && b->fit == FIT_BILINEAR && b->encoded.count == 0);
        CHECK_INT(b->decoded.count, i > 0 && i < 7);
    }
    const struct extra *residual = v->blocks[3].decoded.ops;
    CHECK(residual->op == EXTRA_RES_BLOCK && residual->layers == 1 && residual->bias &&
          residual->norm.type == NORM_GROUP && residual->activation == ACT_SILU);
    CHECK_STR(residual->as, "res_skip");
    CHECK(v->blocks[3].down.norm.type == NORM_INSTANCE && !v->blocks[3].down.norm.affine);
    config_free(&c);
}

static void test_2025_04(void) {
    struct config c = preset_config("zi2zi-2025-04", &none);
    const struct config_variant *v = &c.variants[0];
    for (int i = 0; i < 8; i++) {
        const struct config_block *b = &v->blocks[i];
        CHECK(b->up.output_padding.h == 1 && b->up.activation == ACT_SILU && b->up.bias);
        CHECK_INT(b->down.kernel.h, i == 7 ? 3 : 4);
        CHECK_INT(b->down.stride.h, i == 7 ? 1 : 2);
        CHECK_INT(b->decoded.count, i >= 1 && i <= 4); /* levels 7 to 4 */
        CHECK_INT(b->encoded.count, i == 7);
    }
    CHECK(v->blocks[7].encoded.ops[0].op == EXTRA_TRANSFORMER && v->style == STYLE_FILM);
    CHECK(v->blocks[2].decoded.ops[0].layers == 2 && !v->blocks[2].decoded.ops[0].bias);
    config_free(&c);

    c = preset_config("zi2zi-2025-04", &(struct preset_options){.blocks = 7});
    for (int i = 0; i < 7; i++) /* there is no level 4 */
        CHECK_INT(c.variants[0].blocks[i].decoded.count, i >= 1 && i <= 3);
    config_free(&c);

    c = preset_config("zi2zi-2025-04-upsample", &none);
    v = &c.variants[0];
    CHECK(v->blocks[0].up.decoder == DECODER_UPSAMPLE_CONV && v->blocks[0].up.bias &&
          v->blocks[0].up.mode == MODE_BILINEAR && v->blocks[7].upsampled.count == 2);
    CHECK(v->blocks[7].upsampled.ops[0].bias &&
          v->blocks[7].upsampled.ops[1].activation == ACT_RELU);
    config_free(&c);

    c = preset_config("zi2zi-2025-04-pixelshuffle", &none);
    v = &c.variants[0];
    CHECK(v->blocks[0].up.decoder == DECODER_PIXEL_SHUFFLE && !v->blocks[0].up.bias &&
          v->blocks[0].down.bias && v->blocks[0].upsampled.count == 4);
    CHECK_STR(v->blocks[0].upsampled.ops[3].as, "post_conv.3");
    config_free(&c);
}

static void test_added(void) {
    struct config c = preset_config("zi2zi-2025-12", &none);
    for (int i = 0; i < 8; i++) {
        const struct config_block *b = &c.variants[0].blocks[i];
        CHECK_INT(b->encoded.count, i == 4 || i == 7);
        CHECK(b->skip == SKIP_ADD && b->up.decoder == DECODER_PIXEL_SHUFFLE && !b->down.bias);
        CHECK_INT(b->up.bias, i == 0);
    }
    CHECK_INT(c.variants[0].style, STYLE_EXPAND);
    config_free(&c);
    c = preset_config("zi2zi-2026-03", &none);
    for (int i = 0; i < 8; i++) CHECK_INT(c.variants[0].blocks[i].encoded.count, i == 2 || i == 3);
    CHECK_STR(c.variants[0].blocks[2].encoded.ops[0].as, "att");
    config_free(&c);
}

static void test_options(void) {
    static const bool attention[7] = {false, true, false, true, false, false, true};
    static const bool residual[7] = {false, false, true};
    static const int channels[7] = {8, 16, 24, 32, 40, 48, 56};
    struct config c =
        preset_config("zi2zi-2025-03", &(struct preset_options){.size = {384, 512},
                                                                .blocks = 7,
                                                                .channels = channels,
                                                                .channels_in = 3,
                                                                .channels_out = 1,
                                                                .no_style = true,
                                                                .attention = attention,
                                                                .residual = residual,
                                                                .weights = "w \".pth"});
    const struct config_variant *v = &c.variants[0];
    CHECK(v->size.h == 384 && v->size.w == 512 && v->channels_in == 3 && v->channels_out == 1);
    CHECK(v->style == STYLE_NONE && v->block_count == 7);
    CHECK_STR(v->weights[0].file, "dir/w \".pth");
    for (int i = 0; i < 7; i++) {
        CHECK_INT(v->blocks[i].channels, 8 * i + 8);
        CHECK_INT(v->blocks[i].encoded.count, attention[i]);
        CHECK_INT(v->blocks[i].decoded.count, residual[i]);
    }
    config_free(&c);
    c = preset_config("zi2zi-2020",
                      &(struct preset_options){.ngf = 16, .style_count = 9, .style_dim = 5});
    v = &c.variants[0];
    CHECK(v->blocks[0].channels == 16 && v->blocks[7].channels == 128);
    CHECK(v->style_count == 9 && v->style_dim == 5);
    config_free(&c);
}

static void test_refused(void) {
    struct text text = {0};
    struct err err = {0};
    CHECK(!preset_write("pix2pix-265", &none, &text, &err));
    CHECK(err.text && strstr(err.text, "no preset is called \"pix2pix-265\", did you mean "
                                       "\"pix2pix-256\"?; there are zi2zi-2020, "));
    err_free(&err);
    CHECK(!preset_write("pix2pix-256", &(struct preset_options){.blocks = 1}, &text, &err));
    CHECK_STR(err.text, "blocks 1 is not allowed; give 2 to 64");
    err_free(&err);
    text_free(&text);
}

/* The configs that ship are the presets as they are. */
static void test_shipped(void) {
    static const char *const names[] = {"zi2zi-2020", "pix2pix-256"};
    for (int i = 0; i < 2; i++) {
        struct text path = {0}, text = {0};
        struct bytes file = {0};
        struct err err = {0};
        text_add(&path, "configs/%s.json", names[i]);
        CHECK(preset_write(names[i], &none, &text, &err));
        CHECK(file_read(path.s, 1 << 20, &file, &err));
        CHECK_STR((const char *)file.data, text.s);
        bytes_free(&file);
        text_free(&path);
        text_free(&text);
        err_free(&err);
    }
}

int main(void) {
    test_all();
    test_2025_03();
    test_2025_04();
    test_added();
    test_options();
    test_refused();
    test_shipped();
    return check_end();
}
