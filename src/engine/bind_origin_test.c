/* Where weights come from: trained, transplanted, initialised, random. */
#include "config/architecture.h"
#include "engine/bind_bench.h"

static enum origin origin_of(struct bench *b, const char *variant, int seed) {
    bench_bind(b, variant, seed);
    if (!b->bound) printf("%s: %s\n", variant, b->err.text);
    CHECK(b->bound);
    return b->binding.origin;
}

#define INNER(text) "\"blocks\": { \"inner\": { " text " } }"
#define VARIANTS                                                                                                                                                                                       \
    ", \"variants\": [ { \"name\": \"first\" },"                                                                                                                                                       \
    "{ \"name\": \"same\", " INNER(                                                                                                                                                                    \
        "\"up\": { \"stride\": 1 }") " },"                                                                                                                                                             \
                                     "{ \"name\": \"other\", " INNER(                                                                                                                                  \
                                         "\"up\": { \"activation\": "                                                                                                                                  \
                                         "\"silu\" }") " },"                                                                                                                                           \
                                                       "{ \"name\": "                                                                                                                                  \
                                                       "\"less\","                                                                                                                                     \
                                                       " " INNER(                                                                                                                                      \
                                                           "\"up\": { "                                                                                                                                \
                                                           "\"norm\": "                                                                                                                                \
                                                           "\"none\" "                                                                                                                                 \
                                                           "}") " },"                                                                                                                                  \
                                                                "{ "                                                                                                                                   \
                                                                "\"nam"                                                                                                                                \
                                                                "e\": "                                                                                                                                \
                                                                "\"own"                                                                                                                                \
                                                                "\", "                                                                                                                                 \
                                                                "\"wei"                                                                                                                                \
                                                                "ghts"                                                                                                                                 \
                                                                "\": "                                                                                                                                 \
                                                                "\"own"                                                                                                                                \
                                                                "\","                                                                                                                                  \
                                                                " " INNER(                                                                                                                             \
                                                                    "\"up\": { \"activation\": "                                                                                                       \
                                                                    "\"silu\" }") " },"                                                                                                                \
                                                                                  "{ \"name\": "                                                                                                       \
                                                                                  "\"made\", "                                                                                                         \
                                                                                  "\"init\": { "                                                                                                       \
                                                                                  "\"inner.up."                                                                                                        \
                                                                                  "conv.\": "                                                                                                          \
                                                                                  "\"icnr\" "                                                                                                          \
                                                                                  "}, " INNER(                                                                                                         \
                                                                                      "\"up\": { "                                                                                                     \
                                                                                      "\"decoder"                                                                                                      \
                                                                                      "\": "                                                                                                           \
                                                                                      "\"pixel_"                                                                                                       \
                                                                                      "shuffle\" "                                                                                                     \
                                                                                      "}") " },"                                                                                                       \
                                                                                           "{ "                                                                                                        \
                                                                                           "\"nam"                                                                                                     \
                                                                                           "e\": "                                                                                                     \
                                                                                           "\"bar"                                                                                                     \
                                                                                           "e\","                                                                                                      \
                                                                                           " " INNER(                                                                                                  \
                                                                                               "\"up\": { \"decoder\": \"pixel_shuffle\" }") " },"                                                     \
                                                                                                                                             "{ \"name\": \"dice\", \"weights\": { \"random\": 7 } }," \
                                                                                                                                             "{ \"name\": \"dice8\", \"weights\": { \"random\": 8 } } ]"

static const char *file_of(const struct bench *b, const char *variant) {
    return config_find(&b->config, variant)->weights[0].file;
}

static void test_origins(void) {
    struct bench b;
    start_2020(&b, VARIANTS);
    add(&b, file_2020("", file_of(&b, "first")));
    add(&b, file_2020("", file_of(&b, "own")));
    CHECK_INT(origin_of(&b, "first", 0), ORIGIN_TRAINED);
    CHECK_INT(origin_of(&b, "same", 0), ORIGIN_TRAINED); /* 1x1 to 2x2 whatever the stride */
    CHECK_INT(origin_of(&b, "other", 0), ORIGIN_TRANSPLANTED);
    CHECK_INT(origin_of(&b, "less", 0), ORIGIN_TRANSPLANTED); /* its norm's tensors may stay */
    CHECK(bench_weight(&b, "inner.up.norm.weight") == NULL);
    CHECK_INT(origin_of(&b, "own", 0), ORIGIN_TRAINED);
    CHECK_INT(origin_of(&b, "made", 0), ORIGIN_INITIALISED);
    CHECK_INT(b.binding.initialised, 1);
    const struct bound *made = bench_weight(&b, "inner.up.conv.weight");
    CHECK(made && made->init == INIT_ICNR && made->slot.scale == 2 && !made->file);
    CHECK_INT(origin_of(&b, "dice", 0), ORIGIN_RANDOM);
    const struct bound *dice = bench_weight(&b, "b2.up.norm.running_var");
    CHECK(dice && dice->slot.data[3] ==
                      (float)(1 + 0.5 * (double)bind_random(7, "b2.up.norm.running_var", 3)));
    bench_bind(&b, "bare", 0); /* nothing says how to make the other decoder */
    CHECK(!b.bound);
    CHECK_STR(bind_origin_name(ORIGIN_TRANSPLANTED), "transplanted");
    bench_end(&b);
}

static void state_architecture(struct checkpoint *c, const struct config_variant *variant) {
    char hex[65];
    architecture_hash(variant, hex);
    c->metadata = mem_array(1, sizeof *c->metadata);
    c->metadata[0] =
        (struct checkpoint_pair){"stridelab.architecture", arena_strdup(&c->arena, hex)};
    c->metadata_count = 1;
}

/* What the file says of itself outweighs who names it. */
static void test_metadata(void) {
    struct bench b;
    start_2020(&b, VARIANTS);
    struct checkpoint shared = file_2020("", file_of(&b, "first"));
    struct checkpoint own = file_2020("", file_of(&b, "own"));
    state_architecture(&shared, config_find(&b.config, "other"));
    state_architecture(&own, config_find(&b.config, "same"));
    add(&b, shared);
    add(&b, own);
    CHECK_INT(origin_of(&b, "first", 0), ORIGIN_TRANSPLANTED);
    CHECK_INT(origin_of(&b, "other", 0), ORIGIN_TRAINED);
    CHECK_INT(origin_of(&b, "own", 0), ORIGIN_TRANSPLANTED);
    bench_end(&b);
}

/* Weights of equal content make variants share nodes; each is made or read once. */
static void test_sharing(void) {
    struct bench b;
    start_2020(&b, VARIANTS);
    add(&b, file_2020("", file_of(&b, "first")));
    add(&b, file_2020("module.", file_of(&b, "own")));
    struct graph graph = {0};
    int roots[4], count = 0;
    static const char *const names[] = {"first", "same", "own", "dice"};
    for (int i = 0; i < 4; i++) {
        origin_of(&b, names[i], 0);
        const struct config_variant *v = config_find(&b.config, names[i]);
        struct net net;
        CHECK(net_build(&graph, v, v->size, 0, bind_slot, &b.binding, &net, &b.err) && net.ok);
        roots[count++] = net.root;
        net_free(&net);
    }
    CHECK(roots[0] == roots[1] && roots[0] != roots[2] && roots[0] != roots[3]);
    graph_free(&graph);
    origin_of(&b, "dice", 0);
    const float *seven = bench_weight(&b, "b2.down.conv.weight")->slot.data;
    origin_of(&b, "dice8", 0);
    CHECK(bench_weight(&b, "b2.down.conv.weight")->slot.data != seven);
    origin_of(&b, "dice", 0);
    CHECK(bench_weight(&b, "b2.down.conv.weight")->slot.data == seven);
    struct slot unknown = {.name = "nowhere"};
    CHECK(!bind_slot(&b.binding, &unknown, &b.err));
    bench_end(&b);
}

static void test_without(void) {
    struct bench b;
    bench_start(&b,
                "{ \"input\": { \"channels\": 1, \"size\": [8, 8] }, \"output\": { \"channels\": 1 "
                "}, \"blocks\": [ { \"name\": \"a\", \"channels\": 2 } ], \"variants\": [ { "
                "\"name\": \"none\" }, { \"name\": \"zero\", \"init\": \"kaiming\" }, { \"name\": "
                "\"lost\", \"weights\": \"no-such-file\" } ] }");
    bench_bind(&b, "none", 0);
    CHECK(!b.bound);
    check_says(&b, "variant none names no weights");
    CHECK_INT(origin_of(&b, "zero", 0), ORIGIN_INITIALISED);
    bench_bind(&b, "lost", 0);
    CHECK(!b.bound);
    CHECK_INT(b.err.status, STATUS_IO);
    bench_bind(&b, "lost", 0);
    CHECK(!b.bound);
    check_says(&b, "see above");
    bench_end(&b);
}

int main(void) {
    test_origins();
    test_metadata();
    test_sharing();
    test_without();
    return check_end();
}
