#include <string.h>

#include "cli/completion.h"
#include "config/preset.h"

/* Names come from a file that may be anybody's: they are compared and quoted, never given to
 * `compgen -W`, which would expand them. */
static const char functions[] =
    "# bash completion for stridelab, made by `stridelab help --completion bash`\n"
    "\n"
    "# Sets `argument`, how many arguments stand before the cursor, and `source`, the config or "
    "run\n"
    "# that names are taken from: the first argument, or the value of --config.\n"
    "_stridelab_scan() {\n"
    "    local i word after=\n"
    "    argument=0 source=\n"
    "    for ((i = 2; i < ${#COMP_WORDS[@]}; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ $word == = ]]; then # readline splits there: --size=3, or --set a=b\n"
    "            [[ $after ]] || ((++i))\n"
    "        elif [[ $after ]]; then\n"
    "            [[ $after == --config ]] && source=$word\n"
    "            after=\n"
    "        elif [[ $word == -* ]]; then\n"
    "            _stridelab_takes_value \"$word\" && after=$word\n"
    "        elif ((i != COMP_CWORD)); then\n"
    "            [[ -z $source && $verb != weights ]] && source=$word\n"
    "            ((i < COMP_CWORD)) && ((++argument))\n"
    "        fi\n"
    "    done\n"
    "    source=${source//[\\\\\\\"\\']/}\n"
    "    source=${source/#\\~\\//$HOME/}\n"
    "}\n"
    "\n"
    "_stridelab_lines() { # offers the lines of standard input\n"
    "    local line\n"
    "    while IFS= read -r line; do\n"
    "        [[ $line == \"$cur\"* ]] && COMPREPLY+=(\"$(printf %q \"$line\")\")\n"
    "    done\n"
    "}\n"
    "\n"
    "_stridelab_words() {\n"
    "    _stridelab_lines < <(printf '%s\\n' \"$@\")\n"
    "}\n"
    "\n"
    "_stridelab_names() {\n"
    "    [[ $source ]] || return\n"
    "    _stridelab_lines < <(\"$command\" help --names \"$1\" -- \"$source\" 2>/dev/null)\n"
    "}\n"
    "\n"
    "_stridelab_files() { # arguments: those of compgen\n"
    "    local line\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen \"$@\" -- \"$cur\")\n"
    "    compopt -o filenames 2>/dev/null\n"
    "}\n"
    "\n"
    "_stridelab_configs() {\n"
    "    _stridelab_files -f -X '!*.json'\n"
    "    _stridelab_files -d\n"
    "}\n"
    "\n";

static const char start[] =
    "_stridelab() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${1/#\\~\\//$HOME/} verb=${COMP_WORDS[1]} argument source\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        _stridelab_words --help --version";

static void put_verbs(struct text *out) {
    for (int v = 0; v < VERB_COUNT; v++) text_add(out, " %s", options_verb_name((enum verb)v));
}

/* The command that offers what `completes` says. */
static void put_action(enum completes completes, const char *words, struct text *out) {
    switch (completes) {
    case COMPLETES_NOTHING:
        text_put(out, "return");
        break;
    case COMPLETES_WORDS:
        text_add(out, "_stridelab_words %s", words);
        break;
    case COMPLETES_CONFIG:
        text_put(out, "_stridelab_configs");
        break;
    case COMPLETES_FILE:
        text_put(out, "_stridelab_files -f");
        break;
    case COMPLETES_DIR:
        text_put(out, "_stridelab_files -d");
        break;
    case COMPLETES_VARIANT:
        text_put(out, "_stridelab_names variants");
        break;
    case COMPLETES_BLOCK:
        text_put(out, "_stridelab_names blocks");
        break;
    case COMPLETES_PRESET:
        text_put(out, "_stridelab_words");
        for (int p = 0; p < preset_count(); p++) text_add(out, " %s", preset_name(p));
        break;
    case COMPLETES_VERB:
        text_put(out, "_stridelab_words");
        put_verbs(out);
        break;
    }
}

/* Whether a row before `index` has the same name, for other verbs. */
static bool is_repeated(int index, const char *name) {
    struct option_row row;
    for (int i = 0; i < index && options_row(i, &row); i++)
        if (strcmp(row.name, name) == 0) return true;
    return false;
}

static void put_takes_value(struct text *out) {
    struct option_row row;
    const char *before = "";
    text_put(out, "_stridelab_takes_value() {\n    case $1 in\n    ");
    for (int i = 0; options_row(i, &row); i++) {
        if (!row.value || is_repeated(i, row.name)) continue;
        text_add(out, "%s%s", before, row.name);
        before = " | \\\n    ";
    }
    text_put(out, ") return 0 ;;\n    esac\n    return 1\n}\n\n");
}

/* After the options come the arguments: what each of the first three, and any later one, can be. */
static void put_arguments(enum verb verb, struct text *out) {
    enum { LAST = 3 };
    text_put(out, "        case $argument in\n");
    for (int i = 0; i <= LAST; i++) {
        enum completes completes = completion_argument(verb, i);
        if (completes == COMPLETES_NOTHING) continue;
        if (i < LAST)
            text_add(out, "        %d) ", i);
        else
            text_put(out, "        *) ");
        put_action(completes, NULL, out);
        text_put(out, " ;;\n");
    }
    text_put(out, "        esac\n");
}

static void put_verb(enum verb verb, struct text *out) {
    struct option_row row;
    text_add(out,
             "    %s:*)\n        if [[ $cur == -* ]]; then\n            _stridelab_words --help",
             options_verb_name(verb));
    for (int i = 0; options_row(i, &row); i++) {
        if (!(row.verbs >> verb & 1)) continue;
        text_add(out, " %s", row.name);
        if (row.short_name) text_add(out, " %s", row.short_name);
    }
    text_put(out, "\n            return\n        fi\n");
    put_arguments(verb, out);
    text_put(out, "        ;;\n");
}

void completion_bash(struct text *out) {
    struct option_row row;
    text_put(out, functions);
    put_takes_value(out);
    text_put(out, start);
    put_verbs(out);
    text_put(out, "\n        return\n    fi\n    _stridelab_scan\n    case $verb:$prev in\n");
    for (int i = 0; options_row(i, &row); i++) {
        if (!row.value) continue;
        text_put(out, "    ");
        const char *before = "";
        for (int v = 0; v < VERB_COUNT; v++) {
            if (!(row.verbs >> v & 1)) continue;
            text_add(out, "%s%s:%s", before, options_verb_name((enum verb)v), row.name);
            before = " | ";
        }
        text_put(out, ") ");
        put_action(completion_value(&row), row.words, out);
        text_put(out, " ;;\n");
    }
    for (int v = 0; v < VERB_COUNT; v++) put_verb((enum verb)v, out);
    text_put(out, "    esac\n}\ncomplete -F _stridelab stridelab\n");
}
