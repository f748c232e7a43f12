/* The strict JSON reader, and all that can be asked of the values that it gives. */
#include <math.h>

#include "base/mem.h"
#include "fuzz/fuzz.h"
#include "json/json.h"

const char *const fuzz_seeds[] = {"configs/*.json", "data/golden/*.json",
                                  "data/hostile/safe-json-*", NULL};

static size_t check_value(const struct json_node *node, int depth) {
    size_t count = 1, members = 0;
    struct text text = {0};
    uint64_t exact;
    int64_t integer;
    FUZZ_CHECK(depth <= 64 && node->start < node->end);
    if (json_u64(node, &exact)) FUZZ_CHECK(json_number(node) >= 0);
    if (json_integer(node, &integer)) FUZZ_CHECK((double)integer == json_number(node));
    FUZZ_CHECK(isfinite(json_number(node)));
    FUZZ_CHECK((json_string(node) != NULL) == (node->type == JSON_STRING));
    json_path(node, &text);
    json_excerpt(node, 16, &text);
    text_free(&text);
    json_place(node->doc, node->start);
    for (const struct json_node *n = json_first(node); n; n = json_next(n)) {
        FUZZ_CHECK(json_parent(n) == node);
        FUZZ_CHECK((json_key(n) != NULL) == (node->type == JSON_OBJECT));
        if (json_key(n)) FUZZ_CHECK(json_find(node, json_key(n)) == n);
        count += check_value(n, depth + 1);
        members++;
    }
    FUZZ_CHECK(members == node->count);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct json_limits limits = {.bytes = 1 << 20, .nodes = 5000, .depth = 64};
    struct json_doc doc = {0};
    struct err err = {0};
    uint8_t *text = fuzz_copy(data, size);
    if (json_parse("text", (const char *)text, size, &limits, &doc, &err))
        FUZZ_CHECK(check_value(json_root(&doc), 0) == doc.node_count);
    else
        FUZZ_CHECK(err.count > 0);
    json_free(&doc);
    err_free(&err);
    mem_free(text);
    return 0;
}
