#include <string.h>

#include "cli/completion.h"
#include "config/preset.h"

static const char functions[] =
    "#compdef stridelab\n"
    "# zsh completion for stridelab, made by `stridelab help --completion zsh`\n"
    "\n"
    "# The config or run that names are taken from: the first argument, or the value of --config.\n"
    "_stridelab_source() {\n"
    "  local i word after source\n"
    "  for ((i = 2; i <= $#words; i++)); do\n"
    "    word=$words[i]\n"
    "    if [[ -n $after ]]; then\n"
    "      [[ $after == --config ]] && source=$word\n"
    "      after=\n"
    "    elif [[ $word == --config=* ]]; then\n"
    "      source=${word#--config=}\n"
    "    elif [[ $word == -* ]]; then\n"
    "      (( $takes_value[(Ie)$word] )) && after=$word\n"
    "    elif (( i != CURRENT )); then\n"
    "      [[ -z $source && $words[1] != weights ]] && source=$word\n"
    "    fi\n"
    "  done\n"
    "  source=${(Q)source}\n"
    "  print -rn -- ${source/#\\~\\//$HOME/}\n"
    "}\n"
    "\n"
    "_stridelab_names() {\n"
    "  local source=\"$(_stridelab_source)\" expl\n"
    "  local -a names\n"
    "  [[ -n $source ]] || return 1\n"
    "  names=(\"${(@f)$($stridelab help --names $1 -- $source 2>/dev/null)}\")\n"
    "  (( $#names )) && [[ -n $names[1] ]] || return 1\n"
    "  _wanted $1 expl ${1%s} compadd -a names\n"
    "}\n"
    "\n"
    "_stridelab() {\n"
    "  local curcontext=$curcontext ret=1 verb\n"
    "  local stridelab=${${(Q)words[1]}/#\\~\\//$HOME/}\n"
    "  local -a verbs presets takes_value line\n"
    "  local -A opt_args\n";

/* Inside single quotes; `special` characters get a backslash before them. */
static void put_quoted(struct text *out, const char *s, const char *special) {
    for (; *s; s++) {
        if (*s == '\'')
            text_put(out, "'\\''");
        else
            text_add(out, "%s%c", strchr(special, *s) ? "\\" : "", *s);
    }
}

static void put_lists(struct text *out) {
    struct option_row row;
    text_put(out, "  verbs=(\n");
    for (int v = 0; v < VERB_COUNT; v++) {
        struct verb_row verb = options_verb_row((enum verb)v);
        text_add(out, "    '%s:", verb.name);
        put_quoted(out, verb.summary, "\\");
        text_put(out, "'\n");
    }
    text_put(out, "  )\n  presets=(\n");
    for (int p = 0; p < preset_count(); p++) {
        text_add(out, "    '%s:", preset_name(p));
        put_quoted(out, preset_description(p), "\\");
        text_put(out, "'\n");
    }
    text_put(out, "  )\n  takes_value=(");
    for (int i = 0; options_row(i, &row); i++)
        if (row.value) text_add(out, "%s%s", i ? " " : "", row.name);
    text_put(out, ")\n");
}

/* ":message:action" of _arguments, which with a space before it calls an action as it stands,
 * without arguments of its own. */
static void put_action(enum completes completes, const char *message, const char *words,
                       struct text *out) {
    text_put(out, ":");
    put_quoted(out, message, "\\:");
    text_put(out, ":");
    switch (completes) {
    case COMPLETES_NOTHING:
        text_put(out, " ");
        break;
    case COMPLETES_WORDS:
        text_add(out, "(%s)", words);
        break;
    case COMPLETES_CONFIG:
        text_put(out, "_files -g \"*.json(-.)\"");
        break;
    case COMPLETES_FILE:
        text_put(out, "_files");
        break;
    case COMPLETES_DIR:
        text_put(out, "_files -/");
        break;
    case COMPLETES_VARIANT:
        text_put(out, " _stridelab_names variants");
        break;
    case COMPLETES_BLOCK:
        text_put(out, " _stridelab_names blocks");
        break;
    case COMPLETES_PRESET:
        text_put(out, " _describe preset presets");
        break;
    case COMPLETES_VERB:
        text_put(out, " _describe verb verbs");
        break;
    }
}

static void put_option(const struct option_row *row, struct text *out) {
    text_put(out, " \\\n      ");
    if (row->short_name)
        text_add(out, "'(%s %s)'{%s,%s}'", row->short_name, row->name, row->short_name, row->name);
    else
        text_add(out, "'%s%s%s", row->again ? "*" : "", row->name, row->value ? "=" : "");
    text_put(out, "[");
    put_quoted(out, row->help, "\\]");
    text_put(out, "]");
    if (row->value) put_action(completion_value(row), row->value, row->words, out);
    text_put(out, "'");
}

static void put_arguments(enum verb verb, struct text *out) {
    enum { LAST = 3 };
    for (int i = 0; i <= LAST; i++) {
        enum completes completes = completion_argument(verb, i);
        if (completes == COMPLETES_NOTHING) continue;
        static const char *const messages[] = {
            [COMPLETES_CONFIG] = "config", [COMPLETES_FILE] = "file",
            [COMPLETES_DIR] = "folder",    [COMPLETES_VARIANT] = "variant",
            [COMPLETES_PRESET] = "preset", [COMPLETES_VERB] = "verb"};
        text_put(out, " \\\n      '");
        if (i < LAST)
            text_add(out, "%d", i + 1);
        else
            text_put(out, "*");
        put_action(completes, messages[completes], NULL, out);
        text_put(out, "'");
    }
}

void completion_zsh(struct text *out) {
    text_put(out, functions);
    put_lists(out);
    text_put(out, "  if (( CURRENT == 2 )); then\n"
                  "    _describe verb verbs && ret=0\n"
                  "    [[ $words[2] == -* ]] && compadd -- --help --version && ret=0\n"
                  "    return ret\n"
                  "  fi\n"
                  "  shift words\n"
                  "  (( CURRENT-- ))\n"
                  "  case $words[1] in\n");
    for (int v = 0; v < VERB_COUNT; v++) {
        struct option_row row;
        text_add(out, "  %s)\n    _arguments -S", options_verb_name((enum verb)v));
        for (int i = 0; options_row(i, &row); i++)
            if (row.verbs >> v & 1) put_option(&row, out);
        text_put(out, " \\\n      '(-h --help)'{-h,--help}'[the help of this verb]'");
        put_arguments((enum verb)v, out);
        text_put(out, " && ret=0\n    ;;\n");
    }
    text_put(out, "  esac\n"
                  "  return ret\n"
                  "}\n"
                  "\n"
                  "if [[ $funcstack[1] == _stridelab ]]; then\n"
                  "  _stridelab \"$@\"\n"
                  "else\n"
                  "  compdef _stridelab stridelab\n"
                  "fi\n");
}
