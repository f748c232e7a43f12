/* Binding a config's variants to checkpoints made by hand, for tests. */
#ifndef ENGINE_BIND_BENCH_H
#define ENGINE_BIND_BENCH_H

#include "base/check.h"
#include "base/text.h"
#include "engine/bind.h"
#include "engine/bind_fixture.h"

/* A config, one of its variants as a graph, and what binding it gave. */
struct bench {
    struct config config;
    struct graph graph;
    struct net net;
    struct binder *binder;
    struct binding binding;
    struct err err;
    bool bound;
};

static inline void bench_start(struct bench *b, const char *json) {
    *b = (struct bench){.binder = binder_create(NULL)};
    if (!config_parse(json, strlen(json), "test.json", ".", NULL, 0, &b->config, &b->err)) {
        printf("%s\n", b->err.text);
        check_failed++;
        exit(1);
    }
}

static inline void bench_forget(struct bench *b) {
    binding_free(&b->binding);
    net_free(&b->net);
    graph_free(&b->graph);
    err_free(&b->err);
}

static inline void bench_end(struct bench *b) {
    bench_forget(b);
    binder_free(b->binder);
    config_free(&b->config);
}

/* Builds and binds the variant of that name. */
static inline void bench_bind(struct bench *b, const char *variant, int seed) {
    bench_forget(b);
    const struct config_variant *v = config_find(&b->config, variant);
    REQUIRE(v);
    CHECK(net_build(&b->graph, v, v->size, -2, NULL, NULL, &b->net, &b->err));
    CHECK(b->net.ok);
    if (!b->net.ok) printf("%s\n", b->net.error);
    b->bound =
        binder_bind(b->binder, &b->config, v, seed, &b->graph, &b->net, &b->binding, &b->err);
}

static inline const struct bound *bench_weight(const struct bench *b, const char *plain) {
    for (int i = 0; i < b->binding.count; i++)
        if (strcmp(b->binding.weights[i].slot.name, plain) == 0) return &b->binding.weights[i];
    return NULL;
}

/* True when the message, escapes apart, contains `words`. */
static inline void check_says(const struct bench *b, const char *words) {
    bool says = b->err.text && strstr(b->err.text, words);
    CHECK(says);
    if (!says) printf("  wanted: %s\n  got: %s\n", words, b->err.text ? b->err.text : "(nothing)");
}

static inline void check_reads(const struct bench *b, const char *plain, const char *name) {
    const struct bound *w = bench_weight(b, plain);
    if (!w) printf("no weight %s\n", plain);
    CHECK(w && w->file_name);
    if (w && w->file_name) CHECK_STR(w->file_name, name);
}

static inline void check_bound(const struct bench *b, enum origin origin) {
    CHECK(b->bound);
    if (!b->bound) printf("%s\n", b->err.text);
    CHECK_INT(b->binding.origin, origin);
    CHECK_INT(b->binding.count, b->net.slot_count);
    for (int i = 0; i < b->binding.count; i++) {
        const struct slot *slot = &b->binding.weights[i].slot;
        CHECK(slot->data && (slot->content[0] || slot->content[1]));
    }
}

/* A config's text: the head, the blocks, and what follows them. The fourth of 8 blocks is "b4". */
static inline const char *config_text(struct text *t, const char *head, const char *defaults,
                                      const char *outer, const char *inner, int blocks,
                                      const char *tail) {
    text_add(t, "{ \"name\": \"t\", %s, \"defaults\": { %s }, \"blocks\": [\n", head, defaults);
    text_add(t, "{ \"name\": \"outermost_\", \"channels\": %d%s }", NGF, outer);
    for (int i = 1; i < blocks - 1; i++)
        text_add(t, ",\n{ \"name\": \"b%d\", \"channels\": %d }", i + 1, fake_channels(i));
    text_add(t, ",\n{ \"name\": \"inner\", \"channels\": %d%s } ], \"weights\": \"w\"%s }",
             fake_channels(blocks - 1), inner, tail);
    return t->s;
}

#define SIZE_256 "\"input\": { \"channels\": 1, \"size\": [256, 256] }"
#define ZI2ZI_HEAD                                                                                 \
    SIZE_256 ", \"output\": { \"channels\": 1, \"activation\": \"tanh\" }, \"style\": { "          \
             "\"mode\": \"concat\", \"count\": 5, \"dim\": 3, \"label\": 0 }"
#define A_OUTER                                                                                    \
    ", \"down\": { \"activation\": \"none\", \"norm\": \"none\" }, \"up\": { \"norm\": \"none\", " \
    "\"bias\": true }"
#define A_INNER ", \"down\": { \"norm\": \"none\" }"

static inline void start_2020(struct bench *b, const char *tail) {
    struct text t = {0};
    bench_start(b, config_text(&t, ZI2ZI_HEAD, "\"skip\": \"concat\"", A_OUTER, A_INNER, 8, tail));
    text_free(&t);
}

static inline struct checkpoint file_2020(const char *before, const char *path) {
    struct fake f = {.before = before};
    fake_zi2zi_2020(&f, 8, 5, 3);
    return fake_finish(&f, path);
}

static inline void add(struct bench *b, struct checkpoint c) {
    binder_add(b->binder, &c);
}

#endif
