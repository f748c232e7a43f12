/* The hash of an architecture: what moves it, and what does not. */
#include "config/architecture.h"

#include "base/text.h"
#include "config/config_fixture.h"

/* Each variant differs from every other, the first being the base. */
static const char *const different[] = {
    "\"blocks\": { \"c\": { \"up\": { \"stride\": 1 } } }",
    "\"blocks\": { \"c\": { \"up\": { \"activation\": \"silu\" } } }",
    "\"blocks\": { \"c\": { \"fit\": \"bilinear\" } }",
    "\"blocks\": { \"c\": { \"channels\": 24 } }",
    "\"blocks\": { \"*\": { \"up\": { \"decoder\": \"pixel_shuffle\" } } }",
    "\"blocks\": { \"*\": { \"up\": { \"decoder\": \"upsample_conv\" } } }",
    "\"blocks\": { \"*\": { \"up\": { \"decoder\": \"upsample_conv\", \"mode\": \"bilinear\" } } }",
    "\"blocks\": { \"*\": { \"skip\": \"add\" } }",
    "\"blocks\": { \"*\": { \"skip\": \"add\", \"skip_source\": \"input\" } }",
    "\"blocks\": { \"b\": { \"extra\": { \"decoded\": [ { \"op\": \"res_block\" } ] } } }",
    "\"blocks\": { \"b\": { \"extra\": { \"upsampled\": [ { \"op\": \"res_block\" } ] } } }",
    "\"output\": { \"activation\": \"none\" }",
};
enum { DIFFERENT = sizeof different / sizeof *different };

static struct config config_with(const char *const *documents, int count) {
    struct text t = {0}, more = {0};
    for (int i = 0; i < count; i++) text_add(&more, ", { \"name\": \"v%d\", %s }", i, documents[i]);
    text_put(&t, "{ \"input\": { \"size\": 64 }, \"blocks\": [ { \"name\": \"a\", \"channels\": 8 "
                 "}, { \"name\": \"b\", \"channels\": 16 }, { \"name\": \"c\", \"channels\": 32 } "
                 "], \"variants\": [ { \"name\": \"base\" }");
    text_add(&t, "%s ] }", more.s);
    struct config config = fixture_config(t.s, NULL, 0);
    text_free(&t);
    text_free(&more);
    return config;
}

static void test_moves(void) {
    struct config config = config_with(different, DIFFERENT);
    char hashes[DIFFERENT + 1][65];
    CHECK_INT(config.variant_count, DIFFERENT + 1);
    for (int i = 0; i < config.variant_count; i++) {
        architecture_hash(&config.variants[i], hashes[i]);
        CHECK_INT(strlen(hashes[i]), 64);
        for (int k = 0; k < i; k++) CHECK(strcmp(hashes[i], hashes[k]) != 0);
    }
    config_free(&config);
}

static void test_stays(void) {
    static const char *const same[] = {
        "\"weights\": \"other.pth\"",
        "\"input\": { \"size\": [96, 32], \"mean\": 0, \"std\": 1, \"resize\": \"pad\" }",
        "\"trained_size\": 32",
        "\"blocks\": { \"a\": { \"up\": { \"stride\": [2, 2] } } }",
        ("\"blocks\": [ { \"name\": \"x\", \"channels\": 8 }, { \"name\": \"y\", \"channels\": 16 "
         "},"
         " { \"name\": \"z\", \"channels\": 32 } ]"),
    };
    enum { SAME = sizeof same / sizeof *same };
    struct config config = config_with(same, SAME);
    char base[65], other[65];
    architecture_hash(&config.variants[0], base);
    for (int i = 1; i <= SAME; i++) {
        architecture_hash(&config.variants[i], other);
        CHECK_STR(other, base);
    }
    config_free(&config);
}

int main(void) {
    test_moves();
    test_stays();
    return check_end();
}
