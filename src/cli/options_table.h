/* The rows behind options.h: which options and verbs there are. Only options*.c looks in here; the
 * manual and the completions read the rows through options_row and options_verb_row. */
#ifndef CLI_OPTIONS_TABLE_H
#define CLI_OPTIONS_TABLE_H

#include <stddef.h>

#include "cli/options.h"

enum kind {
    KIND_FLAG,
    KIND_STRING,
    KIND_WORDS,
    KIND_INT,
    KIND_SIZE,
    KIND_SWEEP,
    KIND_WORD,
    KIND_SET,
    KIND_SHARD,
    KIND_PERCENT
};

struct option {
    const char *name;  /* "--size"; a short form is a row of its own */
    const char *value; /* the placeholder in the help, NULL for a flag */
    enum kind kind;
    size_t offset;     /* of the field in struct options */
    unsigned verbs;    /* a bit a verb */
    const char *words; /* KIND_WORD: the allowed words in the order of the enum, a space between */
    int least;         /* KIND_INT */
    const char *help;  /* NULL: a short form */
};

#define OPTIONS_BIT(verb) (1u << (verb))

extern const struct option options_table[]; /* in the order of the help */
extern const int options_count;

struct option_verb {
    const char *name, *arguments, *summary, *examples; /* as in struct verb_row */
    int least, most;                                   /* positional arguments */
};
extern const struct option_verb options_verbs[VERB_COUNT];

#endif
