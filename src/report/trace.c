#include "report/trace.h"

static struct extent size_of(const struct config_variant *variant, struct extent size) {
    return size.h > 0 ? size : variant->size;
}

static void build_variant(struct trace *trace, struct trace_variant *t) {
    struct err err = {0};
    net_build(&trace->graph, t->config, t->size, -2, NULL, NULL, &t->net, &err);
    err_free(&err); /* without bind it cannot fail */
    for (int i = 0; i < t->net.block_count; i++)
        t->resamples += t->net.blocks[i].join == JOIN_RESAMPLED;
    trace->ok = trace->ok && t->net.ok;
}

static void count_waking(struct trace *trace, struct trace_variant *t) {
    struct extent trained = t->config->trained_size;
    if (trained.h <= 0 || !t->net.ok) return;
    struct net then;
    struct err err = {0};
    net_build(&trace->graph, t->config, trained, -2, NULL, NULL, &then, &err);
    t->trained = then.ok;
    if (then.ok) t->waking = facts_waking(&trace->graph, &t->net, &then);
    net_free(&then);
    err_free(&err);
}

static void compare_variant(struct trace *trace, int index) {
    struct trace_variant *t = &trace->variants[index];
    t->equal_to = t->parts_from = -1;
    for (int i = 0; i < index && t->net.ok; i++) {
        const struct trace_variant *other = &trace->variants[i];
        if (!other->net.ok) continue;
        if (t->parts_from < 0) t->parts_from = i;
        if (!equal_nets(other->config, &other->net, t->config, &t->net)) continue;
        t->equal_to = i;
        t->parts_from = -1;
        t->equal_because =
            equal_because(&trace->graph, other->config, &other->net, t->config, &trace->arena);
        t->differs_count = equal_differs_at(other->config, t->config, t->size, t->differs_at);
        return;
    }
    if (t->parts_from >= 0)
        t->parting = equal_parting(&trace->variants[t->parts_from].net, &t->net);
}

void trace_build(const struct config_variant *const *variants, int count, struct extent size,
                 struct trace *out) {
    *out = (struct trace){.count = count, .ok = true};
    out->variants = mem_array((size_t)count, sizeof *out->variants);
    for (int i = 0; i < count; i++) {
        struct trace_variant *t = &out->variants[i];
        t->config = variants[i];
        t->size = size_of(variants[i], size);
        build_variant(out, t);
    }
    for (int i = 0; i < count; i++) {
        facts_of(&out->graph, &out->variants[i].net, &out->variants[i].facts);
        compare_variant(out, i);
    }
    for (int i = 0; i < count; i++) {
        struct trace_variant *t = &out->variants[i];
        count_waking(out, t);
        if (!t->net.ok) diagnose(t->config, &t->net, t->size, &out->arena, &t->diagnosis);
    }
}

bool trace_is_whole(const struct trace_variant *variant) {
    return variant->net.blocks[0].out >= 0;
}

const char *trace_join_name(enum join_status status) {
    static const char *const names[] = {
        [JOIN_OK] = "ok", [JOIN_RESAMPLED] = "resampled", [JOIN_MISMATCH] = "mismatch"};
    return names[status];
}

void trace_free(struct trace *trace) {
    for (int i = 0; i < trace->count; i++) {
        net_free(&trace->variants[i].net);
        facts_free(&trace->variants[i].facts);
    }
    mem_free(trace->variants);
    graph_free(&trace->graph);
    arena_free(&trace->arena);
    *trace = (struct trace){0};
}

void trace_write(const struct trace *trace, enum trace_format format, int columns,
                 struct text *out) {
    switch (format) {
    case TRACE_TABLE:
        trace_table(trace, columns, out);
        break;
    case TRACE_JSON:
        trace_json(trace, out);
        break;
    case TRACE_CSV:
        trace_csv(trace, out);
        break;
    case TRACE_MD:
        trace_md(trace, out);
        break;
    case TRACE_SVG:
        trace_svg(trace, out);
        break;
    }
}
