#include "report/run_read.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "json/json.h"

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

static bool read_members(const struct json_node *list, struct run_record *out) {
    size_t count = list ? list->count : 0;
    struct compare_member *members = arena_alloc(&out->arena, (count + 1) * sizeof *members);
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        struct compare_member *member = &members[out->member_count];
        const char *origin = json_string(json_find(json_find(n, "weights"), "origin"));
        member->variant = string_at(&out->arena, n, "name");
        member->folder = string_at(&out->arena, n, "folder");
        member->seed = int_at(n, "seed");
        if (member->seed == 0) member->seed = 1;
        if (!is_plain(member->variant) || !is_plain(member->folder) || !origin ||
            !compare_origin(origin, &member->origin))
            return false;
        out->member_count++;
    }
    out->members = members;
    return out->member_count > 0;
}

static bool read_images(const struct json_node *list, struct run_record *out) {
    size_t count = list ? list->count : 0;
    const char **images = arena_alloc(&out->arena, (count + 1) * sizeof *images);
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        const char *name = string_at(&out->arena, n, "name");
        if (!name || !*name || strchr(name, '/')) return false;
        images[out->image_count++] = name;
    }
    out->images = images;
    return true;
}

static void read_compare(const struct json_node *compare, struct run_record *out) {
    const struct json_node *margins = json_find(compare, "margins");
    size_t count = margins ? margins->count : 0;
    struct config_margin *list = arena_alloc(&out->arena, (count + 1) * sizeof *list);
    out->primary = string_at(&out->arena, compare, "primary");
    out->reference = string_at(&out->arena, compare, "reference");
    for (const struct json_node *n = json_first(margins); n; n = json_next(n))
        list[out->margin_count++] =
            (struct config_margin){arena_strdup(&out->arena, json_key(n)), json_number(n)};
    out->margins = list;
}

static bool read_document(const struct json_node *root, struct run_record *out) {
    const char *schema = json_string(json_find(root, "schema"));
    const struct json_node *config = json_find(root, "config"), *inputs = json_find(root, "inputs");
    if (!schema || strcmp(schema, "stridelab.run/1") != 0) return false;
    out->config_name = string_at(&out->arena, config, "name");
    out->config_sha256 = string_at(&out->arena, config, "sha256");
    out->shard = int_at(inputs, "shard");
    out->shards = int_at(inputs, "shards");
    read_compare(json_find(config, "compare"), out);
    return out->config_sha256 && read_members(json_find(root, "variants"), out) &&
           read_images(json_find(inputs, "files"), out);
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
    *record = (struct run_record){0};
    arena_free(&arena);
}

bool run_read_same(const struct run_record *a, const struct run_record *b, struct err *err) {
    if (strcmp(a->config_sha256, b->config_sha256) != 0)
        return err_add(err, STATUS_BAD_INPUT, "%s and %s are of different configs (config.sha256)",
                       SAFE(a->dir), SAFE(b->dir));
    bool same = a->member_count == b->member_count;
    for (int m = 0; same && m < a->member_count; m++)
        same = strcmp(a->members[m].folder, b->members[m].folder) == 0 &&
               a->members[m].origin == b->members[m].origin;
    if (!same)
        return err_add(err, STATUS_BAD_INPUT, "%s and %s ran different variants (variants)",
                       SAFE(a->dir), SAFE(b->dir));
    return true;
}
