/* Completions for shells, made from the table of options so that they cannot drift. */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/options.h"

/* Appends the script for `shell`, one of SHELL_BASH, SHELL_ZSH and SHELL_FISH. */
void completion_write(enum shell shell, struct text *out);

/* What the value of an option, or the argument number `index` (from 0) of a verb, can be. */
enum completes {
    COMPLETES_NOTHING, /* also: anything */
    COMPLETES_WORDS,   /* option_row.words */
    COMPLETES_CONFIG,
    COMPLETES_FILE,
    COMPLETES_DIR,
    COMPLETES_VARIANT, /* of the config, or of the run, on the command line */
    COMPLETES_BLOCK,
    COMPLETES_PRESET,
    COMPLETES_VERB,
};
enum completes completion_value(const struct option_row *row);
enum completes completion_argument(enum verb verb, int index);

/* The generators, one a file. */
void completion_bash(struct text *out);
void completion_zsh(struct text *out);
void completion_fish(struct text *out);

#endif
