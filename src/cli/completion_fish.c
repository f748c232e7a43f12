#include <string.h>

#include "cli/completion.h"
#include "config/preset.h"

static const char functions[] =
    "# fish completion for stridelab, made by `stridelab help --completion fish`\n"
    "\n"
    "# Whether the verb is one of these; with a number first: and that many arguments stand "
    "before\n"
    "# the cursor.\n"
    "function __stridelab_verb\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -ge 2; or return 1\n"
    "    if string match -qr '^[0-9]+$' -- $argv[1]\n"
    "        set -l scan (__stridelab_scan)\n"
    "        test $scan[1] -eq $argv[1]; or return 1\n"
    "    end\n"
    "    contains -- $words[2] $argv\n"
    "end\n"
    "\n"
    "# Prints how many arguments stand before the cursor, then the config or run that names are "
    "taken\n"
    "# from: the first argument, or the value of --config.\n"
    "function __stridelab_scan\n"
    "    set -l words (commandline -opc)\n"
    "    set -l after ''\n"
    "    set -l source ''\n"
    "    set -l count 0\n"
    "    for word in $words[3..-1]\n"
    "        if test -n \"$after\"\n"
    "            test \"$after\" = --config; and set source $word\n"
    "            set after ''\n"
    "        else if string match -q -- '--config=*' $word\n"
    "            set source (string replace -- --config= '' $word)\n"
    "        else if string match -q -- '-*' $word\n"
    "            contains -- $word $__stridelab_takes_value; and set after $word\n"
    "        else\n"
    "            test -z \"$source\" -a $words[2] != weights; and set source $word\n"
    "            set count (math $count + 1)\n"
    "        end\n"
    "    end\n"
    "    echo $count\n"
    "    string replace -r '^~/' $HOME/ -- $source\n"
    "end\n"
    "\n"
    "function __stridelab_names\n"
    "    set -l words (commandline -opc)\n"
    "    set -l scan (__stridelab_scan)\n"
    "    test -n \"$scan[2]\"; or return\n"
    "    set -l command (string replace -r '^~/' $HOME/ -- $words[1])\n"
    "    $command help --names $argv[1] -- $scan[2] 2>/dev/null\n"
    "end\n"
    "\n";

static void put_quoted(struct text *out, const char *s) {
    text_put(out, "'");
    for (; *s; s++) text_add(out, "%s%c", *s == '\'' || *s == '\\' ? "\\" : "", *s);
    text_put(out, "'");
}

static void put_action(enum completes completes, const char *words, struct text *out) {
    switch (completes) {
    case COMPLETES_NOTHING:
        text_put(out, " -x");
        break;
    case COMPLETES_WORDS:
        text_add(out, " -x -a '%s'", words);
        break;
    case COMPLETES_CONFIG:
        text_put(out, " -x -a '(__fish_complete_suffix .json)'");
        break;
    case COMPLETES_FILE:
        text_put(out, " -r -F");
        break;
    case COMPLETES_DIR:
        text_put(out, " -x -a '(__fish_complete_directories (commandline -ct))'");
        break;
    case COMPLETES_VARIANT:
        text_put(out, " -x -a '(__stridelab_names variants)'");
        break;
    case COMPLETES_BLOCK:
        text_put(out, " -x -a '(__stridelab_names blocks)'");
        break;
    case COMPLETES_PRESET:
        text_put(out, " -x -a '");
        for (int p = 0; p < preset_count(); p++)
            text_add(out, "%s%s", p ? " " : "", preset_name(p));
        text_put(out, "'");
        break;
    case COMPLETES_VERB:
        text_put(out, " -x -a '");
        for (int v = 0; v < VERB_COUNT; v++)
            text_add(out, "%s%s", v ? " " : "", options_verb_name((enum verb)v));
        text_put(out, "'");
        break;
    }
}

static void put_takes_value(struct text *out) {
    struct option_row row;
    text_put(out, "set -g __stridelab_takes_value");
    for (int i = 0; options_row(i, &row); i++)
        if (row.value) text_add(out, " %s", row.name);
    text_put(out, "\n\n");
}

static void put_option(const struct option_row *row, struct text *out) {
    text_put(out, "complete -c stridelab -n '__stridelab_verb");
    for (int v = 0; v < VERB_COUNT; v++)
        if (row->verbs >> v & 1) text_add(out, " %s", options_verb_name((enum verb)v));
    text_add(out, "' -l %s", row->name + 2);
    if (row->short_name) text_add(out, " -s %s", row->short_name + 1);
    if (row->value) put_action(completion_value(row), row->words, out);
    text_put(out, " -d ");
    put_quoted(out, row->help);
    text_put(out, "\n");
}

static void put_arguments(enum verb verb, struct text *out) {
    enum { LAST = 3 };
    bool repeats = completion_argument(verb, LAST) != COMPLETES_NOTHING;
    for (int i = 0; i < (repeats ? 1 : LAST); i++) {
        enum completes completes = completion_argument(verb, i);
        if (completes == COMPLETES_NOTHING) continue;
        text_put(out, "complete -c stridelab -n '__stridelab_verb");
        if (!repeats) text_add(out, " %d", i);
        text_add(out, " %s'", options_verb_name(verb));
        put_action(completes, NULL, out);
        text_put(out, "\n");
    }
}

void completion_fish(struct text *out) {
    struct option_row row;
    text_put(out, functions);
    put_takes_value(out);
    text_put(out, "complete -c stridelab -f\n");
    for (int v = 0; v < VERB_COUNT; v++) {
        struct verb_row verb = options_verb_row((enum verb)v);
        text_add(out, "complete -c stridelab -n 'test (count (commandline -opc)) -eq 1' -a %s -d ",
                 verb.name);
        put_quoted(out, verb.summary);
        text_put(out, "\n");
    }
    text_put(out, "complete -c stridelab -n 'test (count (commandline -opc)) -eq 1' -l version -d "
                  "'print the version'\n"
                  "complete -c stridelab -l help -s h -d 'print help'\n");
    for (int i = 0; options_row(i, &row); i++) put_option(&row, out);
    for (int v = 0; v < VERB_COUNT; v++) put_arguments((enum verb)v, out);
}
