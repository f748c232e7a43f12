#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "config/overlay.h"
#include "config/resolve.h"
#include "config/store.h"
#include "config/validate.h"

static const struct json_limits file_limits = {.bytes = 1 << 20, .nodes = 200000, .depth = 64};

/* ---- words ---- */

const char *config_act_name(enum act act) {
    return schema_acts[act];
}
const char *config_norm_name(enum norm_type type) {
    return schema_norms[type];
}
const char *config_decoder_name(enum decoder decoder) {
    return schema_decoders[decoder];
}
const char *config_mode_name(enum mode mode) {
    return schema_modes[mode];
}
const char *config_skip_name(enum skip skip) {
    return schema_skips[skip];
}
const char *config_fit_name(enum fit fit) {
    return schema_fits[fit];
}
const char *config_style_name(enum style_mode mode) {
    return schema_styles[mode];
}
const char *config_init_name(enum init init) {
    return schema_inits[init];
}

/* ---- compare ---- */

static void store_margins(struct config *config, const struct json_node *map) {
    struct config_margin *margins =
        arena_alloc(&config->arena, ((size_t)config->margin_count + map->count) * sizeof *margins);
    int count = 0;
    for (int i = 0; i < config->margin_count; i++) {
        if (!json_find(map, config->margins[i].metric)) margins[count++] = config->margins[i];
    }
    for (const struct json_node *m = json_first(map); m; m = json_next(m)) {
        if (schema_is_comment(m)) continue;
        margins[count++] =
            (struct config_margin){arena_strdup(&config->arena, json_key(m)), json_number(m)};
    }
    config->margins = margins;
    config->margin_count = count;
}

/* The keys of the whole family: name, compare. */
static void store_family(struct config *config, const struct json_node *root) {
    const struct json_node *compare = json_find(root, "compare");
    const struct json_node *margins = compare ? json_find(compare, "margins") : NULL;
    store_object(&config->arena, &schema_family, root, config);
    if (margins && margins->type == JSON_OBJECT) store_margins(config, margins);
}

/* That no variant is called `name`, which are, and which may have been meant. */
static void put_unknown(const struct config *config, const char *name, struct text *out) {
    const char **names = mem_array((size_t)config->variant_count, sizeof *names);
    struct text known = {0};
    for (int i = 0; i < config->variant_count; i++) {
        names[i] = config->variants[i].name;
        if (*names[i]) text_add(&known, "%s%s", i ? ", " : "", names[i]); /* "" is an error */
    }
    const char *near = schema_nearest(name, names, config->variant_count);
    text_add(out, "no variant is called \"%s\"; there are %s%s%s%s", SAFE(name),
             SAFE(known.s ? known.s : "none"), near ? "; did you mean \"" : "", near ? near : "",
             near ? "\"?" : "");
    text_free(&known);
    mem_free(names);
}

static void check_reference(const struct config *config, struct problems *problems,
                            const struct json_node *const *layers, int count) {
    if (!config->reference || config_find(config, config->reference)) return;
    const struct json_node *place = layers[0];
    for (int i = 0; i < count; i++) {
        const struct json_node *compare = json_find(layers[i], "compare");
        const struct json_node *reference = compare ? json_find(compare, "reference") : NULL;
        if (reference) place = reference;
    }
    struct text words = {0};
    put_unknown(config, config->reference, &words);
    problem_add(problems, place, "%s", words.s);
    text_free(&words);
}

/* ---- variants ---- */

struct named {
    const char *name;
    const struct json_node *node;
    int index;
};

static int by_name(const void *a, const void *b) {
    const struct named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->index - y->index;
}

static void check_names(const struct json_node *list, struct problems *problems) {
    struct named *names = mem_array(list->count + 1u, sizeof *names);
    size_t count = 0;
    for (const struct json_node *m = json_first(list); m; m = json_next(m)) {
        const struct json_node *name = json_find(m, "name");
        if (name && json_string(name))
            names[count] = (struct named){json_string(name), name, (int)count}, count++;
    }
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i - 1].name, names[i].name) == 0)
            problem_add(problems, names[i].node, "an earlier variant is called \"%s\" as well",
                        SAFE(names[i].name));
    }
    mem_free(names);
}

/* `layers` has room for one more: the variant's own. */
static void resolve_all(struct config *config, const char *dir, struct problems *problems,
                        const struct json_node **layers, int layer_count) {
    const struct json_node *list = json_find(layers[0], "variants");
    bool listed = list && list->type == JSON_ARRAY && list->count > 0;
    if (listed && list->count > 4096) return; /* validate has said so */
    struct resolve r = {.arena = &config->arena,
                        .problems = problems,
                        .dir = dir,
                        .layers = layers,
                        .layer_count = layer_count};
    int count = listed ? (int)list->count : 1;
    config->variants = arena_alloc(&config->arena, (size_t)count * sizeof *config->variants);
    config->variant_count = count;
    if (!listed) {
        config->variants[0].name = "base";
        resolve_variant(&r, &config->variants[0]);
        return;
    }
    check_names(list, problems);
    r.own = true;
    r.layer_count++;
    int i = 0;
    for (const struct json_node *m = json_first(list); m; m = json_next(m), i++) {
        const struct json_node *name = json_find(m, "name");
        config->variants[i].name =
            arena_strdup(&config->arena, name && json_string(name) ? json_string(name) : "");
        if (m->type != JSON_OBJECT || problems->count == PROBLEMS_MAX) continue;
        layers[layer_count] = m;
        resolve_variant(&r, &config->variants[i]);
    }
}

/* ---- loading ---- */

/* "configs/zi2zi.json" -> "zi2zi" */
static const char *stem(struct arena *arena, const char *path) {
    if (strcmp(path, "-") == 0) return "config";
    char *name = arena_strdup(arena, file_base(path));
    char *dot = strrchr(name, '.');
    if (dot && dot != name) *dot = '\0';
    return name;
}

static bool read_layers(struct config *config, const char *dir, struct json_doc *doc,
                        struct overlay *overlays, int overlay_count, struct err *err) {
    struct problems problems = {0};
    const struct json_node **layers =
        mem_array((size_t)overlay_count + 2, sizeof *layers); /* and a variant's own */
    layers[0] = json_root(doc);
    validate(&schema_config, layers[0], &problems);
    for (int i = 0; i < overlay_count; i++) {
        layers[i + 1] = json_root(&overlays[i].doc);
        validate(&schema_overlay, layers[i + 1], &problems);
    }
    if (layers[0]->type == JSON_OBJECT) {
        config->name = stem(&config->arena, config->path);
        for (int i = 0; i <= overlay_count; i++) store_family(config, layers[i]);
        resolve_all(config, dir, &problems, layers, overlay_count + 1);
        check_reference(config, &problems, layers, overlay_count + 1);
    }
    mem_free(layers);
    return problems_report(&problems, err);
}

bool config_parse(const char *text, size_t length, const char *path, const char *dir,
                  const struct config_override *sets, int set_count, struct config *out,
                  struct err *err) {
    *out = (struct config){0};
    out->path = arena_strdup(&out->arena, path);
    sha256_hex_of(text, length, out->sha256);
    struct json_doc doc = {0};
    struct overlay *overlays = mem_array((size_t)set_count, sizeof *overlays);
    bool ok = json_parse(strcmp(path, "-") == 0 ? "standard input" : path, text, length,
                         &file_limits, &doc, err);
    for (int i = 0; i < set_count; i++) ok &= overlay_make(&sets[i], &overlays[i], err);
    ok = ok && read_layers(out, dir, &doc, overlays, set_count, err);
    for (int i = 0; i < set_count; i++) overlay_free(&overlays[i]);
    mem_free(overlays);
    json_free(&doc);
    return ok;
}

/* By its ending: what a user gives in place of a config. */
static bool names_checkpoint(const char *path) {
    static const char *const endings[] = {".pth", ".pt", ".ckpt", ".safetensors"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end = strlen(endings[i]);
        if (length > end && strcmp(path + length - end, endings[i]) == 0) return true;
    }
    return false;
}

bool config_load(const char *path, const struct config_override *sets, int set_count,
                 struct config *out, struct err *err) {
    *out = (struct config){0};
    struct bytes bytes = {0};
    if (names_checkpoint(path))
        return err_add(err, STATUS_BAD_INPUT,
                       "%s is a checkpoint, and a config is wanted; make one of it: stridelab init "
                       "--from FILE --out CONFIG",
                       SAFE(path));
    if (!file_read(path, file_limits.bytes, &bytes, err)) {
        bytes_free(&bytes);
        return false;
    }
    char *dir = strcmp(path, "-") == 0 ? mem_strdup(".") : file_dir(path);
    bool ok =
        config_parse((const char *)bytes.data, bytes.size, path, dir, sets, set_count, out, err);
    mem_free(dir);
    bytes_free(&bytes);
    return ok;
}

void config_free(struct config *config) {
    arena_free(&config->arena);
    *config = (struct config){0};
}

const struct config_variant *config_find(const struct config *config, const char *name) {
    for (int i = 0; i < config->variant_count; i++) {
        if (strcmp(config->variants[i].name, name) == 0) return &config->variants[i];
    }
    return NULL;
}

const struct config_variant *config_want(const struct config *config, const char *name,
                                         struct err *err) {
    const struct config_variant *variant = config_find(config, name);
    if (variant) return variant;
    struct text words = {0};
    put_unknown(config, name, &words);
    err_add(err, STATUS_BAD_INPUT, "%s: %s", SAFE(config->path), words.s);
    text_free(&words);
    return NULL;
}
