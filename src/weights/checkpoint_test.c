/* The files that scripts/make_checkpoints.py writes, against the formula that it fills them by. */
#include "weights/checkpoint.h"

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"

static const struct checkpoint_options none;

/* value() of the script. */
static double formula(int seed, int index) {
    return ((index * 7 + seed * 5) % 23 - 11) / 8.0;
}

static const struct expected {
    const char *name;
    enum dtype dtype;
    int rank;
    int64_t dims[4];
    int seed, start, step; /* element i is formula(seed, start + i * step) */
} expected[] = {
    {"conv.weight", DTYPE_F32, 4, {3, 4, 2, 2}, 1, 0, 1},
    {"conv.bias", DTYPE_F32, 1, {3}, 2, 0, 1},
    {"transposed", DTYPE_F32, 2, {4, 5}, 3, 0, 1},
    {"channels_last", DTYPE_F32, 4, {2, 3, 2, 2}, 4, 0, 1},
    {"slice", DTYPE_F32, 1, {4}, 99, 2, 1},
    {"strided", DTYPE_F32, 1, {5}, 99, 0, 2},
    {"half", DTYPE_F16, 1, {5}, 5, 0, 1},
    {"bfloat16", DTYPE_BF16, 1, {5}, 6, 0, 1},
    {"double", DTYPE_F64, 2, {2, 2}, 7, 0, 1},
    {"half_transposed", DTYPE_F16, 2, {2, 3}, 8, 0, 1},
    {"scalar", DTYPE_F32, 0, {0}, 9, 0, 1},
    {"empty", DTYPE_F32, 2, {0, 3}, 10, 0, 1},
    {"parameter", DTYPE_F32, 2, {2, 2}, 11, 0, 1},
    {"tied", DTYPE_F32, 4, {3, 4, 2, 2}, 1, 0, 1},
    {"norm.running_var", DTYPE_F32, 1, {3}, 12, 0, 1},
    {"norm.num_batches_tracked", DTYPE_I64, 0, {0}, 0, 0, 0},
    {"int32", DTYPE_I32, 1, {3}, 0, 0, 0},
    {"int16", DTYPE_I16, 1, {3}, 0, 0, 0},
    {"int8", DTYPE_I8, 1, {3}, 0, 0, 0},
    {"uint8", DTYPE_U8, 1, {3}, 0, 0, 0},
    {"bool", DTYPE_BOOL, 1, {3}, 0, 0, 0},
};
#define EXPECTED (sizeof expected / sizeof *expected)

static bool as_expected(const struct tensor *t, const struct expected *e) {
    size_t count = 1;
    if (t->dtype != e->dtype || t->rank != e->rank) return false;
    for (int d = 0; d < t->rank; d++) {
        if (t->dims[d] != e->dims[d]) return false;
        count *= (size_t)e->dims[d];
    }
    if (t->count != count || (e->dtype > DTYPE_BF16) != (t->data == NULL)) return false;
    bool positive = strcmp(e->name, "norm.running_var") == 0;
    for (size_t i = 0; t->data && i < count; i++) {
        double want = formula(e->seed, e->start + (int)i * e->step);
        if ((double)t->data[i] != (positive ? fabs(want) : want)) return false;
    }
    return true;
}

static void plain(const char *path, enum checkpoint_format format, struct pool *pool) {
    struct checkpoint c;
    struct err err = {0};
    struct bytes bytes;
    char hex[65];
    CHECK(checkpoint_open(path, &(struct checkpoint_options){.pool = pool}, &c, &err));
    if (err.text) printf("%s\n", err.text);
    CHECK_INT(c.format, format);
    CHECK_INT(c.tensor_count, EXPECTED);
    for (int i = 0; i < c.tensor_count; i++) {
        CHECK_STR(c.tensors[i].name, expected[i].name);
        if (!as_expected(&c.tensors[i], &expected[i])) printf("%s: %s\n", path, c.tensors[i].name);
        CHECK(as_expected(&c.tensors[i], &expected[i]));
        CHECK(checkpoint_find(&c, expected[i].name) == &c.tensors[i]);
    }
    CHECK(checkpoint_find(&c, "conv") == NULL && checkpoint_find(&c, "") == NULL &&
          checkpoint_find(&c, "zz") == NULL);
    if (format != CHECKPOINT_SAFETENSORS) /* read once */
        CHECK(checkpoint_find(&c, "tied")->data == checkpoint_find(&c, "conv.weight")->data);
    CHECK(c.key == NULL);
    CHECK(file_read(path, 1 << 20, &bytes, &err));
    sha256_hex_of(bytes.data, bytes.size, hex);
    CHECK_STR(c.sha256, "");
    CHECK(checkpoint_digest(&c, &err));
    CHECK_STR(c.sha256, hex);
    CHECK_INT(c.file_size, bytes.size);
    bytes_free(&bytes);
    checkpoint_free(&c);
    checkpoint_free(&c);
    err_free(&err);
}

static void all_plain(void) {
    struct pool *pools[] = {NULL, pool_create(1), pool_create(3)};
    for (size_t i = 0; i < 3; i++) {
        plain("data/checkpoints/plain.pth", CHECKPOINT_TORCH_ZIP, pools[i]);
        plain("data/checkpoints/plain.legacy.pth", CHECKPOINT_TORCH_LEGACY, pools[i]);
        plain("data/checkpoints/plain.safetensors", CHECKPOINT_SAFETENSORS, pools[i]);
        pool_free(pools[i]);
    }
}

static void metadata(void) {
    struct checkpoint c;
    struct err err = {0};
    CHECK(checkpoint_open("data/checkpoints/plain.safetensors", &none, &c, &err));
    CHECK_INT(c.metadata_count, 2);
    CHECK_STR(c.metadata[0].key, "format");
    CHECK_STR(c.metadata[0].value, "pt");
    CHECK_STR(c.metadata[1].key, "made by");
    checkpoint_free(&c);
}

/* Opens NAME.pth and NAME.legacy.pth: both give the dict `found` with `count` tensors, or, with
 * count 0, are refused with a message that has `message`. */
static void both(const char *name, const char *key, const char *found, int count,
                 const char *message) {
    static const char *const endings[] = {".pth", ".legacy.pth"};
    for (int i = 0; i < 2; i++) {
        char path[128];
        struct checkpoint c;
        struct err err = {0};
        snprintf(path, sizeof path, "data/checkpoints/%s%s", name, endings[i]);
        bool ok = checkpoint_open(path, &(struct checkpoint_options){.key = key}, &c, &err);
        CHECK(ok == (count > 0));
        if (ok && found) CHECK_STR(c.key, found);
        if (ok && !found) CHECK(c.key == NULL);
        if (ok) CHECK_INT(c.tensor_count, count);
        if (!ok && !(err.text && strstr(err.text, message))) printf("%s\n", err.text);
        if (!ok) CHECK(err.text && strstr(err.text, message) && err.status == STATUS_BAD_INPUT);
        checkpoint_free(&c);
        err_free(&err);
    }
}

static void which_dict(void) {
    both("small", NULL, NULL, 2, "");
    both("module", NULL, NULL, 2, "");
    both("training", NULL, "netG", 2, "");
    both("training", "netD", "netD", 1, "");
    both("training", "optimizer", NULL, 0,
         "no dict of tensors; those that are: netG, netD (tensor T12)");
    both("training", "netX", NULL, 0, "has not the given key; its dicts of tensors: netG, netD");
    both("other", NULL, "G", 2, "");
    both("two", NULL, NULL, 0,
         "several dicts of tensors; --set weights.key=NAME, one of: params, params_ema");
    both("two", "params_ema", "params_ema", 1, "");
    both("small", "model", NULL, 0, "its dicts of tensors: none");
}

static void module_prefix_is_kept(void) {
    struct checkpoint c;
    struct err err = {0};
    CHECK(checkpoint_open("data/checkpoints/module.pth", &none, &c, &err));
    CHECK_STR(c.tensors[0].name, "module.w");
    CHECK(checkpoint_find(&c, "module.b") && !checkpoint_find(&c, "b"));
    checkpoint_free(&c);
}

static void nonfinite(void) {
    both("nonfinite", NULL, NULL, 0,
         "w: 2 of 3 values are NaN or infinite as float32 (tensor T10)");
    both("nonfinite", NULL, NULL, 0,
         "h: 1 of 1 values are NaN or infinite as float32 (tensor T10)");
    struct checkpoint c;
    struct err err = {0};
    CHECK(checkpoint_open("data/checkpoints/nonfinite.pth",
                          &(struct checkpoint_options){.allow_nonfinite = true}, &c, &err));
    CHECK_INT(checkpoint_find(&c, "w")->nonfinite, 2);
    CHECK_INT(checkpoint_find(&c, "h")->nonfinite, 1);
    CHECK(isnan(checkpoint_find(&c, "w")->data[1]));
    checkpoint_free(&c);
}

static void unreadable(void) {
    static const char *const paths[] = {"data/checkpoints/there-is-none.pth", "data/checkpoints",
                                        "/dev/null"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct checkpoint c;
        struct err err = {0};
        CHECK(!checkpoint_open(paths[i], &none, &c, &err));
        CHECK(err.text && strstr(err.text, paths[i]));
        CHECK_INT(err.status, STATUS_IO);
        checkpoint_free(&c);
        err_free(&err);
    }
}

int main(void) {
    all_plain();
    metadata();
    which_dict();
    module_prefix_is_kept();
    nonfinite();
    unreadable();
    return check_end();
}
