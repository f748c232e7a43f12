/* The PyTorch source; that it computes the right thing is for scripts/test_export.sh. */
#include "report/torch_module.h"

#include "base/check.h"
#include "net/fixture.h"
#include "report/torch_lines.h"

static void test_strings(void) {
    struct text t = {0};
    torch_put_string("a\"b\\c\n\x1b[0m\xc3\xa9\xf0\x9f\x98\x80", &t);
    CHECK_STR(t.s, "\"a\\\"b\\\\c\\u000a\\u001b[0m\\u00e9\\U0001f600\"");
    text_free(&t);
}

static void write(const struct fixture *f, const struct binding *binding,
                  const struct checkpoint *checkpoint, struct text *out) {
    struct graph graph = {0};
    struct net net = {0};
    CHECK(fixture_build(&graph, f, 256, &net));
    struct torch_module module = {.graph = &graph,
                                  .net = &net,
                                  .binding = binding,
                                  .checkpoint = checkpoint,
                                  .mean = 0.5,
                                  .std = 0.5,
                                  .version = "1.2"};
    torch_module_write(&module, out);
    net_free(&net);
    graph_free(&graph);
}

static bool has(const struct text *text, const char *part) {
    return strstr(text->s, part) != NULL;
}

static void test_plain_names(void) {
    struct fixture f;
    struct text first = {0}, second = {0};
    fixture_zi2zi(&f, 8);
    f.variant.name = "1.up-conv_x";
    f.variant.style_label = 7;
    write(&f, NULL, NULL, &first);
    write(&f, NULL, NULL, &second);
    CHECK_STR(first.s, second.s);
    CHECK(has(&first, "class Variant1UpConvXGenerator(nn.Module):\n"));
    CHECK(has(&first, "        self.tensor(\"b1.down.conv.weight\", 64, 1, 4, 4)\n"));
    CHECK(has(&first, "self.tensor(\"b2.down.norm.running_mean\", 128, buffer=True)\n"));
    CHECK(has(&first, "def forward(self, image, label=7):\n"));
    CHECK(has(&first, "if image.shape[1:] != (1, 256, 256):\n"));
    CHECK(has(&first, "\n        # b2, down\n        p = \"b2.down.\"\n"));
    CHECK(has(&first, "w[p + \"conv.weight\"], stride=2, padding=1)  # [128, 64, 64]\n"));
    CHECK(!has(&first, "strict=False"));
    text_free(&first);
    text_free(&second);
}

/* A file with one weight under a name that wants to be code, and a count that nothing reads. */
static void test_file_names(void) {
    struct fixture f;
    struct text out = {0};
    fixture_unet(&f, 8, 1);
    f.variant.name = "v";
    char name[] = "m.\"); import os\n.weight";
    struct tensor tensors[] = {{.name = name, .rank = 4, .dims = {64, 1, 4, 4}},
                               {.name = "m.num_batches_tracked", .dtype = DTYPE_I64}};
    int by_name[] = {0, 1};
    struct checkpoint checkpoint = {
        .path = "some/where\n.pth", .tensors = tensors, .tensor_count = 2, .by_name = by_name};
    struct bound weight = {.slot.name = "b1.down.conv.weight", .file_name = name};
    struct binding binding = {.weights = &weight, .count = 1};
    write(&f, &binding, &checkpoint, &out);
    CHECK(has(&out, "that in \"where\\u000a.pth\".\n"));
    CHECK(has(&out, "        self.tensor(\"m.\\\"); import os\\u000a.weight\", 64, 1, 4, 4)\n"));
    CHECK(has(&out, "        # In the file, not read here:\n"
                    "        self.tensor(\"m.num_batches_tracked\", buffer=True, "
                    "dtype=torch.int64)\n"));
    CHECK(has(&out, "        # Not in the file: load it with strict=False.\n"
                    "        self.tensor(\"b2.down.conv.weight\", 128, 64, 4, 4)\n"));
    const char *p = out.s;
    while (*p == '\n' || (*p >= 0x20 && *p < 0x7f)) p++;
    CHECK_STR(p, "");
    text_free(&out);
}

int main(void) {
    test_strings();
    test_plain_names();
    test_file_names();
    return check_end();
}
