#include "cli/run_journal_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "json/json.h"
#include "json/json_out.h"

enum { LINE_BYTES = 64 << 20, LINE_NODES = 1 << 20 };

static void put_value(struct json_out *o, double value) {
    char text[40];
    if (isnan(value)) {
        json_out_null(o);
    } else if (isinf(value)) {
        json_out_string(o, value > 0 ? "inf" : "-inf");
    } else {
        snprintf(text, sizeof text, "%.17g", value);
        json_out_raw(o, text);
    }
}

static void put_values(struct json_out *o, const double *values, int count) {
    json_out_array(o);
    for (int i = 0; i < count; i++) put_value(o, values[i]);
    json_out_end(o);
}

static void put_size(struct json_out *o, int width, int height) {
    json_out_array(o);
    json_out_int(o, width);
    json_out_int(o, height);
    json_out_end(o);
}

static void put_whole(struct json_out *o, const int16_t *values, int count) {
    json_out_array(o);
    for (int i = 0; i < count; i++) json_out_int(o, values[i]);
    json_out_end(o);
}

static void put_profile(struct json_out *o, const struct profile *profile) {
    json_out_array(o);
    put_whole(o, profile->power, profile->points);
    int count = profile->points;
    while (count > 0 && profile->frc[count - 1] == PROFILE_NONE) count--;
    put_whole(o, profile->frc, count);
    json_out_end(o);
}

static void put_member(struct json_out *o, const struct results *r, int image, int member) {
    const struct window *worst = results_worst(r, image, member);
    json_out_object(o);
    put_value(json_out_key(o, "max_difference"), *results_difference(r, image, member));
    put_values(json_out_key(o, "worst"), (double[]){worst->x, worst->y, worst->side, worst->error},
               4);
    put_values(json_out_key(o, "metrics"), results_metrics(r, image, member), METRIC_COUNT);
    put_profile(json_out_key(o, "profile"), results_profile(r, image, member));
    json_out_end(o);
}

static void put_files(struct json_out *o, const struct run *run, int image,
                      const struct digest *digests) {
    json_out_object(o);
    for (int f = 0; f < output_count(run); f++) {
        if (!*digests[f].hex) continue;
        char *name = output_name(run, image, f);
        json_out_string(json_out_key(o, name), digests[f].hex);
        mem_free(name);
    }
    json_out_end(o);
}

void journal_line_put(const struct run *run, int image, const struct digest *digests,
                      struct text *out) {
    const struct results *r = &run->results;
    const struct result_image *result = &r->images[image];
    struct json_out o = json_out_start(out);
    json_out_object(json_out_line(&o));
    json_out_int(json_out_key(&o, "image"), image);
    json_out_string(json_out_key(&o, "name"), result->stem);
    put_size(json_out_key(&o, "size"), result->width, result->height);
    put_size(json_out_key(&o, "input"), result->input_width, result->input_height);
    json_out_bool(json_out_key(&o, "has_target"), result->has_target);
    json_out_string(json_out_key(&o, "note"), result->note);
    put_files(json_out_key(&o, "files"), run, image, digests);
    put_values(json_out_key(&o, "target"), r->targets + (size_t)image * METRIC_COUNT, METRIC_COUNT);
    put_profile(json_out_key(&o, "target_profile"), &r->target_profiles[image]);
    json_out_array(json_out_key(&o, "members"));
    for (int m = 0; m < r->member_count; m++) put_member(&o, r, image, m);
    json_out_end(&o);
    json_out_end(&o);
}

/* ---- reading it back */

static bool take_value(const struct json_node *node, double *value) {
    const char *text = json_string(node);
    if (node->type == JSON_NULL)
        *value = NAN;
    else if (text && (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0))
        *value = *text == '-' ? -INFINITY : INFINITY;
    else if (node->type == JSON_NUMBER)
        *value = json_number(node);
    else
        return false;
    return true;
}

static bool take_values(const struct json_node *list, double *values, size_t count) {
    if (!list || list->type != JSON_ARRAY || list->count != count) return false;
    for (const struct json_node *n = json_first(list); n; n = json_next(n))
        if (!take_value(n, values++)) return false;
    return true;
}

static bool take_integer(const struct json_node *node, int least, int most, int *out) {
    int64_t value;
    if (!json_integer(node, &value) || value < least || value > most) return false;
    *out = (int)value;
    return true;
}

/* Whole numbers of pixels, at least `least`. */
static bool take_pixels(const struct json_node *list, size_t count, int least, int *values) {
    if (!list || list->type != JSON_ARRAY || list->count < count) return false;
    const struct json_node *n = json_first(list);
    for (size_t i = 0; i < count; i++, n = json_next(n))
        if (!take_integer(n, least, 1 << 20, &values[i])) return false;
    return true;
}

static bool take_whole(const struct json_node *list, int16_t *values, int *count) {
    if (!list || list->type != JSON_ARRAY || list->count > SPECTRUM_POINTS) return false;
    *count = (int)list->count;
    for (const struct json_node *n = json_first(list); n; n = json_next(n)) {
        int value;
        if (!take_integer(n, INT16_MIN, INT16_MAX, &value)) return false;
        *values++ = (int16_t)value;
    }
    return true;
}

static bool take_profile(const struct json_node *list, struct profile *profile) {
    int count;
    if (!list || list->type != JSON_ARRAY || list->count != 2) return false;
    const struct json_node *power = json_first(list);
    if (!take_whole(power, profile->power, &profile->points) ||
        !take_whole(json_next(power), profile->frc, &count) || count > profile->points)
        return false;
    for (; count < profile->points; count++) profile->frc[count] = PROFILE_NONE;
    return true;
}

static bool take_member(const struct json_node *node, const struct results *r, int image,
                        int member) {
    const struct json_node *worst = json_find(node, "worst");
    const struct json_node *difference = json_find(node, "max_difference");
    double window[4];
    int pixels[3];
    if (!difference || !take_value(difference, results_difference(r, image, member)) ||
        !take_values(worst, window, 4) || !take_pixels(worst, 3, 0, pixels) ||
        !take_values(json_find(node, "metrics"), results_metrics(r, image, member), METRIC_COUNT) ||
        !take_profile(json_find(node, "profile"), results_profile(r, image, member)))
        return false;
    *results_worst(r, image, member) =
        (struct window){.x = pixels[0], .y = pixels[1], .side = pixels[2], .error = window[3]};
    return true;
}

static bool take_members(const struct json_node *list, const struct results *r, int image) {
    if (!list || list->type != JSON_ARRAY || list->count != (size_t)r->member_count) return false;
    int member = 0;
    for (const struct json_node *n = json_first(list); n; n = json_next(n))
        if (!take_member(n, r, image, member++)) return false;
    return true;
}

/* A file that must be there is, and every one that was written is as it was. */
static bool are_files_whole(const struct run *run, const struct json_node *files, int image) {
    bool whole = true;
    for (int f = 0; whole && f < output_count(run); f++) {
        bool raw = f >= OUTPUT_MEMBERS && (f - OUTPUT_MEMBERS) % 2 == 1;
        char *name = output_name(run, image, f), *path = file_join(run->options->out, name),
             hex[65];
        const struct json_node *node = json_find(files, name);
        const char *want = node ? json_string(node) : NULL;
        struct err ignored = {0};
        if (want)
            whole = file_sha256(path, hex, &ignored) && strcmp(want, hex) == 0;
        else
            whole = raw ? !run->options->save_raw : f == OUTPUT_TARGET;
        err_free(&ignored);
        mem_free(path);
        mem_free(name);
    }
    return whole;
}

static bool take_line(struct run *run, int image, const struct json_node *root,
                      pthread_mutex_t *strings) {
    const struct results *r = &run->results;
    struct result_image *result = &r->images[image];
    const struct json_node *note = json_find(root, "note"), *files = json_find(root, "files");
    int size[2], input[2];
    if (!take_pixels(json_find(root, "size"), 2, 1, size) ||
        !take_pixels(json_find(root, "input"), 2, 1, input) || !note || !files ||
        !take_values(json_find(root, "target"), r->targets + (size_t)image * METRIC_COUNT,
                     METRIC_COUNT) ||
        !take_profile(json_find(root, "target_profile"), &r->target_profiles[image]) ||
        !take_members(json_find(root, "members"), r, image) || !are_files_whole(run, files, image))
        return false;
    result->input_width = input[0];
    result->input_height = input[1];
    result->has_target = json_bool(json_find(root, "has_target"));
    if (json_string(note)) {
        pthread_mutex_lock(strings);
        result->note = arena_strdup(&run->arena, json_string(note));
        pthread_mutex_unlock(strings);
    }
    result->width = size[0]; /* done: see run_images */
    result->height = size[1];
    return true;
}

static void forget(const struct results *r, int image) {
    double *target = r->targets + (size_t)image * METRIC_COUNT;
    for (int i = 0; i < METRIC_COUNT; i++) target[i] = NAN;
    r->target_profiles[image] = (struct profile){0};
    for (int m = 0; m < r->member_count; m++) {
        for (int i = 0; i < METRIC_COUNT; i++) results_metrics(r, image, m)[i] = NAN;
        *results_profile(r, image, m) = (struct profile){0};
        *results_worst(r, image, m) = (struct window){0};
        *results_difference(r, image, m) = 0;
    }
}

void journal_line_take(struct run *run, int image, const char *text, size_t length,
                       pthread_mutex_t *strings) {
    struct json_limits limits = {.bytes = LINE_BYTES, .nodes = LINE_NODES, .depth = 8};
    struct json_doc doc = {0};
    struct err ignored = {0};
    bool taken = json_parse(JOURNAL_NAME, text, length, &limits, &doc, &ignored) &&
                 take_line(run, image, json_root(&doc), strings);
    if (!taken) forget(&run->results, image);
    err_free(&ignored);
    json_free(&doc);
}
