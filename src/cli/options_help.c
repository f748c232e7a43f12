/* `help`: the overview, and what a verb takes. */
#include <stdio.h>
#include <string.h>

#include "cli/options_table.h"

static void help_option(const struct option *option, struct text *out) {
    char left[64];
    snprintf(left, sizeof left, "  %s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "");
    text_pad(out, left, 30);
    text_add(out, " %s\n", option->help);
}

static const char exit_status_help[] =
    "\nExit status: 0 all fine; 1 it ran, and what was asked does not hold; 2 bad usage, config "
    "or\n"
    "weights: nothing was run; 3 it ran, and some images failed; 4 input or output error; 5 out "
    "of\n"
    "memory or over a limit; 130 and 143 on SIGINT and SIGTERM.\n";

static void overview(struct text *out) {
    text_put(out, "stridelab compares variants of a U-Net generator before and after training.\n\n"
                  "Usage: stridelab VERB [OPTION]... ARGUMENT...\n\n");
    for (int i = 0; i < VERB_COUNT; i++)
        text_add(out, "  %-10s %s\n", options_verbs[i].name, options_verbs[i].summary);
    text_put(out, "\n`stridelab help VERB` lists the options of a verb; `stridelab --version`\n"
                  "prints the version; `stridelab help --man | man -l -` shows the manual.\n");
    text_put(out, exit_status_help);
}

void options_help(enum verb verb, struct text *out) {
    if (verb == VERB_HELP) {
        overview(out);
        return;
    }
    const struct option_verb *about = &options_verbs[verb];
    size_t end = strlen(about->summary);
    text_add(out, "stridelab %s: %s%s\n\nUsage: stridelab %s%s%s [OPTION]...\n\n", about->name,
             about->summary, about->summary[end - 1] == '?' ? "" : ".", about->name,
             *about->arguments ? " " : "", about->arguments);
    for (int i = 0; i < options_count; i++)
        if (options_table[i].help && (options_table[i].verbs & OPTIONS_BIT(verb)))
            help_option(&options_table[i], out);
    if (*about->examples) text_add(out, "\nExamples:\n%s", about->examples);
    text_put(out, exit_status_help);
}
