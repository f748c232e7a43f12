/* Configs, and the shapes of what they describe: sizes, work and equality are integers that a
 * config may drive anywhere. */
#include "base/mem.h"
#include "config/config.h"
#include "fuzz/fuzz.h"
#include "report/trace.h"

const char *const fuzz_seeds[] = {"configs/[dpz]*.json", "data/golden/[dpz]*.json",
                                  "data/golden/features.json", NULL};

/* Blocks of all variants: more cost time and show nothing else. */
#define BLOCKS_MAX 200

/* It has a size everywhere, as verb_trace makes sure of, and is not too large. */
static bool is_traceable(const struct config *config) {
    int blocks = 0;
    for (int v = 0; v < config->variant_count; v++) {
        if (config->variants[v].size.h == 0) return false;
        blocks += config->variants[v].block_count;
    }
    return blocks <= BLOCKS_MAX;
}

static void look_at(const struct config *config) {
    const struct config_variant **variants =
        mem_array((size_t)config->variant_count, sizeof *variants);
    struct text text = {0};
    for (int v = 0; v < config->variant_count; v++) variants[v] = &config->variants[v];
    struct trace trace;
    trace_build(variants, config->variant_count, (struct extent){0}, &trace);
    trace_write(&trace, TRACE_JSON, 0, &text);
    trace_free(&trace);
    text_free(&text);
    mem_free(variants);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config config;
    struct err err = {0};
    uint8_t *text = fuzz_copy(data, size);
    if (config_parse((const char *)text, size, "config.json", ".", NULL, 0, &config, &err)) {
        FUZZ_CHECK(config.variant_count > 0 && err.count == 0);
        if (is_traceable(&config)) look_at(&config);
    } else {
        FUZZ_CHECK(err.count > 0);
    }
    config_free(&config);
    err_free(&err);
    mem_free(text);
    return 0;
}
