/* From the names and shapes of a checkpoint to a config, and its tensors to the config's weights.
 * The input is a line a tensor, "<name> <dim>x<dim>...", or a .pth (zip) file that is listed so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/bind.h"
#include "engine/recognise_preset.h"
#include "fuzz/fuzz.h"

#define COUNT_MAX   (1 << 18) /* elements of a tensor */
#define TENSORS_MAX 600

const char *const fuzz_seeds[] = {"data/golden/families/*.pth", "data/checkpoints/plain.pth", NULL};

/* The lines of a checkpoint. */
static void list(const struct checkpoint *c, struct text *out) {
    for (int i = 0; i < c->tensor_count; i++) {
        const struct tensor *t = &c->tensors[i];
        text_add(out, "%s ", t->name);
        for (int d = 0; d < t->rank; d++)
            text_add(out, "%s%lld", d ? "x" : "", (long long)t->dims[d]);
        text_put(out, "\n");
    }
}

static bool list_zip(const uint8_t *data, size_t size, struct text *out) {
    struct checkpoint c;
    struct err err = {0};
    struct checkpoint_options options = {.allow_nonfinite = true};
    if (size < 4 || memcmp(data, "PK\3\4", 4) != 0) return false;
    bool ok = checkpoint_open(fuzz_memory(data, size), &options, &c, &err);
    if (ok) list(&c, out);
    checkpoint_free(&c);
    err_free(&err);
    return ok;
}

/* Reads "<name> <dims>" from `line`, which it cuts; false when that is no tensor. */
static bool read_line(char *line, struct tensor *tensor) {
    static const float values[COUNT_MAX];
    char *space = strchr(line, ' ');
    if (!space || space == line || space - line > 512) return false;
    *space = 0;
    *tensor = (struct tensor){.name = line, .count = 1, .data = values};
    for (char *at = space + 1; *at && tensor->rank < TENSOR_RANK;) {
        long long dim = strtoll(at, &at, 10);
        if (dim < 0 || dim > COUNT_MAX) return false;
        tensor->dims[tensor->rank++] = dim;
        tensor->count *= (size_t)dim;
        if (tensor->count > COUNT_MAX) return false;
        at += *at != 0;
    }
    return true;
}

static int compare_names(const void *a, const void *b, void *tensors) {
    const struct tensor *t = tensors;
    return strcmp(t[*(const int *)a].name, t[*(const int *)b].name);
}

/* A checkpoint of the lines, with unique names as every reader makes sure of. */
static struct checkpoint make(const char *text, const char *path) {
    struct checkpoint c = {.path = path};
    char *rest = arena_strdup(&c.arena, text);
    c.tensors = mem_array(TENSORS_MAX, sizeof *c.tensors);
    c.by_name = mem_array(TENSORS_MAX, sizeof *c.by_name);
    for (char *line; (line = strsep(&rest, "\n")) && c.tensor_count < TENSORS_MAX;) {
        bool twice = false;
        if (!read_line(line, &c.tensors[c.tensor_count])) continue;
        for (int i = 0; i < c.tensor_count; i++) twice |= strcmp(c.tensors[i].name, line) == 0;
        if (twice) continue;
        c.by_name[c.tensor_count] = c.tensor_count;
        c.tensor_count++;
    }
    qsort_r(c.by_name, (size_t)c.tensor_count, sizeof *c.by_name, compare_names, c.tensors);
    return c;
}

/* Binds the lines to the config's first variant, if that has a shape. */
static void bind(const char *lines, const struct text *json) {
    struct config config;
    struct graph graph = {0};
    struct net net = {0};
    struct binding binding = {0};
    struct err err = {0};
    struct binder *binder = binder_create(NULL);
    bool ok = config_parse(json->s, json->length, "c.json", ".", NULL, 0, &config, &err);
    if (ok) {
        const struct config_variant *v = &config.variants[0];
        struct checkpoint c = make(lines, v->weights[0].file);
        binder_add(binder, &c);
        ok = net_build(&graph, v, v->size, -2, NULL, NULL, &net, &err) && net.ok;
        if (ok) {
            ok = binder_bind(binder, &config, v, 0, &graph, &net, &binding, &err);
            FUZZ_CHECK(ok ? binding.count == net.slot_count : err.count > 0);
        }
    }
    binding_free(&binding);
    net_free(&net);
    graph_free(&graph);
    binder_free(binder);
    config_free(&config);
    err_free(&err);
}

static void check(const char *lines) {
    struct checkpoint c = make(lines, "w");
    struct recognised *found = mem_alloc(sizeof *found);
    struct text json = {0};
    struct err err = {0};
    bool ok = recognise_preset(&c, found, &err);
    if (!ok) found->preset = "zi2zi-2020";
    struct preset_options options = found->options;
    options.weights = "w";
    if (!ok) options = (struct preset_options){.ngf = 4, .blocks = 4, .weights = "w"};
    if (preset_write(found->preset, &options, &json, &err)) bind(lines, &json);
    recognised_free(found);
    mem_free(found);
    checkpoint_free(&c);
    text_free(&json);
    err_free(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text lines = {0};
    if (!list_zip(data, size, &lines)) text_write(&lines, data, size);
    if (lines.s && lines.length < 65536) check(lines.s);
    text_free(&lines);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    struct text lines = {0};
    if (list_zip(data, size, &lines) && lines.s && lines.length <= room) {
        memcpy(data, lines.s, lines.length);
        size = lines.length;
    }
    text_free(&lines);
    (void)seed;
    return LLVMFuzzerMutate(data, size, room);
}
