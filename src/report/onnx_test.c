/* The ONNX writer, read back by a small reader of protocol buffers; that the models compute the
 * right thing is for scripts/test_export.sh. */
#include "report/onnx.h"

#include <stdint.h>

#include "base/check.h"
#include "engine/bind.h"
#include "net/fixture.h"
#include "report/protobuf.h"

/* A message that is read field by field. */
struct reader {
    const uint8_t *at, *end;
};

struct field {
    int number, wire;
    uint64_t value;        /* varint */
    struct reader message; /* length-delimited */
};

static uint64_t read_varint(struct reader *r) {
    uint64_t value = 0;
    for (int shift = 0; r->at < r->end && shift < 64; shift += 7) {
        uint8_t byte = *r->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    bool ended = false;
    CHECK(ended);
    return 0;
}

static bool read_field(struct reader *r, struct field *out) {
    if (r->at >= r->end) return false;
    uint64_t tag = read_varint(r);
    *out = (struct field){.number = (int)(tag >> 3), .wire = (int)(tag & 7)};
    size_t left = (size_t)(r->end - r->at), size = out->wire == 5 ? 4 : 0;
    if (out->wire == 0) {
        out->value = read_varint(r);
        return true;
    }
    if (out->wire == 2) {
        size = (size_t)read_varint(r);
        left = (size_t)(r->end - r->at);
    }
    bool fits = (out->wire == 2 || out->wire == 5) && size <= left;
    CHECK(fits);
    if (!fits) return false;
    out->message = (struct reader){r->at, r->at + size};
    r->at += size;
    return true;
}

static struct reader reader_of(const struct text *text) {
    const uint8_t *bytes = (const uint8_t *)text->s;
    return (struct reader){bytes, bytes + text->length};
}

static size_t size_of(struct reader r) {
    return (size_t)(r.end - r.at);
}

/* The first field of that number, or an empty one. */
static struct field find(struct reader r, int number) {
    struct field f;
    while (read_field(&r, &f))
        if (f.number == number) return f;
    return (struct field){0};
}

static int count(struct reader r, int number) {
    struct field f;
    int n = 0;
    while (read_field(&r, &f)) n += f.number == number;
    return n;
}

static bool is(struct reader r, const char *word) {
    return size_of(r) == strlen(word) && memcmp(r.at, word, size_of(r)) == 0;
}

static bool same(struct reader a, struct reader b) {
    size_t size = size_of(a);
    return size == size_of(b) && (size == 0 || memcmp(a.at, b.at, size) == 0);
}

static void test_protobuf(void) {
    struct text t = {0}, inner = {0};
    protobuf_int(&t, 1, 300);
    protobuf_int(&t, 16, -1);
    protobuf_float(&t, 2, 1.0f);
    protobuf_string(&t, 3, "ab");
    protobuf_message(&t, 4, &inner);
    static const uint8_t want[] = {0x08, 0xac, 0x02, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x15, 0,    0,
                                   0x80, 0x3f, 0x1a, 0x02, 'a',  'b',  0x22, 0};
    CHECK(t.length == sizeof want && memcmp(t.s, want, sizeof want) == 0);
    text_free(&t);
}

enum { GRAPH = 7, NODE = 1, INITIALIZER = 5, INPUT = 11, OUTPUT = 12, VALUE_INFO = 13 };

struct names { /* defined so far */
    struct reader items[4096];
    int count;
};

static bool has(const struct names *names, struct reader name) {
    for (int i = 0; i < names->count; i++)
        if (same(names->items[i], name)) return true;
    return false;
}

static void define(struct names *names, struct reader name) {
    CHECK(size_of(name) > 0 && !has(names, name));
    if (names->count < 4096) names->items[names->count++] = name;
}

/* dims times the type's size is the data's size. */
static void check_initializer(struct reader tensor) {
    struct field f;
    uint64_t values = 1;
    for (struct reader r = tensor; read_field(&r, &f);)
        if (f.number == 1) values *= f.value;
    uint64_t type = find(tensor, 2).value;
    CHECK(type == 1 || type == 7);
    CHECK_INT(size_of(find(tensor, 9).message), values * (type == 1 ? 4 : 8));
}

/* Every value has one definition, before its uses; the graph's outputs are among them, and every
 * initializer is used. */
static void check_graph(struct reader graph) {
    static struct names defined, used;
    defined.count = used.count = 0;
    struct field f, part;
    for (struct reader r = graph; read_field(&r, &f);) {
        if (f.number == INITIALIZER) {
            define(&defined, find(f.message, 8).message);
            check_initializer(f.message);
        } else if (f.number == INPUT) {
            define(&defined, find(f.message, 1).message);
        }
    }
    int constants = defined.count;
    for (struct reader r = graph; read_field(&r, &f);) {
        if (f.number != NODE) continue;
        CHECK(size_of(find(f.message, 4).message) > 0);
        for (struct reader n = f.message; read_field(&n, &part);) {
            if (part.number == 1 && size_of(part.message) > 0) {
                CHECK(has(&defined, part.message));
                if (!has(&used, part.message)) define(&used, part.message);
            }
            if (part.number == 2) define(&defined, part.message);
        }
    }
    for (int i = 0; i < constants; i++) CHECK(has(&used, defined.items[i]));
    for (struct reader r = graph; read_field(&r, &f);)
        if (f.number == OUTPUT || f.number == VALUE_INFO)
            CHECK(has(&defined, find(f.message, 1).message));
}

static int count_ops(struct reader graph, const char *op) {
    struct field f;
    int n = 0;
    while (read_field(&graph, &f)) n += f.number == NODE && is(find(f.message, 4).message, op);
    return n;
}

static bool has_input(struct reader graph, const char *name) {
    struct field f;
    while (read_field(&graph, &f))
        if (f.number == INPUT && is(find(f.message, 1).message, name)) return true;
    return false;
}

/* Weights for nets made by hand: `values` for all, told apart by `next` (or all equal). */
struct supply {
    const float *values;
    uint64_t next;
    bool equal;
};

static bool supply_slot(void *context, struct slot *slot, struct err *err) {
    (void)err;
    struct supply *supply = context;
    slot->data = supply->values;
    slot->content[0] = supply->equal ? 1 : ++supply->next;
    return true;
}

/* zi2zi with 8 channels in the outermost block. */
static void small_zi2zi(struct fixture *f) {
    fixture_zi2zi(f, 8);
    for (int i = 0; i < 8; i++) f->blocks[i].channels = 4;
    f->variant.style_dim = 3;
}

static bool export_fixture(const struct fixture *f, struct supply *supply, int label,
                           struct text *out, struct err *err) {
    struct graph graph = {0};
    struct net net = {0};
    bool ok = net_build(&graph, &f->variant, square(256), label, supply_slot, supply, &net, err) &&
              net.ok;
    CHECK(ok);
    struct onnx onnx = {.graph = &graph, .net = &net, .mean = 0.5, .std = 0.25, .version = "1.2"};
    ok = ok && onnx_write(&onnx, out, err);
    net_free(&net);
    graph_free(&graph);
    return ok;
}

static void test_model(void) {
    static float values[4096];
    struct fixture f;
    struct supply supply = {.values = values};
    struct text model = {0};
    struct err err = {0};
    small_zi2zi(&f);
    CHECK(export_fixture(&f, &supply, 0, &model, &err));
    struct reader r = reader_of(&model), graph = find(r, GRAPH).message;
    CHECK_INT(find(r, 1).value, 8);
    CHECK(is(find(r, 2).message, "stridelab") && is(find(r, 3).message, "1.2"));
    CHECK_INT(find(find(r, 8).message, 2).value, 18);
    CHECK_INT(count(r, 14), 3);
    CHECK(is(find(find(r, 14).message, 1).message, "variant"));
    CHECK(is(find(find(r, 14).message, 2).message, "base"));
    check_graph(graph);
    CHECK(is(find(graph, 2).message, "base"));
    CHECK_INT(count_ops(graph, "Conv"), 8);
    CHECK_INT(count_ops(graph, "ConvTranspose"), 8);
    CHECK_INT(count_ops(graph, "BatchNormalization"), 6 + 7);
    CHECK_INT(count_ops(graph, "Concat"), 7 + 1 + 1); /* skips, style, its shape */
    CHECK_INT(count_ops(graph, "Gather"), 0);
    CHECK(has_input(graph, "image") && !has_input(graph, "style_label"));
    text_free(&model);
    err_free(&err);
}

static void test_label(void) {
    static float values[4096];
    struct fixture f;
    struct supply supply = {.values = values};
    struct text model = {0};
    struct err err = {0};
    small_zi2zi(&f);
    CHECK(export_fixture(&f, &supply, -1, &model, &err));
    struct reader graph = find(reader_of(&model), GRAPH).message;
    check_graph(graph);
    CHECK(has_input(graph, "style_label"));
    CHECK_INT(count_ops(graph, "Gather"), 1);
    text_free(&model);
    err_free(&err);
}

static void test_determinism_and_sharing(void) {
    static float values[4096];
    struct fixture f;
    struct supply a = {.values = values}, b = {.values = values};
    struct supply equal = {.values = values, .equal = true};
    struct text first = {0}, second = {0}, shared = {0};
    struct err err = {0};
    small_zi2zi(&f);
    CHECK(export_fixture(&f, &a, 0, &first, &err) && export_fixture(&f, &b, 0, &second, &err));
    CHECK(same(reader_of(&first), reader_of(&second)));
    CHECK(export_fixture(&f, &equal, 0, &shared, &err));
    struct reader graph = find(reader_of(&first), GRAPH).message;
    struct reader less = find(reader_of(&shared), GRAPH).message;
    check_graph(less);
    CHECK(count(less, INITIALIZER) < count(graph, INITIALIZER) / 3);
    text_free(&first);
    text_free(&second);
    text_free(&shared);
    err_free(&err);
}

/* Dimension `i` of the model's image: its dim_param, an empty one when it is a number. */
static struct reader dimension(struct reader graph, int i) {
    struct reader type = find(find(graph, INPUT).message, 2).message;
    struct reader shape = find(find(type, 1).message, 2).message;
    struct field dim;
    while (read_field(&shape, &dim))
        if (i-- == 0) break;
    return find(dim.message, 2).message;
}

static bool same_at(const struct fixture *f, int size, int other_size) {
    static float values[1 << 16];
    struct supply a = {.values = values}, b = {.values = values};
    struct graph graph = {0}, other_graph = {0};
    struct net net = {0}, other_net = {0};
    struct err err = {0};
    CHECK(net_build(&graph, &f->variant, square(size), -2, supply_slot, &a, &net, &err) && net.ok);
    CHECK(net_build(&other_graph, &f->variant, square(other_size), -2, supply_slot, &b, &other_net,
                    &err) &&
          other_net.ok);
    struct onnx onnx = {.graph = &graph, .net = &net, .version = "1", .any_size = true};
    struct onnx other = {.graph = &other_graph, .net = &other_net};
    struct text model = {0};
    bool is_same = onnx_same(&onnx, &other);
    CHECK(onnx_write(&onnx, &model, &err));
    struct reader free_graph = find(reader_of(&model), GRAPH).message;
    CHECK(is(dimension(free_graph, 0), "N") && size_of(dimension(free_graph, 1)) == 0);
    CHECK(is(dimension(free_graph, 2), "H") && is(dimension(free_graph, 3), "W"));
    CHECK_INT(count(free_graph, VALUE_INFO), 0);
    text_free(&model);
    err_free(&err);
    net_free(&net);
    net_free(&other_net);
    graph_free(&graph);
    graph_free(&other_graph);
    return is_same;
}

/* One model serves two sizes when nothing in it depends on the size. */
static void test_sizes(void) {
    struct fixture f;
    fixture_unet(&f, 3, 1);
    for (int i = 0; i < 3; i++) f.blocks[i].channels = 8;
    fixture_fit(&f, FIT_BILINEAR);
    CHECK(same_at(&f, 64, 128));
    CHECK(same_at(&f, 8, 16));    /* at 8 a stride cannot act */
    CHECK(!same_at(&f, 60, 120)); /* 14 is resized to 15 */
    CHECK(!same_at(&f, 60, 68));  /* 14 to 15, 16 to 17 */
    for (int i = 0; i < 3; i++) {
        f.blocks[i].up.decoder = DECODER_UPSAMPLE_CONV;
        f.blocks[i].up.kernel = square(3);
        f.blocks[i].up.stride = square(1);
        f.blocks[i].up.mode = MODE_BICUBIC;
        f.blocks[i].down.norm.type = f.blocks[i].up.norm.type = NORM_GROUP;
    }
    CHECK(same_at(&f, 64, 128));
    CHECK(!same_at(&f, 60, 120));
}

/* Data that is too large is never looked at. */
static void test_too_large(void) {
    static const float nothing[1];
    struct fixture f;
    struct supply supply = {.values = nothing};
    struct text model = {0};
    struct err err = {0};
    fixture_unet(&f, 2, 1);
    f.blocks[0].channels = f.blocks[1].channels = 7000;
    CHECK(!export_fixture(&f, &supply, 0, &model, &err));
    CHECK_INT(err.status, STATUS_LIMIT);
    CHECK(err.text && strstr(err.text, "GiB"));
    text_free(&model);
    err_free(&err);
}

/* Whatever a config can say: the variants of the golden networks. */
static void export_variant(const struct config *config, const struct config_variant *variant,
                           struct binder *binder) {
    struct graph plain = {0}, graph = {0};
    struct net net = {0}, bound = {0};
    struct binding binding = {0};
    struct text model = {0};
    struct err err = {0};
    bool ok = net_build(&plain, variant, variant->size, -2, NULL, NULL, &net, &err) && net.ok &&
              binder_bind(binder, config, variant, 0, &plain, &net, &binding, &err) &&
              net_build(&graph, variant, variant->size, -2, bind_slot, &binding, &bound, &err);
    struct onnx onnx = {.graph = &graph, .net = &bound, .std = 1, .version = "1"};
    CHECK(ok && onnx_write(&onnx, &model, &err));
    if (model.length) check_graph(find(reader_of(&model), GRAPH).message);
    text_free(&model);
    binding_free(&binding);
    net_free(&net);
    net_free(&bound);
    graph_free(&plain);
    graph_free(&graph);
    err_free(&err);
}

static void test_features(void) {
    struct config config;
    struct err err = {0};
    struct binder *binder = binder_create(NULL);
    CHECK(config_load("data/golden/features.json", NULL, 0, &config, &err));
    for (int v = 0; v < config.variant_count; v++)
        export_variant(&config, &config.variants[v], binder);
    CHECK(config.variant_count > 40);
    binder_free(binder);
    config_free(&config);
    err_free(&err);
}

int main(void) {
    test_protobuf();
    test_model();
    test_label();
    test_determinism_and_sharing();
    test_sizes();
    test_too_large();
    test_features();
    return check_end();
}
