/* check: traces against golden files, for CI. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/color.h"
#include "cli/github.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "report/golden.h"
#include "report/junit.h"

enum { GOLDEN_BYTES = 16 << 20 };

struct check {
    const struct options *options;
    struct session *sessions; /* one a config */
    const char **paths;
    int count;
    struct text out, annotations;
    struct junit junit;
    int failures;
};

static bool under_ci(void) {
    const char *ci = getenv("CI");
    return ci && *ci && strcmp(ci, "false") != 0 && strcmp(ci, "0") != 0;
}

/* `check configs` `*.json` finds the schema too, which editors want beside the configs. */
static bool is_schema(const char *path) {
    size_t length = strlen(path), ending = strlen(".schema.json");
    return length > ending && strcmp(path + length - ending, ".schema.json") == 0;
}

/* All configs are read before anything is checked. */
static bool load_all(struct check *check, struct err *err) {
    const struct options *options = check->options;
    check->sessions = mem_array((size_t)options->arguments.count, sizeof *check->sessions);
    check->paths = mem_array((size_t)options->arguments.count, sizeof *check->paths);
    for (int i = 0; i < options->arguments.count; i++) {
        struct options one = *options;
        one.arguments.items = options->arguments.items + i;
        one.arguments.count = 1;
        if (is_schema(one.arguments.items[0])) continue;
        check->paths[check->count] = one.arguments.items[0];
        session_load(&one, &check->sessions[check->count++], err);
    }
    for (int i = 0; i < check->count; i++)
        for (int j = 0; j < i; j++)
            if (options->golden &&
                strcmp(file_base(check->paths[i]), file_base(check->paths[j])) == 0)
                err_add(err, STATUS_BAD_INPUT, "%s and %s would have one golden file",
                        SAFE(check->paths[j]), SAFE(check->paths[i]));
    return err->status == STATUS_OK;
}

/* Says the verdict on one config; `problems` holds a line each, or nothing. */
static void conclude(struct check *check, const char *path, struct text *problems) {
    bool ok = problems->length == 0;
    text_add(&check->out, "%s %s\n", ok ? "ok  " : "FAIL", SAFE(path));
    for (const char *line = problems->s; line && *line;) {
        size_t length = strcspn(line, "\n");
        text_add(&check->out, "     %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    check->failures += !ok;
    junit_case(&check->junit, path, ok ? NULL : problems->s);
    if (!ok) github_error(&check->annotations, path, "stridelab check", problems->s);
    text_free(problems);
}

static void check_resamples(const struct check *check, const struct trace *trace,
                            struct text *problems) {
    int most = check->options->max_resamples;
    for (int v = 0; most >= 0 && v < trace->count; v++)
        if (trace->variants[v].resamples > most)
            text_add(problems, "%s: %d joins are resampled, at most %d may be\n",
                     trace->variants[v].config->name, trace->variants[v].resamples, most);
}

/* Without a golden file a variant that does not fit is a failure; with one, only what differs. */
static void check_fits(const struct trace *trace, struct text *problems) {
    for (int v = 0; v < trace->count; v++)
        if (!trace->variants[v].net.ok)
            text_add(problems, "%s: %s\n", trace->variants[v].config->name,
                     trace->variants[v].net.error);
}

static bool check_golden(const struct check *check, const char *config, const struct trace *trace,
                         struct text *problems, struct err *err) {
    char *path = file_join(check->options->golden, file_base(config));
    bool ok = true;
    if (check->options->update) {
        struct text json = {0};
        trace_json(trace, &json);
        ok = file_write(path, json.s, json.length, err);
        text_free(&json);
    } else if (!file_exists(path)) {
        text_add(problems, "there is no golden file %s (--update makes it)\n", SAFE(path));
    } else {
        struct bytes bytes = {0};
        struct golden_result result = {0};
        ok = file_read(path, GOLDEN_BYTES, &bytes, err) &&
             golden_compare(path, (const char *)bytes.data, bytes.size, trace, &result, err);
        if (ok && result.count) text_put(problems, result.differences.s);
        golden_free(&result);
        bytes_free(&bytes);
    }
    mem_free(path);
    return ok;
}

static bool check_one(struct check *check, int index, struct err *err) {
    struct session *session = &check->sessions[index];
    const char *path = check->paths[index];
    struct text problems = {0};
    struct trace trace;
    bool ok = true;
    for (int v = 0; v < session->variant_count; v++)
        if (session->variants[v]->size.h == 0)
            return err_add(err, STATUS_BAD_INPUT, "%s: %s has no input.size to check at",
                           SAFE(path), session->variants[v]->name);
    trace_build(session->variants, session->variant_count, (struct extent){0, 0}, &trace);
    check_resamples(check, &trace, &problems);
    if (check->options->golden)
        ok = check_golden(check, path, &trace, &problems, err);
    else
        check_fits(&trace, &problems);
    trace_free(&trace);
    conclude(check, path, &problems);
    return ok;
}

/* Whether a config of that file name was given, or stands beside one that was. */
static bool has_config(const struct check *check, const char *name) {
    bool found = false;
    for (int i = 0; i < check->count && !found; i++) {
        char *dir = file_dir(check->paths[i]), *path = file_join(dir, name);
        found = file_exists(path);
        mem_free(path);
        mem_free(dir);
    }
    return found;
}

static void check_orphans(struct check *check) {
    DIR *dir = check->options->golden ? opendir(check->options->golden) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".json") != 0 ||
            entry->d_name[0] == '.' || has_config(check, entry->d_name))
            continue;
        struct text problems = {0};
        text_add(&problems, "no config belongs to this golden file: delete it\n");
        char *path = file_join(check->options->golden, entry->d_name);
        conclude(check, path, &problems);
        mem_free(path);
    }
    if (dir) closedir(dir);
}

enum status verb_check(const struct options *options, struct err *err) {
    struct check check = {.options = options, .junit = {.suite = "stridelab check"}};
    bool ok = true;
    if (options->update && !options->golden)
        ok = err_add(err, STATUS_BAD_INPUT, "--update needs --golden DIR");
    if (options->update && under_ci())
        ok = err_add(err, STATUS_BAD_INPUT, "--update: under CI no golden file is written");
    ok = ok && load_all(&check, err);
    if (ok && options->update) ok = file_make_dirs(options->golden, err);
    for (int i = 0; ok && i < check.count; i++) ok = check_one(&check, i, err);
    if (ok) check_orphans(&check);
    if (ok && options->junit) ok = junit_write(&check.junit, options->junit, err);
    enum status status = !ok ? err->status : check.failures ? STATUS_FAILED : STATUS_OK;
    if (options->quiet && status == STATUS_OK) text_free(&check.out);
    github_errors(&check.annotations, "stridelab check", err);
    struct text safe = {0};
    if (check.out.s) text_put_terminal(&safe, check.out.s);
    if (color_wanted(options->color)) color_statuses(&safe);
    if (options->github && check.annotations.s) text_put_terminal(&safe, check.annotations.s);
    text_free(&check.out);
    text_free(&check.annotations);
    junit_free(&check.junit);
    for (int i = 0; check.sessions && i < check.count; i++) session_free(&check.sessions[i]);
    mem_free(check.sessions);
    mem_free(check.paths);
    return print_result(&safe, status, err);
}
