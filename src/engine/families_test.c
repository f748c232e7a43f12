/* From a checkpoint as its source saves it to the network's output, by the reference alone: what
 * PyTorch computes for every generator (data/golden/families, made by scripts/make_golden.py). */
#include "base/file.h"
#include "engine/bind_bench.h"
#include "engine/recognise_preset.h"
#include "engine/ref.h"
#include "image/decode.h"
#include "image/tensor_image.h"

#define FOLDER "data/golden/families/"

struct family_case {
    const char *file;
    struct extent size;
    bool softmax; /* what the file cannot tell */
};

/* The floats of a .npy file (version 1, float32, C order) of `count` values; the caller frees. */
static float *read_npy(const char *path, size_t count) {
    struct bytes bytes;
    struct err err = {0};
    float *values = mem_array(count, sizeof *values);
    CHECK(file_read(path, 1 << 24, &bytes, &err));
    size_t header = bytes.size > 10 ? 10u + bytes.data[8] + 256u * bytes.data[9] : 0;
    CHECK_INT(bytes.size, header + count * sizeof *values);
    if (bytes.size == header + count * sizeof *values)
        memcpy(values, bytes.data + header, count * sizeof *values);
    bytes_free(&bytes);
    err_free(&err);
    return values;
}

static float *read_input(const char *path, int channels) {
    struct image image = {0};
    struct err err = {0};
    struct image_decoder *decoder = decoder_create(0);
    CHECK(decoder_read(decoder, 0, path, channels, &image, &err));
    if (err.text) printf("%s\n", err.text);
    float *input =
        mem_array((size_t)channels * (size_t)image.width * (size_t)image.height, sizeof *input);
    image_to_tensor(&image, 0.5, 0.5, input);
    decoder_free(decoder);
    image_free(&image);
    err_free(&err);
    return input;
}

/* The config that `init --from` makes of the file. */
static void start_family(struct bench *b, const struct family_case *f, struct checkpoint *c) {
    struct recognised r;
    struct text text = {0};
    *b = (struct bench){.binder = binder_create(NULL)};
    CHECK(recognise_preset(c, &r, &b->err));
    r.options.size = f->size;
    r.options.weights = c->path;
    CHECK(preset_write(r.preset, &r.options, &text, &b->err));
    struct config_override sets[RECOGNISE_LEVELS_MAX];
    char paths[RECOGNISE_LEVELS_MAX][48];
    int count = 0;
    for (int i = 0; f->softmax && i < r.seen.level_count; i++) {
        if (!r.attention[i]) continue;
        snprintf(paths[count], sizeof paths[count], "blocks.%d.extra.input", i + 1);
        sets[count] = (struct config_override){
            paths[count], "[{ \"op\": \"self_attention\", \"as\": \"attn_block\" }]"};
        count++;
    }
    CHECK(config_parse(text.s, text.length, "t.json", "", sets, count, &b->config, &b->err));
    if (b->err.text) printf("%s\n", b->err.text);
    text_free(&text);
    recognised_free(&r);
}

static double largest_difference(const float *a, const float *b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double off = fabs((double)a[i] - (double)b[i]);
        if (!(off <= largest)) largest = off;
    }
    return largest;
}

static void test_family(const struct family_case *f) {
    char path[128];
    struct checkpoint c;
    struct bench b;
    struct err err = {0};
    snprintf(path, sizeof path, FOLDER "%s.pth", f->file);
    CHECK(checkpoint_open(path, &(struct checkpoint_options){0}, &c, &err));
    start_family(&b, f, &c);
    binder_add(b.binder, &c);
    bench_bind(&b, b.config.variants[0].name, 0);
    check_bound(&b, ORIGIN_TRAINED);

    struct graph graph = {0};
    struct net net;
    CHECK(net_build(&graph, &b.config.variants[0], f->size, -1, bind_slot, &b.binding, &net, &err));
    CHECK(net.ok);
    size_t count = (size_t)net.output.c * (size_t)net.output.h * (size_t)net.output.w;
    snprintf(path, sizeof path, FOLDER "%s.npy", f->file);
    float *want = read_npy(path, count), *got = mem_array(count, sizeof *got);
    snprintf(path, sizeof path, FOLDER "%s.png", f->file);
    float *input = read_input(path, net.input.c);
    if (net.ok) ref_run(&graph, &net.root, 1, input, 1, &got, NULL, NULL);
    double off = largest_difference(got, want, count);
    if (!(off <= 1e-5)) printf("%s: off by %g\n", f->file, off);
    CHECK_NEAR(off, 0, 1e-5);
    mem_free(input);
    mem_free(want);
    mem_free(got);
    net_free(&net);
    graph_free(&graph);
    err_free(&err);
    bench_end(&b);
}

int main(void) {
    static const struct family_case cases[] = {{"a", {32, 32}, false},
                                               {"b", {40, 52}, false},
                                               {"c-conv", {40, 48}, false},
                                               {"c-upsample", {32, 48}, false},
                                               {"c-pixelshuffle", {32, 48}, true},
                                               {"d-2025-12", {128, 64}, false},
                                               {"d-2026-03", {32, 64}, false},
                                               {"e", {32, 64}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) test_family(&cases[i]);
    return check_end();
}
