/* The repairs of the sizes that fail. */
#include "report/diagnose.h"

#include "base/check.h"
#include "net/fixture.h"

static struct arena arena;

static void find(const struct fixture *f, int size, struct diagnosis *out) {
    struct graph graph = {0};
    struct net net;
    CHECK(!fixture_build(&graph, f, size, &net));
    diagnose(&f->variant, &net, square(size), &arena, out);
    net_free(&net);
    graph_free(&graph);
}

static const struct repair *offered(const struct diagnosis *d, const char *change) {
    for (int i = 0; i < d->count; i++)
        if (strcmp(d->repairs[i].change, change) == 0) return &d->repairs[i];
    return NULL;
}

static void test_384(void) {
    struct fixture f;
    struct diagnosis d;
    fixture_unet(&f, 8, 1);
    find(&f, 384, &d);
    CHECK(offered(&d, "--size 256x256"));
    CHECK(offered(&d, "--size 512x512"));
    CHECK(offered(&d, "blocks.b8.up.output_padding=1"));
    CHECK(offered(&d, "blocks.b8.fit=bilinear"));
    CHECK(!offered(&d, "blocks.b8.fit=crop"));
    CHECK(offered(&d, "blocks.b8.up.kernel=5"));
    const struct repair *strides = offered(&d, "blocks.b8.up.stride=1 and blocks.b8.down.stride=1");
    CHECK(strides && strstr(strides->cost, "code 2x2, 0 resampled"));
    CHECK(!offered(&d, "blocks.b8.up.stride=1"));

    fixture_zi2zi(&f, 8); /* the 2x2 code refuses the style */
    find(&f, 384, &d);
    CHECK(!offered(&d, "blocks.b8.up.stride=1 and blocks.b8.down.stride=1"));
    CHECK(!offered(&d, "--size 512x512"));
    find(&f, 512, &d);
    CHECK(offered(&d, "style.mode=expand"));
}

static void test_360(void) {
    struct fixture f;
    struct diagnosis d;
    fixture_unet(&f, 8, 1);
    find(&f, 360, &d);
    CHECK(offered(&d, "blocks.b7.up.output_padding=1 and blocks.b6.up.output_padding=1 and "
                      "blocks.b4.up.output_padding=1"));
    const struct repair *fit =
        offered(&d, "blocks.b7.fit=bilinear and blocks.b6.fit=bilinear and blocks.b4.fit=bilinear");
    CHECK(fit && strstr(fit->cost, "3 resampled"));
}

static void test_128(void) {
    struct fixture f;
    struct diagnosis d;
    fixture_unet(&f, 8, 1);
    find(&f, 128, &d);
    CHECK(offered(&d, "without the blocks inside b7"));
    const struct repair *pair = offered(&d, "blocks.b8.down.padding=2 and blocks.b8.up.kernel=3");
    CHECK(pair && strstr(pair->cost, "weights of another shape"));
    fixture_inner(&f)->down.padding = square(2);
    fixture_up(fixture_inner(&f), 3, 2);
    struct graph graph = {0};
    struct net net;
    CHECK(fixture_build(&graph, &f, 128, &net));
    net_free(&net);
    graph_free(&graph);
}

int main(void) {
    test_384();
    test_360();
    test_128();
    arena_free(&arena);
    return check_end();
}
