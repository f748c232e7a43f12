#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/completion.h"
#include "cli/manual.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "config/config.h"
#include "config/schema.h"
#include "report/run_read.h"

/* Each name once, however many variants have it. */
static void add_name(struct words *names, const char *name) {
    for (int i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0) return;
    mem_grow(&names->items, &names->capacity, (size_t)names->count + 1, sizeof *names->items);
    names->items[names->count++] = name;
}

static void put_names(struct words *names, struct text *out) {
    for (int i = 0; i < names->count; i++) {
        text_put_terminal(out, names->items[i]);
        text_put(out, "\n");
    }
    mem_free(names->items);
}

static bool names_of_run(const char *dir, struct text *out, struct err *err) {
    struct run_record record;
    bool ok = run_read(dir, &record, err);
    struct words names = {0};
    for (int m = 0; ok && m < record.member_count; m++) add_name(&names, record.members[m].variant);
    put_names(&names, out);
    run_record_free(&record);
    return ok;
}

static bool names_of_config(const char *path, enum names which, struct text *out, struct err *err) {
    struct config config;
    bool ok = config_load(path, NULL, 0, &config, err);
    struct words names = {0};
    for (int v = 0; ok && v < config.variant_count; v++) {
        const struct config_variant *variant = &config.variants[v];
        if (which == NAMES_VARIANTS) add_name(&names, variant->name);
        for (int b = 0; which == NAMES_BLOCKS && b < variant->block_count; b++)
            add_name(&names, variant->blocks[b].name);
    }
    put_names(&names, out);
    config_free(&config);
    return ok;
}

static bool list_names(const struct options *options, struct text *out, struct err *err) {
    if (options->arguments.count == 0)
        return err_add(err, STATUS_BAD_INPUT, "--names: a config is missing");
    const char *path = options->arguments.items[0];
    return options->names == NAMES_VARIANTS && file_is_dir(path)
               ? names_of_run(path, out, err)
               : names_of_config(path, options->names, out, err);
}

static bool write_help(const struct options *options, struct text *out, struct err *err) {
    const char *about = options->arguments.count ? options->arguments.items[0] : "help";
    enum verb verb = options_verb(about);
    if (strcmp(about, "version") == 0) {
        text_put(out, "stridelab " STRIDELAB_VERSION "\n");
        return true;
    }
    if (verb == VERB_COUNT)
        return err_add(err, STATUS_BAD_INPUT, "no verb '%s' (see `stridelab help`)", SAFE(about));
    options_help(verb, out);
    return true;
}

enum status verb_help(const struct options *options, struct err *err) {
    struct text text = {0};
    bool ok = true;
    if (options->man)
        manual_write(&text);
    else if (options->completion)
        completion_write(options->completion, &text);
    else if (options->names)
        ok = list_names(options, &text, err);
    else
        ok = write_help(options, &text, err);
    return print_result(&text, ok ? STATUS_OK : err->status, err);
}

enum status verb_schema(const struct options *options, struct err *err) {
    (void)options;
    struct text text = {0};
    config_schema(&text);
    return print_result(&text, STATUS_OK, err);
}
