/* Which weights have phases, and which of theirs are compared. */
#include "engine/phases.h"

#include "engine/bind_bench.h"

static const char json[] =
    "{ \"name\": \"t\", \"input\": { \"channels\": 1, \"size\": [32, 32] },\n"
    "\"output\": { \"channels\": 1 }, \"style\": { \"mode\": \"none\" },\n"
    "\"blocks\": [ { \"name\": \"outer\", \"channels\": 3,\n"
    "                \"extra\": { \"decoded\": [ { \"op\": \"conv\", \"as\": \"r\", \"channels\": "
    "1,\n"
    "                                            \"kernel\": 3, \"padding\": 1 } ] } },\n"
    "  { \"name\": \"shuffle\", \"channels\": 4,\n"
    "    \"up\": { \"decoder\": \"pixel_shuffle\", \"kernel\": 3, \"padding\": 1, \"scale\": 2 } "
    "},\n"
    "  { \"name\": \"wide\", \"channels\": 4, \"down\": { \"stride\": [1, 2], \"kernel\": [3, 4] "
    "},\n"
    "    \"up\": { \"stride\": [1, 2], \"kernel\": [3, 4] } },\n"
    "  { \"name\": \"inner\", \"channels\": 2, \"down\": { \"norm\": \"none\" } } ],\n"
    "\"weights\": { \"random\": 5 },\n"
    "\"variants\": [ { \"name\": \"all\" },\n"
    "  { \"name\": \"flat\", \"blocks\": { \"inner\": { \"down\": { \"stride\": 1, \"kernel\": 3 "
    "},\n"
    "                                            \"up\": { \"stride\": 1, \"kernel\": 3 } } } } ] "
    "}\n";

/* The definition, for a transposed kernel [in, out, 4, 4] of stride 2. */
static double of_4x4(const float *w, int kernels) {
    double uneven = 0, all = 0;
    for (int k = 0; k < kernels; k++, w += 16) {
        double s[4] = {0}, mean = 0;
        for (int i = 0; i < 16; i++) s[i / 4 % 2 * 2 + i % 2] += (double)w[i];
        for (int p = 0; p < 4; p++) mean += s[p] / 4;
        for (int p = 0; p < 4; p++) {
            uneven += (s[p] - mean) * (s[p] - mean);
            all += s[p] * s[p];
        }
    }
    return uneven / all;
}

static void check_named(const struct phases *phases, const char *weight, int h, int w) {
    CHECK_STR(phases->weight, weight);
    CHECK(phases->stride.h == h && phases->stride.w == w);
    CHECK(phases->imbalance > 0 && phases->imbalance < 1);
}

int main(void) {
    struct bench b;
    struct phases *phases;
    bench_start(&b, json);
    bench_bind(&b, "all", 0);
    check_bound(&b, ORIGIN_RANDOM);
    CHECK_INT(phases_of_net(&b.graph, &b.net, &b.binding, &phases), 4);
    check_named(&phases[0], "inner.up.conv.weight", 2, 2);
    check_named(&phases[1], "wide.up.conv.weight", 1, 2);
    check_named(&phases[2], "shuffle.up.conv.weight", 2, 2);
    check_named(&phases[3], "outer.up.conv.weight", 2, 2);
    CHECK_NEAR(phases[0].imbalance, of_4x4(bench_weight(&b, phases[0].weight)->slot.data, 2 * 4),
               1e-14);
    mem_free(phases);

    bench_bind(&b, "flat", 0); /* a stride of 1 makes no phases */
    CHECK_INT(phases_of_net(&b.graph, &b.net, &b.binding, &phases), 3);
    CHECK_STR(phases[0].weight, "wide.up.conv.weight");
    mem_free(phases);
    bench_end(&b);
    return check_end();
}
