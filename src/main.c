/* The verbs, the exit status, and the one place that prints the error. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/verbs.h"

static enum status (*const verb_functions[VERB_COUNT])(const struct options *, struct err *) = {
    [VERB_TRACE] = verb_trace,   [VERB_EXPLAIN] = verb_explain,     [VERB_CHECK] = verb_check,
    [VERB_RUN] = verb_run,       [VERB_COMPARE] = verb_compare,     [VERB_PROBE] = verb_probe,
    [VERB_BENCH] = verb_bench,   [VERB_WEIGHTS] = verb_weights,     [VERB_INIT] = verb_init,
    [VERB_EXPORT] = verb_export, [VERB_SELFCHECK] = verb_selfcheck, [VERB_SCHEMA] = verb_schema,
    [VERB_HELP] = verb_help,
};

static void print_error(const struct err *err) {
    if (!err->text) return;
    struct text out = {0};
    for (const char *line = err->text; *line;) {
        size_t length = strcspn(line, "\n");
        bool indented = line[0] == ' '; /* goes on from the line before */
        text_put(&out, indented ? "" : "stridelab: ");
        text_write(&out, line, length);
        text_put(&out, "\n");
        line += length + (line[length] == '\n');
    }
    struct text safe = {0};
    text_put_terminal(&safe, out.s);
    fputs(safe.s, stderr);
    text_free(&safe);
    text_free(&out);
}

int main(int argc, char **argv) {
    file_claim_standard();
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error like any other */
    mem_on_exhausted(file_remove_temporaries);
    struct err err = {0};
    struct options options;
    enum status status = STATUS_BAD_INPUT;
    if (options_parse(argc, argv, &options, &err))
        status = verb_functions[options.verb](&options, &err);
    print_error(&err);
    if (status == STATUS_OK) status = err.status;
    options_free(&options);
    err_free(&err);
    return (int)status;
}
