/* Checkpoints of all families, as their sources save them: what is read off them, and whether the
 * config that comes of it binds. */
#include "engine/recognise_preset.h"

#include "engine/bind_bench.h"

static bool has_words(const struct lines *lines, const char *words) {
    for (size_t i = 0; i < lines->count; i++)
        if (strstr(lines->items[i], words)) return true;
    return false;
}

/* Makes a config of the file and binds its first variant: false when that fails. */
static bool binds(const struct recognised *r, struct checkpoint *checkpoint, struct extent size) {
    struct preset_options options = r->options;
    struct text text = {0};
    struct bench b = {.binder = binder_create(NULL)};
    options.weights = checkpoint->path;
    if (size.h) options.size = size;
    bool ok =
        preset_write(r->preset, &options, &text, &b.err) &&
        config_parse(text.s, text.length, "t.json", "", r->sets, r->set_count, &b.config, &b.err);
    if (ok) {
        add(&b, *checkpoint);
        *checkpoint = (struct checkpoint){0};
        bench_bind(&b, b.config.variants[0].name, 0);
        ok = b.bound && b.binding.origin == ORIGIN_TRAINED;
    }
    if (!ok) printf("%s\n", b.err.text ? b.err.text : b.net.error);
    bench_end(&b);
    text_free(&text);
    return ok;
}

struct want {
    const char *file, *preset;
    int blocks, channels_in, style_count;
    const char *unknown; /* words of one of them */
    struct extent size;  /* that the golden output has */
};

static void test_family(const struct want *want) {
    char path[128];
    snprintf(path, sizeof path, "data/golden/families/%s.pth", want->file);
    struct checkpoint c;
    struct recognised r = {0};
    struct err err = {0};
    CHECK(checkpoint_open(path, &(struct checkpoint_options){0}, &c, &err));
    CHECK(recognise_preset(&c, &r, &err));
    if (err.text) printf("%s: %s\n", path, err.text);
    if (r.preset) {
        CHECK_STR(r.preset, want->preset);
        CHECK_INT(r.set_count, 0);
        CHECK(has_words(&r.unknowns, want->unknown));
        CHECK(has_words(&r.conclusions, "blocks: the down convolutions"));
        CHECK(binds(&r, &c, want->size));
    }
    recognised_free(&r);
    checkpoint_free(&c);
    err_free(&err);
}

static void test_families(void) {
    static const struct want wants[] = {
        {.file = "a", .preset = "zi2zi-2020", .unknown = "size"},
        {.file = "b", .preset = "zi2zi-2025-03", .unknown = "fitted"},
        {.file = "c-conv", .preset = "zi2zi-2025-04", .unknown = "linear"},
        {.file = "c-upsample", .preset = "zi2zi-2025-04-upsample", .unknown = "linear"},
        {.file = "c-pixelshuffle", .preset = "zi2zi-2025-04-pixelshuffle", .unknown = "linear"},
        {.file = "d-2025-12", .preset = "zi2zi-2025-12", .unknown = "strides"},
        {.file = "d-2026-03", .preset = "zi2zi-2026-03", .unknown = "strides"},
        {.file = "e", .preset = "pix2pix-256", .unknown = "running statistics"}};
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) test_family(&wants[i]);
}

static void check_fake(struct fake *f, const char *preset, int sets) {
    struct checkpoint c = fake_finish(f, "fake");
    struct recognised r;
    struct err err = {0};
    CHECK(recognise_preset(&c, &r, &err));
    CHECK(r.preset && strcmp(r.preset, preset) == 0);
    CHECK_INT(r.set_count, sets);
    CHECK(r.preset && binds(&r, &c, (struct extent){0, 0}));
    recognised_free(&r);
    checkpoint_free(&c);
    err_free(&err);
}

static void drop(struct fake *f, const char *part) {
    struct checkpoint *c = &f->checkpoint;
    int kept = 0;
    for (int i = 0; i < c->tensor_count; i++)
        if (!strstr(c->tensors[i].name, part)) c->tensors[kept++] = c->tensors[i];
    c->tensor_count = kept;
}

static void test_fakes(void) {
    struct fake f = {0};
    for (int blocks = 5; blocks <= 8; blocks++) {
        fake_zi2zi_2020(&f, blocks, 6, 2);
        check_fake(&f, "zi2zi-2020", 0);
        fake_pix2pix(&f, blocks);
        check_fake(&f, blocks == 7 ? "pix2pix-128" : "pix2pix-256", 0);
    }
    f.before = "module.";
    fake_zi2zi_2025_03(&f, 6, 2);
    check_fake(&f, "zi2zi-2025-03", 0);
    for (const char *form = "abc"; *form; form++) {
        static const char *const presets[] = {"zi2zi-2025-04", "zi2zi-2025-04-upsample",
                                              "zi2zi-2025-04-pixelshuffle"};
        fake_zi2zi_2025_04(&f, *form, 6, 2);
        check_fake(&f, presets[*form - 'a'], 0);
    }
    /* Norms without running statistics: no preset has them, so they are set. */
    fake_pix2pix(&f, 8);
    drop(&f, "running_");
    drop(&f, "num_batches");
    check_fake(&f, "pix2pix-256", 2);
}

/* An embedding of no width is no style, and nothing that a weight could read. */
static void test_empty_embedding(void) {
    struct fake f = {0};
    fake_zi2zi_2020(&f, 6, 6, 0);
    check_fake(&f, "zi2zi-2020", 0);
}

/* More keys than channels is no attention of these, and no reason to fail. */
static void test_odd_attention(void) {
    struct fake f = {0};
    fake_zi2zi_2025_03(&f, 6, 2);
    fake_conv(&f, "model.submodule", "self_attn.query", 64, 8, 1, 64);
    struct checkpoint c = fake_finish(&f, "fake");
    struct recognised r;
    struct err err = {0};
    CHECK(recognise_preset(&c, &r, &err));
    CHECK(r.attention[1] && has_words(&r.unknowns, "block 2: 64 of 8 channels are keys"));
    recognised_free(&r);
    checkpoint_free(&c);
}

static void test_refusal(void) {
    struct fake f = {0};
    fake_add(&f, "model.down.0.weight", 2, (const int[]){3, 3});
    fake_add(&f, "features.0.weight", 4, (const int[]){3, 3, 3, 3});
    struct checkpoint c = fake_finish(&f, "fake");
    struct recognised r;
    struct err err = {0};
    CHECK(!recognise_preset(&c, &r, &err));
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    recognised_free(&r);
    err_free(&err);
    checkpoint_free(&c);
}

int main(void) {
    test_families();
    test_fakes();
    test_empty_embedding();
    test_odd_attention();
    test_refusal();
    return check_end();
}
