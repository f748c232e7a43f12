#include "config/edit.h"

#include <cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/overlay.h"
#include "json/json_out.h"

enum { VARIANTS = 4096, NAME = 64 };

static bool selects(const char *selector, const cJSON *block, int index, int count) {
    char *end;
    long number = strtol(selector, &end, 10);
    if (*selector && *end == '\0') return number == index + 1;
    if (strcmp(selector, "*") == 0) return true;
    if (strcmp(selector, "outermost") == 0) return index == 0;
    if (strcmp(selector, "innermost") == 0) return index == count - 1;
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(block, "name");
    return cJSON_IsString(name) && strcmp(name->valuestring, selector) == 0;
}

static void merge(cJSON *base, const cJSON *change);

/* {"innermost": {...}} merged into every block that is selected; false when none is. */
static bool merge_blocks(cJSON *blocks, const cJSON *change) {
    bool any = true;
    for (const cJSON *selector = change->child; selector; selector = selector->next) {
        int count = cJSON_GetArraySize(blocks), index = 0;
        bool found = false;
        for (cJSON *block = blocks->child; block; block = block->next, index++) {
            if (!selects(selector->string, block, index, count)) continue;
            merge(block, selector);
            found = true;
        }
        any = any && found;
    }
    return any;
}

/* Objects member by member, all else replaced. */
static void merge(cJSON *base, const cJSON *change) {
    for (const cJSON *member = change->child; member; member = member->next) {
        cJSON *old = cJSON_GetObjectItemCaseSensitive(base, member->string);
        if (cJSON_IsObject(old) && cJSON_IsObject(member)) {
            merge(old, member);
            continue;
        }
        cJSON *copy = cJSON_Duplicate(member, true);
        if (old)
            cJSON_ReplaceItemInObjectCaseSensitive(base, member->string, copy);
        else
            cJSON_AddItemToObject(base, member->string, copy);
    }
}

/* The document of one PATH=VALUE, or NULL with a message. */
static cJSON *parse_set(const struct config_override *set, struct err *err) {
    struct overlay overlay = {0};
    cJSON *tree = NULL;
    if (overlay_make(set, &overlay, err))
        tree = cJSON_ParseWithLength(overlay.text.s, overlay.text.length);
    overlay_free(&overlay);
    return tree;
}

static bool apply_set(cJSON *config, const struct config_override *set, struct err *err) {
    cJSON *change = parse_set(set, err);
    if (!change) return false;
    cJSON *blocks = cJSON_GetObjectItemCaseSensitive(config, "blocks");
    cJSON *own = cJSON_GetObjectItemCaseSensitive(change, "blocks");
    bool ok = true;
    if (cJSON_IsObject(own) && cJSON_IsArray(blocks)) {
        ok = merge_blocks(blocks, own) ||
             err_add(err, STATUS_BAD_INPUT, "--set %s: there is no such block", SAFE(set->path));
        cJSON_DeleteItemFromObjectCaseSensitive(change, "blocks");
    }
    merge(config, change);
    cJSON_Delete(change);
    return ok;
}

/* One --vary: its path and values, commas inside brackets and quotes kept. */
struct axis {
    char *path; /* owns the memory; values point behind it */
    const char **values;
    int count;
};

static bool parse_axis(const char *text, struct axis *out, struct err *err) {
    out->path = mem_strdup(text);
    char *equals = strchr(out->path, '=');
    if (!equals || equals == out->path || !equals[1])
        return err_add(err, STATUS_BAD_INPUT, "--vary: '%s' is not PATH=V1,V2,...", SAFE(text));
    *equals = '\0';
    size_t capacity = 0;
    int depth = 0;
    bool quoted = false;
    char *start = equals + 1;
    for (char *c = start;; c++) {
        if (*c == '"' && c[-1] != '\\') quoted = !quoted;
        if (!quoted && (*c == '[' || *c == '{')) depth++;
        if (!quoted && (*c == ']' || *c == '}')) depth--;
        bool end = *c == '\0';
        if (!end && (*c != ',' || depth > 0 || quoted)) continue;
        *c = '\0';
        mem_grow(&out->values, &capacity, (size_t)out->count + 1, sizeof *out->values);
        out->values[out->count++] = start;
        start = c + 1;
        if (end) return true;
    }
}

/* Appends "<last key>-<value>" in the letters that a name may have. */
static void add_name(char name[NAME + 1], const char *path, const char *value) {
    const char *dot = strrchr(path, '.'), *key = dot ? dot + 1 : path;
    size_t used = strlen(name);
    snprintf(name + used, NAME + 1 - used, "%s%s-%s", used ? "_" : "", key, value);
    for (char *c = name + used; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '_') *c = 'x';
}

/* The variant that takes value `choice % count` of each axis, the last axis fastest. */
static cJSON *make_variant(const struct axis *axes, int axis_count, long choice, struct err *err) {
    cJSON *variant = cJSON_CreateObject();
    char name[NAME + 1] = "";
    long stride = 1;
    for (int a = 0; a < axis_count; a++) stride *= axes[a].count;
    cJSON_AddStringToObject(variant, "name", "");
    for (int a = 0; a < axis_count; a++) {
        stride /= axes[a].count;
        const char *value = axes[a].values[choice / stride % axes[a].count];
        struct config_override set = {axes[a].path, value};
        cJSON *change = parse_set(&set, err);
        if (change) merge(variant, change);
        cJSON_Delete(change);
        add_name(name, axes[a].path, value);
    }
    cJSON_ReplaceItemInObjectCaseSensitive(variant, "name", cJSON_CreateString(name));
    return variant;
}

static bool vary_config(cJSON *config, const char *const *vary, int count, struct err *err) {
    struct axis *axes = mem_array((size_t)count, sizeof *axes);
    long total = 1;
    bool ok = true;
    for (int a = 0; ok && a < count; a++) {
        ok = parse_axis(vary[a], &axes[a], err);
        if (ok) total *= axes[a].count;
        if (ok && total > VARIANTS)
            ok = err_add(err, STATUS_LIMIT, "--vary: more than %d variants", VARIANTS);
    }
    cJSON *variants = ok ? cJSON_CreateArray() : NULL;
    for (long choice = 0; ok && choice < total; choice++) {
        cJSON_AddItemToArray(variants, make_variant(axes, count, choice, err));
        ok = err->status == STATUS_OK;
    }
    if (variants) {
        cJSON_DeleteItemFromObjectCaseSensitive(config, "variants");
        cJSON_AddItemToObject(config, "variants", variants);
    }
    for (int a = 0; a < count; a++) {
        mem_free(axes[a].path);
        mem_free(axes[a].values);
    }
    mem_free(axes);
    return ok;
}

/* A block or a variant stands on one line. */
static void print(struct json_out *o, const cJSON *item, bool lines) {
    if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
        cJSON_IsObject(item) ? json_out_object(o) : json_out_array(o);
        for (const cJSON *child = item->child; child; child = child->next) {
            bool list = child->string && (strcmp(child->string, "blocks") == 0 ||
                                          strcmp(child->string, "variants") == 0);
            bool part = child->string && cJSON_IsObject(child) && !list;
            if (child->string) json_out_key(o, child->string);
            if ((lines && cJSON_IsObject(child)) || (part && !lines)) {
                bool nested = part && strcmp(child->string, "defaults") == 0;
                if (!nested) json_out_line(o);
            }
            print(o, child, list || (part && strcmp(child->string, "defaults") == 0));
        }
        json_out_end(o);
    } else if (cJSON_IsString(item)) {
        json_out_string(o, item->valuestring);
    } else if (cJSON_IsNumber(item)) {
        json_out_double(o, item->valuedouble);
    } else if (cJSON_IsBool(item)) {
        json_out_bool(o, cJSON_IsTrue(item));
    } else {
        json_out_null(o);
    }
}

bool edit_config(const char *text, const struct config_override *sets, int set_count,
                 const char *const *vary, int vary_count, struct text *out, struct err *err) {
    cJSON *config = cJSON_Parse(text);
    if (!config) return err_add(err, STATUS_BAD_INPUT, "the config is not JSON");
    bool ok = true;
    for (int s = 0; s < set_count; s++) ok = apply_set(config, &sets[s], err) && ok;
    ok = ok && (vary_count == 0 || vary_config(config, vary, vary_count, err));
    if (ok) {
        struct json_out o = json_out_start(out);
        print(&o, config, false);
    }
    cJSON_Delete(config);
    return ok;
}
