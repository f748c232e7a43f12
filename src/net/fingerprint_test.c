/* The same network has one fingerprint, another network another. */
#include "net/fingerprint.h"

#include "base/check.h"
#include "net/fixture.h"

static bool same(const struct fixture *a, const struct fixture *b, int size) {
    const struct fixture *both[] = {a, b};
    char hex[2][65] = {"", ""};
    for (int i = 0; i < 2; i++) {
        struct graph graph = {0};
        struct net net;
        CHECK(fixture_build(&graph, both[i], size, &net));
        if (net.ok) fingerprint(&graph, net.root, hex[i]);
        CHECK_INT(strlen(hex[i]), 64);
        net_free(&net);
        graph_free(&graph);
    }
    return strcmp(hex[0], hex[1]) == 0;
}

int main(void) {
    struct fixture a, b;
    fixture_zi2zi(&a, 8);
    fixture_zi2zi(&b, 8);
    CHECK(same(&a, &b, 256));
    b.variant.name = "other";
    b.blocks[3].name = "middle";
    b.variant.style_label = 7;
    CHECK(same(&a, &b, 256));

    fixture_unet(&a, 8, 1);
    fixture_unet(&b, 8, 1);
    fixture_up(fixture_inner(&b), 4, 1); /* cannot act on one position */
    fixture_fit(&b, FIT_BILINEAR);
    CHECK(same(&a, &b, 256));
    CHECK(!same(&a, &b, 512));

    fixture_zi2zi(&a, 8);
    fixture_zi2zi(&b, 8);
    b.blocks[2].channels = 128;
    CHECK(!same(&a, &b, 256));
    fixture_zi2zi(&b, 8);
    b.blocks[2].down.slope = 0.1;
    CHECK(!same(&a, &b, 256));
    fixture_zi2zi(&b, 8);
    b.blocks[0].up.bias = false;
    CHECK(!same(&a, &b, 256));
    fixture_unet(&b, 8, 1);
    CHECK(!same(&a, &b, 256));
    return check_end();
}
