#include "report/run_read.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "json/json.h"
#include "report/compare.h"

enum { RUN_BYTES = 256 << 20, RUN_NODES = 8 << 20 };

static const char *string_at(struct arena *arena, const struct json_node *object, const char *key) {
    const char *value = json_string(json_find(object, key));
    return value ? arena_strdup(arena, value) : NULL;
}

static int int_at(const struct json_node *object, const char *key) {
    int64_t value;
    const struct json_node *node = json_find(object, key);
    return node && json_integer(node, &value) && value >= 0 && value <= 1000000000 ? (int)value : 0;
}

/* A name that becomes part of a path below the run's folder. */
static bool is_plain(const char *name) {
    return name && *name && *name != '/' && !strstr(name, "..") && !strchr(name, '\n');
}

/* The bytes of a value as they stand, or NULL without one. */
static const char *text_at(struct arena *arena, const struct json_node *node) {
    if (!node) return NULL;
    return arena_printf(arena, "%.*s", (int)(node->end - node->start),
                        node->doc->text + node->start);
}

static void read_weights(const struct json_node *weights, struct arena *arena,
                         struct result_member *member) {
    member->weights = string_at(arena, weights, "file");
    member->weights_sha256 = string_at(arena, weights, "sha256");
    member->initialised = int_at(weights, "initialised");
}

/* Behind the last seed of the variant whose first is member `first`: they stand together. */
static int seeds_end(const struct run_record *record, int first) {
    const struct result_member *members = record->members;
    int end = first + 1;
    while (end < record->member_count && strcmp(members[end].variant, members[first].variant) == 0)
        end++;
    return end;
}

static void count_seeds(struct run_record *out) {
    for (int first = 0, end; first < out->member_count; first = end) {
        end = seeds_end(out, first);
        for (int m = first; m < end; m++) out->members[m].seed_count = end - first;
    }
}

static bool read_members(const struct json_node *list, struct run_record *out) {
    size_t count = list ? list->count : 0;
    out->members = arena_alloc(&out->arena, (count + 1) * sizeof *out->members);
    out->resolved = arena_alloc(&out->arena, (count + 1) * sizeof *out->resolved);
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        struct result_member *member = &out->members[out->member_count];
        const struct json_node *weights = json_find(n, "weights");
        const char *origin = json_string(json_find(weights, "origin"));
        member->variant = string_at(&out->arena, n, "name");
        member->folder = string_at(&out->arena, n, "folder");
        member->runs_as = string_at(&out->arena, n, "runs_as");
        member->seed = int_at(n, "seed");
        if (member->seed == 0) member->seed = 1;
        read_weights(weights, &out->arena, member);
        out->resolved[out->member_count] = text_at(&out->arena, json_find(n, "resolved"));
        if (!is_plain(member->variant) || !is_plain(member->folder) || !origin ||
            !compare_origin(origin, &member->origin))
            return false;
        out->member_count++;
    }
    count_seeds(out);
    return out->member_count > 0;
}

static void read_digest(const struct json_node *object, const char *key, char hex[65]) {
    const char *value = json_string(json_find(object, key));
    if (value && strlen(value) == 64) memcpy(hex, value, 65);
}

static bool read_images(const struct json_node *list, struct run_record *out) {
    size_t count = list ? list->count : 0;
    out->images = arena_alloc(&out->arena, (count + 1) * sizeof *out->images);
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        struct result_image *image = &out->images[out->image_count++];
        const char *name = string_at(&out->arena, n, "name");
        if (!name || !*name || strchr(name, '/')) return false;
        image->stem = name;
        image->dir = out->dir;
        image->label = json_find(n, "label") ? int_at(n, "label") : -1;
        read_digest(n, "sha256", image->sha256);
        read_digest(n, "target_sha256", image->target_sha256);
    }
    return true;
}

static void read_config(const struct json_node *config, struct run_record *out) {
    const struct json_node *compare = json_find(config, "compare");
    const struct json_node *margins = json_find(compare, "margins");
    size_t count = margins ? margins->count : 0;
    struct config_margin *list = arena_alloc(&out->arena, (count + 1) * sizeof *list);
    out->config.name = string_at(&out->arena, config, "name");
    out->config.path = string_at(&out->arena, config, "file");
    read_digest(config, "sha256", out->config.sha256);
    out->config.primary = string_at(&out->arena, compare, "primary");
    out->config.reference = string_at(&out->arena, compare, "reference");
    for (const struct json_node *n = json_first(margins); n; n = json_next(n))
        list[out->config.margin_count++] =
            (struct config_margin){arena_strdup(&out->arena, json_key(n)), json_number(n)};
    out->config.margins = list;
}

static void read_facts(const struct json_node *root, struct run_record *out) {
    const struct json_node *inputs = json_find(root, "inputs");
    const struct json_node *machine = json_find(root, "machine");
    out->facts = (struct run_facts){
        .version = string_at(&out->arena, root, "version"),
        .machine = string_at(&out->arena, machine, "description"),
        .isa = string_at(&out->arena, machine, "isa"),
        .decoder = string_at(&out->arena, machine, "image_decoder"),
        .images = string_at(&out->arena, inputs, "images"),
        .targets = string_at(&out->arena, inputs, "targets"),
        .pairs = string_at(&out->arena, inputs, "pairs"),
        .threads = int_at(machine, "threads"),
        .batch = int_at(machine, "batch"),
        .shard = int_at(inputs, "shard"),
        .shards = int_at(inputs, "shards"),
        .image_count = out->image_count,
    };
}

static bool read_document(const struct json_node *root, struct run_record *out) {
    const char *schema = json_string(json_find(root, "schema"));
    const struct json_node *config = json_find(root, "config"), *inputs = json_find(root, "inputs");
    if (!schema || strcmp(schema, "stridelab.run/1") != 0) return false;
    read_config(config, out);
    if (!*out->config.sha256 || !read_members(json_find(root, "variants"), out) ||
        !read_images(json_find(inputs, "files"), out))
        return false;
    read_facts(root, out);
    return true;
}

bool run_read(const char *dir, struct run_record *out, struct err *err) {
    *out = (struct run_record){0};
    out->dir = arena_strdup(&out->arena, dir);
    char *path = file_join(dir, "run.json");
    struct bytes bytes = {0};
    struct json_doc doc = {0};
    struct json_limits limits = {.bytes = RUN_BYTES, .nodes = RUN_NODES, .depth = 16};
    bool ok = file_read(path, RUN_BYTES, &bytes, err) &&
              json_parse(path, (const char *)bytes.data, bytes.size, &limits, &doc, err);
    if (ok && !read_document(json_root(&doc), out))
        ok = err_add(err, STATUS_BAD_INPUT, "%s: this is not a run's document", SAFE(path));
    json_free(&doc);
    bytes_free(&bytes);
    mem_free(path);
    return ok;
}

void run_record_free(struct run_record *record) {
    struct arena arena = record->arena;
    for (int v = 0; record->parts && v < record->config.variant_count; v++)
        config_free(&record->parts[v]);
    *record = (struct run_record){0};
    arena_free(&arena);
}

/* The variant of one member, from a config that describes nothing else. */
static bool read_variant(struct run_record *record, int member, struct err *err) {
    struct config *config = &record->config, *part = &record->parts[config->variant_count++];
    const char *text = record->resolved[member];
    char *path = file_join(record->dir, "run.json");
    bool ok = config_parse(text, strlen(text), path, record->dir, NULL, 0, part, err);
    mem_free(path);
    if (!ok) return false;
    config->variants[config->variant_count - 1] = part->variants[0];
    config->variants[config->variant_count - 1].name = record->members[member].variant;
    return true;
}

bool run_read_variants(struct run_record *record, struct err *err) {
    size_t count = (size_t)record->member_count;
    record->parts = arena_alloc(&record->arena, count * sizeof *record->parts);
    record->config.variants = arena_alloc(&record->arena, count * sizeof *record->config.variants);
    bool ok = true;
    for (int m = 0; ok && m < record->member_count; m++)
        if (record->resolved[m]) ok = read_variant(record, m, err);
    for (int m = 0; ok && m < record->member_count; m = seeds_end(record, m))
        if (!record->resolved[m])
            ok = err_add(err, STATUS_BAD_INPUT, "%s/run.json does not say what variant %s is",
                         SAFE(record->dir), SAFE(record->members[m].variant));
    return ok;
}

static bool is_equal(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Where the files of weights lie is no difference: their digests are compared. */
static bool same_variant(const struct run_record *a, const struct run_record *b, const char *name,
                         struct err *err) {
    struct arena arena = {0};
    struct config_difference *lines;
    int count = config_differences(config_find(&a->config, name), config_find(&b->config, name),
                                   &arena, &lines);
    bool same = true;
    for (int i = 0; same && i < count; i++)
        if (strncmp(lines[i].path, "weights", strlen("weights")) != 0)
            same = err_add(err, STATUS_BAD_INPUT,
                           "%s and %s ran different variants (%s of %s: %s, %s)", SAFE(a->dir),
                           SAFE(b->dir), SAFE(lines[i].path), SAFE(name), SAFE(lines[i].a),
                           SAFE(lines[i].b));
    arena_free(&arena);
    return same;
}

bool run_read_same(const struct run_record *a, const struct run_record *b, struct err *err) {
    if (strcmp(a->config.sha256, b->config.sha256) != 0)
        return err_add(err, STATUS_BAD_INPUT, "%s and %s are of different configs (config.sha256)",
                       SAFE(a->dir), SAFE(b->dir));
    bool same = a->member_count == b->member_count;
    for (int m = 0; same && m < a->member_count; m++)
        same = strcmp(a->members[m].folder, b->members[m].folder) == 0 &&
               a->members[m].origin == b->members[m].origin;
    if (!same)
        return err_add(err, STATUS_BAD_INPUT, "%s and %s ran different variants (variants)",
                       SAFE(a->dir), SAFE(b->dir));
    for (int m = 0; m < a->member_count; m++) {
        const struct result_member *one = &a->members[m], *other = &b->members[m];
        if (!is_equal(one->weights_sha256, other->weights_sha256))
            return err_add(err, STATUS_BAD_INPUT, "%s and %s ran %s with different weights",
                           SAFE(a->dir), SAFE(b->dir), SAFE(one->folder));
        if (one->seed == 1 && !same_variant(a, b, one->variant, err)) return false;
    }
    return true;
}
