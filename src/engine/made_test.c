/* Weights that are made here: the stated hash, and the methods of "init". */
#include "engine/made.h"

#include "base/check.h"
#include "engine/bind.h"
#include "engine/initialise.h"
#include "engine/random.h"

static struct slot slot_of(const char *name, enum slot_role role, int rank, int a, int b, int kh,
                           int kw) {
    return (struct slot){
        .name = name, .role = role, .rank = rank, .dims = {a, b, kh, kw}, .scale = 1};
}

/* Values that a Python program computed from the description at the head of random.c. */
static void test_hash(void) {
    CHECK(bind_random(0, "x", 0) == 0x1.1a8ccp-5f);
    CHECK(bind_random(1, "inner.down.conv.weight", 0) == 0x1.3acap-1f);
    CHECK(bind_random(1, "inner.down.conv.weight", 1) == -0x1.4259dp-3f);
    CHECK(bind_random(UINT64_C(12345678901234567890), "b2.up.norm.running_var", 7) ==
          -0x1.ebb11p-1f);
    float out[512];
    struct slot conv = slot_of("inner.up.conv.weight", ROLE_CONV_TRANSPOSE, 4, 8, 4, 4, 4);
    CHECK_INT(random_fan_in(&conv), 128);
    random_fill(&conv, 1, NULL, out);
    CHECK(out[5] == -0x1.aab28p-5f);
    struct slot scale = slot_of("n.weight", ROLE_SCALE, 1, 3, 0, 0, 0);
    random_fill(&scale, 1, NULL, out);
    CHECK(out[2] == 0x1.f49572p-1f);
    struct slot variance = slot_of("n.running_var", ROLE_VARIANCE, 1, 3, 0, 0, 0);
    random_fill(&variance, 1, NULL, out);
    CHECK(out[2] == 0x1.0f6d9ap+0f);
}

/* Threads and chunks do not move a value. */
static void test_threads(void) {
    struct slot big = slot_of("big", ROLE_EMBEDDING, 2, 700, 1000, 0, 0);
    float *one = mem_array(slot_count(&big), sizeof *one);
    float *two = mem_array(slot_count(&big), sizeof *two);
    struct pool *pool = pool_create(2);
    random_fill(&big, 9, NULL, one);
    random_fill(&big, 9, pool, two);
    CHECK(memcmp(one, two, slot_count(&big) * sizeof *one) == 0);
    CHECK(one[0] == bind_random(9, "big", 0) && two[699999] == bind_random(9, "big", 699999));
    pool_free(pool);
    mem_free(one);
    mem_free(two);
}

static void test_distribution(void) {
    enum { COUNT = 1 << 16 };
    double sum = 0, squares = 0;
    float least = 1, most = -1;
    for (size_t i = 0; i < COUNT; i++) {
        float u = bind_random(3, "d", i);
        sum += (double)u;
        squares += (double)u * (double)u;
        least = fminf(least, u);
        most = fmaxf(most, u);
    }
    CHECK(least >= -1 && least < -0.999f && most < 1 && most > 0.999f);
    CHECK_NEAR(sum / COUNT, 0, 0.01);
    CHECK_NEAR(squares / COUNT, 1.0 / 3, 0.01);
}

static void test_identity(void) {
    float out[64];
    struct slot conv = slot_of("c", ROLE_CONV, 4, 2, 3, 3, 3);
    initialise_fill(&conv, INIT_IDENTITY, 0, out);
    for (int i = 0; i < 54; i++) CHECK(out[i] == (i == 4 || i == 27 + 9 + 4 ? 1.0f : 0.0f));
    struct slot even = slot_of("c", ROLE_CONV, 4, 1, 1, 4, 4);
    initialise_fill(&even, INIT_IDENTITY, 0, out);
    CHECK(out[0] == 0 && out[5] == 0.25f && out[6] == 0.25f && out[10] == 0.25f);
    even.role = ROLE_CONV_TRANSPOSE;
    initialise_fill(&even, INIT_IDENTITY, 0, out);
    CHECK(out[4] == 0 && out[5] == 1 && out[10] == 1);
    struct slot shuffle = slot_of("c", ROLE_CONV, 4, 8, 2, 1, 1);
    shuffle.scale = 2;
    initialise_fill(&shuffle, INIT_IDENTITY, 0, out);
    for (int i = 0; i < 16; i++) CHECK(out[i] == (i % 2 == i / 8 ? 1.0f : 0.0f));
    struct slot linear = slot_of("l", ROLE_CONV, 2, 2, 2, 0, 0);
    initialise_fill(&linear, INIT_IDENTITY, 0, out);
    CHECK(out[0] == 1 && out[1] == 0 && out[2] == 0 && out[3] == 1);
}

/* Every method on the tensors that are no layer. */
static void test_others(void) {
    for (int method = INIT_ZERO; method <= INIT_BILINEAR; method++) {
        float out[2];
        const struct {
            enum slot_role role;
            float value;
        } wants[] = {{ROLE_BIAS, 0}, {ROLE_SHIFT, 0},    {ROLE_SCALE, method == INIT_ZERO ? 0 : 1},
                     {ROLE_MEAN, 0}, {ROLE_VARIANCE, 1}, {ROLE_GATE, 0}};
        for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
            struct slot slot = slot_of("s", wants[i].role, 1, 2, 0, 0, 0);
            initialise_fill(&slot, (enum init)method, 1, out);
            CHECK(out[0] == wants[i].value && out[1] == wants[i].value);
        }
    }
}

static void test_kaiming(void) {
    float plain[1024], icnr[1024];
    struct slot conv = slot_of("k", ROLE_CONV, 4, 16, 7, 3, 3);
    size_t count = slot_count(&conv), row = 63;
    initialise_fill(&conv, INIT_KAIMING, 5, plain);
    double squares = 0;
    for (size_t i = 0; i < count; i++) squares += (double)plain[i] * (double)plain[i];
    CHECK_NEAR(squares / (double)count * (double)row, 2, 0.2);
    initialise_fill(&conv, INIT_ICNR, 5, icnr);
    CHECK(memcmp(plain, icnr, count * sizeof *plain) == 0); /* no pixel shuffle follows */
    conv.scale = 2;
    initialise_fill(&conv, INIT_ICNR, 5, icnr);
    for (size_t o = 0; o < 16; o++)
        CHECK(memcmp(icnr + o * row, plain + o / 4 * row, row * sizeof *icnr) == 0);
}

/* Bilinear upsampling by 2 keeps a constant map constant: the taps of each phase sum to 1. */
static void test_bilinear(void) {
    float out[64];
    struct slot conv = slot_of("t", ROLE_CONV_TRANSPOSE, 4, 2, 2, 4, 4);
    initialise_fill(&conv, INIT_BILINEAR, 0, out);
    CHECK(out[0] == 0.0625f && out[1] == 0.1875f && out[5] == 0.5625f);
    CHECK(out[0] + out[2] + out[8] + out[10] == 1);
    CHECK(out[16] == 0 && out[48 + 5] == 0.5625f);
}

static void test_find(void) {
    const struct config_init inits[] = {{.method = INIT_ICNR, .prefix = "inner.up."},
                                        {.method = INIT_NONE, .prefix = "inner."},
                                        {.method = INIT_ZERO, .prefix = ""}};
    struct config_variant v = {.inits = inits, .init_count = 3};
    CHECK(initialise_find(&v, "inner.up.conv.weight") == &inits[0]);
    CHECK(initialise_find(&v, "inner.down.conv.weight") == NULL);
    CHECK(initialise_find(&v, "b2.down.conv.weight") == &inits[2]);
    v.init_count = 1;
    CHECK(initialise_find(&v, "b2.down.conv.weight") == NULL);
}

/* What is asked for twice is made once; other seeds, names and methods are other data. */
static void test_sharing(void) {
    struct made *list = NULL;
    struct slot a = slot_of("a", ROLE_CONV, 2, 3, 3, 0, 0), again = a, seed = a, method = a, b = a;
    b.name = "b";
    made_bind(&list, &a, INIT_NONE, 1, NULL);
    made_bind(&list, &again, INIT_NONE, 1, NULL);
    made_bind(&list, &seed, INIT_NONE, 2, NULL);
    made_bind(&list, &method, INIT_KAIMING, 1, NULL);
    made_bind(&list, &b, INIT_NONE, 1, NULL);
    CHECK(a.data == again.data && a.content[0] == again.content[0]);
    const struct slot *others[] = {&seed, &method, &b};
    for (int i = 0; i < 3; i++)
        CHECK(others[i]->data != a.data && others[i]->content[0] != a.content[0] &&
              others[i]->content[1] != a.content[1]);
    made_free(list);
}

int main(void) {
    test_hash();
    test_threads();
    test_distribution();
    test_identity();
    test_others();
    test_kaiming();
    test_bilinear();
    test_find();
    test_sharing();
    return check_end();
}
