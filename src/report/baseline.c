#include "report/baseline.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "json/json.h"
#include "metrics/bootstrap.h"
#include "metrics/stats.h"

static const struct json_limits limits = {64u << 20, 4u << 20, 16};

/* Adds "<file>:<line>:<column>: <path>: <message>". */
static bool refuse(const struct json_node *node, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse(const struct json_node *node, struct err *err, const char *format, ...) {
    struct json_place place = json_place(node->doc, node->start);
    struct text path = {0};
    char message[160];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    json_path(node, &path);
    err_add(err, STATUS_BAD_INPUT, "%s:%zu:%zu: %s: %s", SAFE(node->doc->name), place.line,
            place.column, SAFE(path.s), message);
    text_free(&path);
    return false;
}

/* The member of that type; NULL with a message. */
static const struct json_node *member(const struct json_node *object, const char *key,
                                      enum json_type type, struct err *err) {
    const struct json_node *node = json_find(object, key);
    if (!node)
        refuse(object, err, "the key \"%s\" is missing: is this from an older version?", key);
    else if (node->type != type)
        refuse(node, err, "expected %s", json_type_name(type));
    return node && node->type == type ? node : NULL;
}

static bool read_string(const struct json_node *object, const char *key, struct arena *arena,
                        const char **out, struct err *err) {
    const struct json_node *node = member(object, key, JSON_STRING, err);
    if (node) *out = arena_strdup(arena, json_string(node));
    return node != NULL;
}

static bool read_count(const struct json_node *node, int *out, struct err *err) {
    int64_t value;
    if (!node) return false;
    if (!json_integer(node, &value) || value < 1 || value > INT32_MAX)
        return refuse(node, err, "expected a whole number from 1 on");
    *out = (int)value;
    return true;
}

static bool read_size(const struct json_node *root, struct baseline *out, struct err *err) {
    const struct json_node *size = member(root, "size", JSON_ARRAY, err);
    if (!size) return false;
    if (size->count != 2) return refuse(size, err, "expected [height, width]");
    const struct json_node *height = json_first(size);
    return read_count(height, &out->height, err) && read_count(json_next(height), &out->width, err);
}

static bool read_samples(const struct json_node *list, struct baseline_variant *out,
                         struct arena *arena, struct err *err) {
    if (list->count == 0) return refuse(list, err, "there are no samples");
    out->samples = arena_alloc(arena, list->count * sizeof *out->samples);
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        double seconds = json_number(n);
        if (!(seconds >= 1e-12 && seconds <= 1e9)) /* ratios of such times stay finite */
            return refuse(n, err, "expected a time in seconds, above 0");
        out->samples[out->count++] = seconds;
    }
    return true;
}

static bool read_variant(const struct json_node *node, struct baseline *out, struct err *err) {
    struct baseline_variant *variant = &out->variants[out->variant_count];
    if (node->type != JSON_OBJECT) return refuse(node, err, "expected an object");
    const struct json_node *series = member(node, "seconds_per_image", JSON_OBJECT, err);
    const struct json_node *samples = series ? member(series, "samples", JSON_ARRAY, err) : NULL;
    if (!samples || !read_string(node, "name", &out->arena, &variant->name, err) ||
        !read_string(node, "architecture", &out->arena, &variant->architecture, err))
        return false;
    for (int v = 0; v < out->variant_count; v++)
        if (strcmp(out->variants[v].name, variant->name) == 0)
            return refuse(node, err, "there are two variants %s", SAFE(variant->name));
    out->variant_count++;
    return read_samples(samples, variant, &out->arena, err);
}

static bool check_kind(const struct json_node *root, struct err *err) {
    const char *schema = json_string(json_find(root, "schema"));
    const struct json_node *measured = json_find(root, "measured");
    const char *how = json_string(measured);
    if (!schema || strcmp(schema, "stridelab.timing/1") != 0)
        return refuse(root, err,
                      "this is not what `stridelab bench --format json` writes: its \"schema\" is "
                      "no \"stridelab.timing/1\"");
    if (how && strcmp(how, "alone") == 0) return true;
    return refuse(measured ? measured : root, err,
                  "not measured \"alone\": the variants of a run share one pass; "
                  "`stridelab bench --format json` writes what is wanted here");
}

static bool read_document(const struct json_node *root, struct baseline *out, struct err *err) {
    if (!check_kind(root, err)) return false;
    const struct json_node *exact = member(root, "exact", JSON_BOOL, err);
    const struct json_node *variants = member(root, "variants", JSON_ARRAY, err);
    if (!exact || !variants || !read_string(root, "machine", &out->arena, &out->machine, err) ||
        !read_string(root, "isa", &out->arena, &out->isa, err) ||
        !read_count(member(root, "threads", JSON_NUMBER, err), &out->threads, err) ||
        !read_count(member(root, "batch", JSON_NUMBER, err), &out->batch, err) ||
        !read_size(root, out, err))
        return false;
    out->exact = json_bool(exact);
    out->variants = arena_alloc(&out->arena, (variants->count + 1) * sizeof *out->variants);
    for (const struct json_node *n = json_first(variants); n; n = json_next(n))
        if (!read_variant(n, out, err)) return false;
    return true;
}

bool baseline_read(const char *path, struct baseline *out, struct err *err) {
    struct bytes bytes = {0};
    struct json_doc doc = {0};
    *out = (struct baseline){0};
    out->path = arena_strdup(&out->arena, path);
    bool ok = file_read(path, limits.bytes, &bytes, err) &&
              json_parse(path, (const char *)bytes.data, bytes.size, &limits, &doc, err) &&
              read_document(json_root(&doc), out, err);
    json_free(&doc);
    bytes_free(&bytes);
    return ok;
}

void baseline_free(struct baseline *baseline) {
    struct arena arena = baseline->arena;
    *baseline = (struct baseline){0};
    arena_free(&arena);
}

static const struct baseline_variant *find(const struct baseline *baseline, const char *name) {
    for (int v = 0; v < baseline->variant_count; v++)
        if (strcmp(baseline->variants[v].name, name) == 0) return &baseline->variants[v];
    return NULL;
}

/* What makes a comparison meaningless. */
static void check_conditions(const struct baseline *b, const struct timing *now, struct err *err) {
    struct safe_text path = err_safe_text(b->path);
    if (b->height != now->height || b->width != now->width)
        err_add(err, STATUS_BAD_INPUT, "%s is of %dx%d, this would be of %dx%d: --size %dx%d",
                path.s, b->height, b->width, now->height, now->width, b->height, b->width);
    if (b->batch != now->batch)
        err_add(err, STATUS_BAD_INPUT, "%s is of batches of %d, this would be of %d: --batch %d",
                path.s, b->batch, now->batch, b->batch);
    if (b->threads != now->threads)
        err_add(err, STATUS_BAD_INPUT, "%s ran on %d threads, this would on %d: --threads %d",
                path.s, b->threads, now->threads, b->threads);
    if (strcmp(b->isa, now->isa) != 0)
        err_add(err, STATUS_BAD_INPUT, "%s used %s, this would use %s: --isa %s", path.s,
                SAFE(b->isa), now->isa, SAFE(b->isa));
    if (b->exact != now->exact)
        err_add(err, STATUS_BAD_INPUT, "%s was measured %s --exact", path.s,
                b->exact ? "with" : "without");
}

/* Appends the names in one that the other lacks. Returns how many it does not lack. */
static int check_names(const struct baseline *b, const struct timing *now, struct text *doubts) {
    struct text only_now = {0}, only_then = {0};
    int common = now->variant_count;
    for (int v = 0; v < now->variant_count; v++) {
        if (find(b, now->variants[v].name)) continue;
        text_add(&only_now, "%s%s", only_now.length ? ", " : "", now->variants[v].name);
        common--;
    }
    for (int i = 0; i < b->variant_count; i++) {
        int v = 0;
        while (v < now->variant_count && strcmp(now->variants[v].name, b->variants[i].name) != 0)
            v++;
        if (v == now->variant_count)
            text_add(&only_then, "%s%s", only_then.length ? ", " : "", SAFE(b->variants[i].name));
    }
    if (only_now.length) text_add(doubts, "not in the baseline: %s\n", only_now.s);
    if (only_then.length) text_add(doubts, "only in the baseline: %s\n", only_then.s);
    text_free(&only_now);
    text_free(&only_then);
    return common;
}

bool baseline_check(const struct baseline *baseline, const struct timing *timing, bool gate,
                    struct text *doubts, struct err *err) {
    check_conditions(baseline, timing, err);
    if (check_names(baseline, timing, doubts) == 0)
        err_add(err, STATUS_BAD_INPUT, "%s has none of the variants that would be measured",
                SAFE(baseline->path));
    if (strcmp(baseline->machine, timing->machine) != 0)
        text_add(doubts, "the baseline is of another machine: %s; this one: %s\n",
                 SAFE(baseline->machine), timing->machine);
    for (int v = 0; v < timing->variant_count; v++) {
        const struct timing_variant *variant = &timing->variants[v];
        const struct baseline_variant *then = find(baseline, variant->name);
        if (!then) continue;
        if (strcmp(then->architecture, variant->architecture) != 0)
            text_add(doubts,
                     "%s is another network than in the baseline (its architecture): the ratio is "
                     "of two designs\n",
                     variant->name);
        if (gate && then->count < BASELINE_FEWEST)
            err_add(err, STATUS_BAD_INPUT, "%s has %d samples of %s; a gate needs %d",
                    SAFE(baseline->path), then->count, variant->name, BASELINE_FEWEST);
    }
    return err->status == STATUS_OK;
}

void baseline_relate(const struct baseline *baseline, struct timing *timing) {
    struct bootstrap_options options = bootstrap_defaults();
    timing->baseline = baseline->path;
    for (int v = 0; v < timing->variant_count; v++) {
        struct timing_variant *variant = &timing->variants[v];
        const struct baseline_variant *then = find(baseline, variant->name);
        size_t count = (size_t)variant->plan->sample_count;
        if (!then || count == 0) continue;
        double *now = timing_samples(variant);
        struct interval interval =
            bootstrap_median_ratio(now, count, then->samples, (size_t)then->count, &options);
        variant->before = stats_median(then->samples, (size_t)then->count);
        variant->to_before = (struct timing_ratio){stats_median(now, count) / variant->before,
                                                   interval.low, interval.high};
        if (count == 1 && then->count == 1) variant->to_before.low = variant->to_before.high = NAN;
        mem_free(now);
    }
}

bool baseline_slower(struct timing_ratio ratio, double percent) {
    return ratio.low > 1 + percent / 100;
}
