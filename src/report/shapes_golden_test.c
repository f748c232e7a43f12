/* PyTorch's shapes, joins and refusals on random configs (data/golden/shapes.json, made by
 * scripts/compare_shapes.py) against the trace. Where PyTorch stopped, what it reached is compared.
 */
#include "report/trace.h"

#include "base/check.h"
#include "base/file.h"
#include "json/json.h"

static bool same_list(const struct json_node *list, const int *values, int count) {
    int i = 0;
    for (const struct json_node *n = json_first(list); n; n = json_next(n), i++)
        if (i == count || (int)json_number(n) != values[i]) return false;
    return i == count;
}

/* `node` has the shape that the block's answer gives for `key`, or the answer did not get there. */
static bool same_map(const struct json_node *answer, const char *key, const struct graph *graph,
                     int node) {
    const struct json_node *shape = json_find(answer, key);
    if (!shape) return true;
    if (node < 0) return false;
    struct shape s = graph->nodes[node].out;
    return same_list(shape, (const int[]){s.c, s.h, s.w}, 3);
}

static bool same_block(const struct json_node *blocks, const struct graph *graph,
                       const struct net_block *block) {
    const struct json_node *answer = json_find(blocks, block->name);
    const struct json_node *to = json_find(answer, "to");
    return same_map(answer, "in", graph, block->in) &&
           same_map(answer, "encoded", graph, block->encoded) &&
           same_map(answer, "decoded", graph, block->decoded) &&
           (!to || same_list(to, (const int[]){block->join_to.h, block->join_to.w}, 2));
}

static bool same_case(const struct json_node *item) {
    const struct json_node *text = json_find(item, "config");
    struct config config;
    struct err err = {0};
    if (!config_parse(text->doc->text + text->start, text->end - text->start, "case", ".", NULL, 0,
                      &config, &err)) {
        printf("%s\n", err.text);
        config_free(&config);
        err_free(&err);
        return false;
    }
    const struct config_variant *variant = &config.variants[0];
    struct trace trace;
    trace_build(&variant, 1, (struct extent){0, 0}, &trace);
    const struct trace_variant *v = &trace.variants[0];
    bool same = v->net.ok == json_bool(json_find(item, "ok"));
    for (int i = 0; i < v->net.block_count; i++)
        same = same && same_block(json_find(item, "blocks"), &trace.graph, &v->net.blocks[i]);
    if (v->net.ok && same)
        same = same_map(item, "output", &trace.graph, v->net.root) &&
               json_number(json_find(item, "parameters")) == (double)v->facts.parameters;
    trace_free(&trace);
    config_free(&config);
    return same;
}

int main(void) {
    struct bytes file = {0};
    struct json_doc doc = {0};
    struct json_limits limits = {1 << 24, 1 << 20, 32};
    struct err err = {0};
    CHECK(file_read("data/golden/shapes.json", 1 << 24, &file, &err));
    CHECK(json_parse("shapes.json", (const char *)file.data, file.size, &limits, &doc, &err));
    int number = 0;
    for (const struct json_node *item = json_first(json_find(json_root(&doc), "cases")); item;
         item = json_next(item), number++) {
        bool same = same_case(item);
        CHECK(same);
        if (!same) printf("case %d of data/golden/shapes.json\n", number);
    }
    CHECK(number >= 50);
    json_free(&doc);
    bytes_free(&file);
    err_free(&err);
    return check_end();
}
