/* The command line: one table of options drives the parser, the help and the messages. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"
#include "config/config.h"
#include "kernels/isa.h"

enum verb {
    VERB_TRACE,
    VERB_EXPLAIN,
    VERB_CHECK,
    VERB_RUN,
    VERB_COMPARE,
    VERB_PROBE,
    VERB_BENCH,
    VERB_WEIGHTS,
    VERB_INIT,
    VERB_EXPORT,
    VERB_SELFCHECK,
    VERB_SCHEMA,
    VERB_HELP,
    VERB_COUNT
};

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_MD, FORMAT_SVG };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum pairs { PAIRS_NONE, PAIRS_LEFT, PAIRS_RIGHT };
enum shell { SHELL_NONE, SHELL_BASH, SHELL_ZSH, SHELL_FISH };
enum names { NAMES_NONE, NAMES_VARIANTS, NAMES_BLOCKS };

struct words { /* an option given any number of times, or the positional arguments */
    const char **items;
    int count;
    size_t capacity;
};

struct size_sweep { /* --sizes A..B/STEP */
    int first, last, step;
};

/* What was asked; each field is said in options_table.c. */
struct options {
    char *command; /* as typed, quoted where a shell would need it */
    enum verb verb;
    struct words arguments;
    struct words variants, blocks, vary, fail_if;
    struct config_override *sets;
    int set_count;
    size_t set_capacity;
    struct extent size; /* {0, 0}: not given */
    struct size_sweep sizes;
    enum format format;
    enum color color;
    enum isa isa;
    enum pairs pairs;
    enum shell completion;
    enum names names;
    const char *golden, *junit, *images, *targets, *out, *weights, *reference, *onnx, *config,
        *from, *baseline;
    int threads, batch, runs, warmup, label, ngf, max_resamples; /* -1: not given */
    struct {
        int index, count; /* {0, 0}: not given */
    } shard;
    bool update, label_from_name, save_raw, resume, force, exact, list, torch, quiet, verbose,
        no_progress, man, github;
    double fail_if_slower; /* per cent; < 0: not given */
};

/* Reads argv. "help VERB", "VERB --help" and "--help" become VERB_HELP with the verb as argument;
 * "--version" prints and is VERB_HELP with the argument "version". All problems are reported at
 * once: STATUS_BAD_INPUT. The caller frees `out` with options_free, also after a failure. */
bool options_parse(int argc, char **argv, struct options *out, struct err *err);
/* The last VALUE of `--set path=VALUE` as it stands, or NULL. */
const char *options_set_value(const struct options *options, const char *path);
void options_free(struct options *options); /* idempotent */
/* Appends " word", quoted where a shell would need it. */
void options_put_word(struct text *out, const char *word);

/* The help of one verb, or with VERB_HELP the overview. */
void options_help(enum verb verb, struct text *out);
/* The verb of that name, or VERB_COUNT. */
enum verb options_verb(const char *name);
const char *options_verb_name(enum verb verb);

/* The table as the manual and the completions read it. */
struct option_row {
    const char *name;       /* "--size" */
    const char *short_name; /* "-q", or NULL */
    const char *value;      /* its placeholder, "H[xW]"; NULL for a flag */
    const char *words;      /* what the value can be, a space between; NULL: anything */
    const char *help;
    unsigned verbs; /* those that take it: bit 1 << verb */
    bool again;     /* may be given again */
};
struct verb_row {
    const char *name, *arguments, *summary;
    const char *examples; /* a command a line, two spaces before it; or "" */
};
/* The row number `index` in the order of the help; false past the last one. */
bool options_row(int index, struct option_row *out);
struct verb_row options_verb_row(enum verb verb);

#endif
