/* Whole networks against PyTorch's numbers (data/golden, made by scripts/make_golden.py), by the
 * reference engine and by the fast one on every instruction set that this machine has. */
#include <stdlib.h>

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/session.h"
#include "image/decode.h"
#include "image/tensor_image.h"
#include "json/json.h"

/* The .npy of a variant, float32 after a header whose length stands at byte 8; NULL without. */
static float *read_npy(const char *network, const char *variant, size_t *count) {
    struct text path = {0};
    struct bytes bytes;
    struct err err = {0};
    text_add(&path, "data/golden/%s.%s.npy", network, variant);
    float *values = NULL;
    if (file_read(path.s, 1 << 24, &bytes, &err) && bytes.size > 10) {
        size_t header = 10 + bytes.data[8] + 256u * bytes.data[9];
        *count = (bytes.size - header) / sizeof *values;
        values = mem_array(*count, sizeof *values);
        memcpy(values, bytes.data + header, *count * sizeof *values);
    }
    bytes_free(&bytes);
    err_free(&err);
    text_free(&path);
    return values;
}

/* Largest difference of every step-th row and column, over the golden values' standard deviation.
 */
static double difference(const float *output, struct shape shape, int step, const float *golden,
                         size_t count) {
    double sum = 0, squares = 0, worst = 0;
    size_t g = 0;
    for (int c = 0; c < shape.c; c++) {
        for (int y = 0; y < shape.h; y += step) {
            for (int x = 0; x < shape.w; x += step, g++) {
                if (g >= count) return INFINITY;
                double value = golden[g];
                sum += value;
                squares += value * value;
                size_t at = ((size_t)c * (size_t)shape.h + (size_t)y) * (size_t)shape.w + (size_t)x;
                double off = fabs(output[at] - value);
                worst = off <= worst ? worst : off; /* NaN is worst */
            }
        }
    }
    double mean = sum / (double)count;
    return g == count ? worst / sqrt(squares / (double)count - mean * mean) : INFINITY;
}

static float *read_input(const char *network, const struct config_variant *variant,
                         struct image_decoder *decoder) {
    struct text path = {0};
    struct image image = {0};
    struct err err = {0};
    text_add(&path, "data/golden/%s.png", network);
    CHECK(decoder_read(decoder, 0, path.s, variant->channels_in, &image, &err));
    if (err.text) printf("%s\n", err.text);
    size_t count = (size_t)variant->channels_in * (size_t)image.width * (size_t)image.height;
    float *tensor = mem_aligned(count * sizeof *tensor);
    image_to_tensor(&image, variant->mean, variant->std, tensor);
    image_free(&image);
    text_free(&path);
    err_free(&err);
    return tensor;
}

static void compare_outputs(const struct session *session, const struct planned *planned,
                            float **outputs, const char *network, const char *isa, int step,
                            double tolerance) {
    double worst = 0;
    for (int m = 0; m < session->member_count; m++) {
        const char *name = session->members[m].variant->name;
        size_t count = 0;
        float *golden = read_npy(network, name, &count);
        CHECK(golden != NULL);
        double off = golden ? difference(outputs[planned->root_of[m]], planned->nets[m].output,
                                         step, golden, count)
                            : INFINITY;
        if (!(off < tolerance)) printf("%s %s, %s: off by %.3g\n", network, name, isa, off);
        CHECK(off < tolerance);
        worst = fmax(worst, off);
        mem_free(golden);
    }
    printf("%s, %s: worst %.2e of the standard deviation\n", network, isa, worst);
}

static float **make_outputs(const struct planned *planned) {
    float **outputs = mem_array((size_t)planned->root_count, sizeof *outputs);
    for (int r = 0; r < planned->root_count; r++) {
        struct shape s = planned->graph.nodes[planned->roots[r]].out;
        outputs[r] = mem_aligned(sizeof(float) * (size_t)s.c * (size_t)s.h * (size_t)s.w);
    }
    return outputs;
}

static void free_outputs(const struct planned *planned, float **outputs) {
    for (int r = 0; r < planned->root_count; r++) mem_free(outputs[r]);
    mem_free(outputs);
}

/* Every variant by itself gives the bits that it gives in company, whoever the company is. */
static void compare_alone(struct session *session, const struct planned *together, float **company,
                          const float *image, const char *network, struct err *err) {
    for (int m = 0; m < session->member_count; m++) {
        struct planned *alone = session_plan_members(session, together->size, m, 1, err);
        CHECK(alone != NULL);
        if (!alone) continue;
        float **outputs = make_outputs(alone);
        int label = 0;
        engine_run(alone->engine, &image, &label, 1, outputs, NULL);
        struct shape s = alone->nets[0].output;
        size_t bytes = sizeof(float) * (size_t)s.c * (size_t)s.h * (size_t)s.w;
        bool same = memcmp(outputs[0], company[together->root_of[m]], bytes) == 0;
        if (!same)
            printf("%s %s: other bits alone than in company\n", network,
                   session->members[m].variant->name);
        CHECK(same);
        free_outputs(alone, outputs);
        planned_free(alone);
    }
}

static void test_network(const char *network, int step, const char *isa, double tolerance,
                         struct image_decoder *decoder) {
    struct text path = {0};
    text_add(&path, "data/golden/%s.json", network);
    char *argv[] = {"stridelab", "bench", path.s, "--isa", (char *)(uintptr_t)isa, NULL};
    struct options options;
    struct session session = {0};
    struct err err = {0};
    bool ok = options_parse(5, argv, &options, &err) && session_load(&options, &session, &err);
    if (ok) {
        struct extent size = session.variants[0]->size;
        session.batch = 1;
        ok = session_bind(&session, &options, size, &err);
        struct planned *planned =
            ok ? session_plan_members(&session, size, 0, session.member_count, &err) : NULL;
        CHECK(session.misfits == 0 && planned != NULL);
        if (planned) {
            float *image = read_input(network, session.variants[0], decoder);
            float **outputs = make_outputs(planned);
            const float *images[] = {image};
            int label = 0;
            engine_run(planned->engine, images, &label, 1, outputs, NULL);
            compare_outputs(&session, planned, outputs, network, isa, step, tolerance);
            if (session.isa == isa_detect())
                compare_alone(&session, planned, outputs, image, network, &err);
            free_outputs(planned, outputs);
            mem_free(image);
            planned_free(planned);
        }
    }
    CHECK(ok);
    if (err.text) printf("%s\n", err.text);
    session_free(&session);
    options_free(&options);
    err_free(&err);
    text_free(&path);
}

int main(void) {
    struct bytes bytes;
    struct err err = {0};
    struct json_doc index = {0};
    struct json_limits limits = {.bytes = 1 << 20, .nodes = 10000, .depth = 8};
    struct image_decoder *decoder = decoder_create(0);
    if (!file_read("data/golden/index.json", 1 << 20, &bytes, &err) ||
        !json_parse("index.json", (const char *)bytes.data, bytes.size, &limits, &index, &err)) {
        printf("%s\n", err.text);
        return 1;
    }
    const char *only = getenv("GOLDEN_ISA"); /* for looking at one of them */
    for (const struct json_node *n = json_first(json_root(&index)); n; n = json_next(n)) {
        const char *network = json_string(json_find(n, "name"));
        int step = (int)json_number(json_find(n, "step"));
        for (int isa = ISA_REF; isa <= (int)isa_detect(); isa++) {
            if (only && strcmp(only, isa_name((enum isa)isa)) != 0) continue;
            test_network(network, step, isa_name((enum isa)isa), isa == ISA_REF ? 1e-4 : 1e-3,
                         decoder);
        }
    }
    json_free(&index);
    bytes_free(&bytes);
    decoder_free(decoder);
    return check_end();
}
