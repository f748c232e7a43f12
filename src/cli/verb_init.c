/* init: a ready config, from a preset or from a checkpoint. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "config/edit.h"
#include "config/preset.h"
#include "engine/recognise_preset.h"

static enum status list_presets(struct err *err) {
    struct text out = {0};
    for (int p = 0; p < preset_count(); p++) {
        text_pad(&out, preset_name(p), 30);
        text_add(&out, " %s\n", preset_description(p));
    }
    return print_result(&out, STATUS_OK, err);
}

/* A path for the config's "weights", which is relative to the config's folder: as given when the
 * config is printed or written to the current folder, absolute else. Owned by the caller. */
static char *weights_path(const struct options *options, const char *path) {
    bool here = !options->out || !strchr(options->out, '/');
    char *absolute = here ? NULL : realpath(path, NULL);
    char *result = mem_strdup(absolute ? absolute : path);
    free(absolute);
    return result;
}

static void print_lines(const char *title, const struct lines *lines) {
    if (lines->count) fprintf(stderr, "%s\n", title);
    for (size_t i = 0; i < lines->count; i++) {
        struct text safe = {0};
        text_put_terminal(&safe, lines->items[i]);
        fprintf(stderr, "  %s\n", safe.s ? safe.s : "");
        text_free(&safe);
    }
}

static void apply_options(const struct options *options, struct preset_options *preset) {
    if (options->size.h > 0) preset->size = options->size;
    if (options->ngf > 0) preset->ngf = options->ngf;
}

/* The preset's text with the command line's changes, and those read off a checkpoint first. */
static bool make_config(const struct options *options, const char *preset,
                        const struct preset_options *preset_options,
                        const struct config_override *found, int found_count, struct text *out,
                        struct err *err) {
    struct text text = {0};
    int count = found_count + options->set_count;
    struct config_override *sets = mem_array((size_t)count, sizeof *sets);
    if (found_count) memcpy(sets, found, (size_t)found_count * sizeof *sets);
    if (options->set_count)
        memcpy(sets + found_count, options->sets, (size_t)options->set_count * sizeof *sets);
    bool ok = preset_write(preset, preset_options, &text, err);
    if (ok && (count || options->vary.count))
        ok = edit_config(text.s, sets, count, options->vary.items, options->vary.count, out, err);
    else if (ok)
        text_put(out, text.s);
    mem_free(sets);
    text_free(&text);
    return ok;
}

static bool from_checkpoint(const struct options *options, struct text *out, struct err *err) {
    struct checkpoint checkpoint;
    struct checkpoint_options open = {.allow_nonfinite = true,
                                      .key = options_set_value(options, "weights.key")};
    struct recognised *found = mem_alloc(sizeof *found);
    bool ok = checkpoint_open(options->from, &open, &checkpoint, err) &&
              recognise_preset(&checkpoint, found, err);
    if (ok) {
        char *weights = weights_path(options, options->weights ? options->weights : options->from);
        struct preset_options preset = found->options;
        preset.weights = weights;
        preset.weights_key = open.key;
        apply_options(options, &preset);
        if (!options->quiet) {
            print_lines("From the file:", &found->conclusions);
            print_lines("A file cannot tell:", &found->unknowns);
        }
        ok = make_config(options, found->preset, &preset, found->sets, found->set_count, out, err);
        mem_free(weights);
    }
    recognised_free(found);
    mem_free(found);
    checkpoint_free(&checkpoint);
    return ok;
}

static bool is_preset(const char *name) {
    for (int p = 0; p < preset_count(); p++)
        if (strcmp(preset_name(p), name) == 0) return true;
    return false;
}

static bool from_preset(const struct options *options, struct text *out, struct err *err) {
    const char *name = options->arguments.items[0];
    if (!is_preset(name) && access(name, F_OK) == 0)
        return err_add(
            err, STATUS_BAD_INPUT,
            "%s is a file, and the name of a preset is wanted (--list); of a checkpoint: "
            "stridelab init --from FILE",
            SAFE(name));
    char *weights = options->weights ? weights_path(options, options->weights) : NULL;
    struct preset_options preset = {.weights = weights};
    apply_options(options, &preset);
    bool ok = make_config(options, name, &preset, NULL, 0, out, err);
    mem_free(weights);
    return ok;
}

/* What is printed must load; a --set or --vary may have spoiled it. */
static bool check_config(const struct text *text, struct err *err) {
    struct config config = {0};
    bool ok = config_parse(text->s, text->length, "the config", ".", NULL, 0, &config, err);
    config_free(&config);
    return ok;
}

enum status verb_init(const struct options *options, struct err *err) {
    struct text out = {0};
    if (options->list) return list_presets(err);
    bool ok = options->from ? from_checkpoint(options, &out, err) : from_preset(options, &out, err);
    ok = ok && check_config(&out, err);
    ok = ok && file_write(options->out ? options->out : "-", out.s, out.length, err);
    text_free(&out);
    return ok ? STATUS_OK : err->status;
}
