#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
    const char *help;
};

#define BIT(verb) (1u << (verb))
#define AT(field) offsetof(struct options, field)

enum {
    ALL = BIT(VERB_COUNT) - 1,
    CONFIGS = BIT(VERB_TRACE) | BIT(VERB_EXPLAIN) | BIT(VERB_CHECK) | BIT(VERB_RUN) |
              BIT(VERB_PROBE) | BIT(VERB_BENCH) | BIT(VERB_WEIGHTS) | BIT(VERB_EXPORT) |
              BIT(VERB_SELFCHECK) | BIT(VERB_INIT),
    RUNNING = BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_BENCH),
    WORKING =
        RUNNING | BIT(VERB_EXPORT) | BIT(VERB_COMPARE) | BIT(VERB_SELFCHECK) | BIT(VERB_WEIGHTS)
};

#define FORMATS "table json csv md svg"
#define ISAS    "ref base avx2 avx512"

static const struct option table[] = {
    {"--variant", "NAME", KIND_WORDS, AT(variants),
     BIT(VERB_TRACE) | RUNNING | BIT(VERB_EXPORT) | BIT(VERB_WEIGHTS), NULL, 0,
     "only this variant; may be given again"},
    {"--size", "H[xW]", KIND_SIZE, AT(size),
     BIT(VERB_TRACE) | BIT(VERB_EXPLAIN) | BIT(VERB_BENCH) | BIT(VERB_INIT) | BIT(VERB_EXPORT),
     NULL, 0, "the input size, instead of the config's"},
    {"--sizes", "A..B/STEP", KIND_SWEEP, AT(sizes), BIT(VERB_TRACE), NULL, 0,
     "a line for every size from A to B"},
    {"--format", "WORD", KIND_WORD, AT(format),
     BIT(VERB_TRACE) | BIT(VERB_BENCH) | BIT(VERB_WEIGHTS) | BIT(VERB_COMPARE) | BIT(VERB_PROBE) |
         BIT(VERB_SELFCHECK),
     FORMATS, 0, "table, json, csv, md or svg, where the verb has it"},
    {"--golden", "DIR", KIND_STRING, AT(golden), BIT(VERB_CHECK), NULL, 0,
     "compare with the golden traces in DIR"},
    {"--update", NULL, KIND_FLAG, AT(update), BIT(VERB_CHECK), NULL, 0,
     "accept the traces as golden (never under CI=true)"},
    {"--max-resamples", "N", KIND_INT, AT(max_resamples), BIT(VERB_CHECK), NULL, 0,
     "fail when a variant is resampled more than N times"},
    {"--junit", "FILE", KIND_STRING, AT(junit), BIT(VERB_CHECK) | BIT(VERB_COMPARE), NULL, 0,
     "also write the result as JUnit XML"},
    {"--github", NULL, KIND_FLAG, AT(github), BIT(VERB_CHECK) | BIT(VERB_COMPARE), NULL, 0,
     "also print what failed as GitHub annotations"},
    {"--images", "DIR", KIND_STRING, AT(images), BIT(VERB_RUN) | BIT(VERB_PROBE), NULL, 0,
     "the folder of input images, or one image"},
    {"--targets", "DIR", KIND_STRING, AT(targets),
     BIT(VERB_RUN) | BIT(VERB_COMPARE) | BIT(VERB_PROBE) | BIT(VERB_SELFCHECK), NULL, 0,
     "target images, matched by file name without its ending"},
    {"--out", "DIR", KIND_STRING, AT(out), BIT(VERB_RUN), NULL, 0, "where the results go"},
    {"--out", "FILE", KIND_STRING, AT(out), BIT(VERB_INIT), NULL, 0,
     "write the config here instead of printing it"},
    {"--weights", "FILE", KIND_STRING, AT(weights),
     BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_BENCH) | BIT(VERB_INIT) | BIT(VERB_EXPORT), NULL, 0,
     "the checkpoint, instead of the config's"},
    {"--label", "N", KIND_INT, AT(label), BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_EXPORT), NULL,
     0, "the style label, instead of the config's"},
    {"--label-from-name", NULL, KIND_FLAG, AT(label_from_name), BIT(VERB_RUN) | BIT(VERB_PROBE),
     NULL, 0, "the label is the number before _ in each file name"},
    {"--label-input", NULL, KIND_FLAG, AT(label_from_name), BIT(VERB_EXPORT), NULL, 0,
     "the label is an input of the model, one for each image"},
    {"--pairs", "left|right", KIND_WORD, AT(pairs), BIT(VERB_RUN) | BIT(VERB_PROBE),
     "none left right", 0, "files hold pairs: this half is the input, the other the target"},
    {"--batch", "N", KIND_INT, AT(batch), RUNNING, NULL, 1, "images that go through together"},
    {"--save-raw", NULL, KIND_FLAG, AT(save_raw), BIT(VERB_RUN), NULL, 0,
     "also write outputs as float32 .npy"},
    {"--resume", NULL, KIND_FLAG, AT(resume), BIT(VERB_RUN), NULL, 0,
     "go on with what an interrupted run left"},
    {"--force", NULL, KIND_FLAG, AT(force), BIT(VERB_RUN), NULL, 0,
     "write into a folder that is not empty"},
    {"--shard", "K/N", KIND_SHARD, AT(shard), BIT(VERB_RUN), NULL, 0,
     "only the K-th of N parts of the images (K from 1)"},
    {"--reference", "NAME", KIND_STRING, AT(reference), BIT(VERB_COMPARE), NULL, 0,
     "the variant that the others are compared with"},
    {"--fail-if", "EXPR", KIND_WORDS, AT(fail_if), BIT(VERB_COMPARE), NULL, 0,
     "exit 1 when this holds: 'ssim(b) < ssim(a) - 0.01'"},
    {"--block", "NAME", KIND_WORDS, AT(blocks), BIT(VERB_PROBE), NULL, 0,
     "the block to probe (innermost); may be given again"},
    {"--runs", "N", KIND_INT, AT(runs), BIT(VERB_BENCH), NULL, 1, "timed rounds"},
    {"--warmup", "N", KIND_INT, AT(warmup), BIT(VERB_BENCH), NULL, 0, "rounds before them"},
    {"--exact", NULL, KIND_FLAG, AT(exact), RUNNING, NULL, 0,
     "only algorithms as accurate as direct convolution"},
    {"--baseline", "FILE", KIND_STRING, AT(baseline), BIT(VERB_BENCH), NULL, 0,
     "a saved bench document (json) to compare with"},
    {"--fail-if-slower", "PERCENT", KIND_PERCENT, AT(fail_if_slower), BIT(VERB_BENCH), NULL, 0,
     "with --baseline: exit 1 when surely slower by more"},
    {"--config", "CONFIG", KIND_STRING, AT(config), BIT(VERB_WEIGHTS), NULL, 0,
     "show how each tensor binds to this config"},
    {"--from", "CHECKPOINT", KIND_STRING, AT(from), BIT(VERB_INIT), NULL, 0,
     "read the design off a checkpoint's tensors"},
    {"--ngf", "N", KIND_INT, AT(ngf), BIT(VERB_INIT), NULL, 1, "channels of the outermost block"},
    {"--vary", "PATH=V1,V2,...", KIND_WORDS, AT(vary), BIT(VERB_INIT), NULL, 0,
     "a variant for each value; again: their product"},
    {"--list", NULL, KIND_FLAG, AT(list), BIT(VERB_INIT), NULL, 0, "name the presets"},
    {"--onnx", "FILE", KIND_STRING, AT(onnx), BIT(VERB_EXPORT), NULL, 0, "write an ONNX model"},
    {"--torch", NULL, KIND_FLAG, AT(torch), BIT(VERB_EXPORT), NULL, 0,
     "print the equivalent PyTorch module"},
    {"--man", NULL, KIND_FLAG, AT(man), BIT(VERB_HELP), NULL, 0, "print the manual page (troff)"},
    {"--completion", "bash|zsh|fish", KIND_WORD, AT(completion), BIT(VERB_HELP),
     "none bash zsh fish", 0, "print the completions for a shell"},
    {"--names", "variants|blocks", KIND_WORD, AT(names), BIT(VERB_HELP), "none variants blocks", 0,
     "list the names in a config, or the variants of a run"},
    {"--set", "PATH=VALUE", KIND_SET, AT(sets), CONFIGS, NULL, 0,
     "override a config value: blocks.innermost.up.stride=1"},
    {"--threads", "N", KIND_INT, AT(threads), WORKING, NULL, 1, "threads (default: all cores)"},
    {"--isa", "WORD", KIND_WORD, AT(isa), WORKING, ISAS, 0,
     "highest instruction set to use: ref, base, avx2 or avx512"},
    {"--quiet", NULL, KIND_FLAG, AT(quiet), ALL, NULL, 0, "say only what went wrong"},
    {"-q", NULL, KIND_FLAG, AT(quiet), ALL, NULL, 0, NULL},
    {"--verbose", NULL, KIND_FLAG, AT(verbose), ALL, NULL, 0, "say more"},
    {"-v", NULL, KIND_FLAG, AT(verbose), ALL, NULL, 0, NULL},
    {"--color", "WHEN", KIND_WORD, AT(color), ALL, "auto always never", 0,
     "paint statuses: auto, always or never"},
    {"--no-progress", NULL, KIND_FLAG, AT(no_progress), WORKING, NULL, 0, "no progress bar"},
};
enum { OPTIONS = sizeof table / sizeof *table };

static const struct {
    const char *name, *arguments, *summary, *examples;
    int least, most; /* positional arguments */
} verbs[VERB_COUNT] = {
    [VERB_TRACE] = {"trace", "CONFIG", "trace every shape, and which variants cannot differ",
                    "  stridelab trace configs/zi2zi-2020.json --size 384\n"
                    "  stridelab trace configs/zi2zi-2020.json --sizes 256..512/64\n",
                    1, 1},
    [VERB_EXPLAIN] = {"explain", "CONFIG VARIANT VARIANT",
                      "the difference of two variants in words",
                      "  stridelab explain configs/zi2zi-2020.json stride2 stride1-up\n", 3, 3},
    [VERB_CHECK] = {"check", "CONFIG...", "check configs against golden traces",
                    "  stridelab check configs/*.json --golden data/golden/traces\n", 1, INT_MAX},
    [VERB_RUN] = {"run", "CONFIG", "run all variants over a folder of images",
                  "  stridelab run configs/demo.json --images data/glyphs/source \\\n"
                  "      --targets data/glyphs/target --out out\n",
                  1, 1},
    [VERB_COMPARE] =
        {"compare", "OUT_DIR...", "compare the outputs of runs, with statistics",
         "  stridelab compare out --fail-if 'ssim(stride1-up) < ssim(stride2) - 0.01'\n", 1,
         INT_MAX},
    [VERB_PROBE] = {"probe", "CONFIG", "how much a block matters; where two variants part ways",
                    "  stridelab probe configs/demo.json --images data/glyphs/source\n", 1, 1},
    [VERB_BENCH] = {"bench", "CONFIG", "time every variant alone and all together",
                    "  stridelab bench configs/zi2zi-2020.json --runs 11\n", 1, 1},
    [VERB_WEIGHTS] = {"weights", "FILE", "list a checkpoint; show how each tensor binds",
                      "  stridelab weights data/demo.pth --config configs/demo.json\n", 1, 1},
    [VERB_INIT] = {"init", "PRESET", "print a ready config",
                   "  stridelab init pix2pix-256 --ngf 64 --out pix2pix.json\n"
                   "  stridelab init --from latest_net_G.pth --out mine.json\n",
                   0, 1},
    [VERB_EXPORT] = {"export", "CONFIG", "write a variant as ONNX or PyTorch",
                     "  stridelab export configs/demo.json --variant stride2 --onnx demo.onnx\n", 1,
                     1},
    [VERB_SELFCHECK] = {"selfcheck", "CONFIG", "do the metrics behave on this data?",
                        "  stridelab selfcheck configs/demo.json --targets data/glyphs/target\n", 1,
                        1},
    [VERB_SCHEMA] = {"schema", "", "print the JSON Schema of the config",
                     "  stridelab schema > stridelab.schema.json\n", 0, 0},
    [VERB_HELP] = {"help", "[VERB]", "this list, or the help of a verb",
                   "  stridelab help run\n"
                   "  stridelab help --man | man -l -\n"
                   "  stridelab help --names variants configs/demo.json\n",
                   0, 1},
};

enum verb options_verb(const char *name) {
    int verb = 0;
    while (verb < VERB_COUNT && strcmp(verbs[verb].name, name) != 0) verb++;
    return (enum verb)verb;
}

const char *options_verb_name(enum verb verb) {
    return verbs[verb].name;
}

/* The short form of `option`, a row with the same field and without help; or NULL. */
static const char *short_name(const struct option *option) {
    for (int i = 0; i < OPTIONS; i++)
        if (!table[i].help && table[i].offset == option->offset) return table[i].name;
    return NULL;
}

bool options_row(int index, struct option_row *out) {
    for (int i = 0; i < OPTIONS; i++) {
        if (!table[i].help || index-- > 0) continue;
        const char *words = table[i].words;
        if (words && strncmp(words, "none ", 5) == 0) words += 5; /* "not given" is no choice */
        *out =
            (struct option_row){.name = table[i].name,
                                .short_name = short_name(&table[i]),
                                .value = table[i].value,
                                .words = words,
                                .help = table[i].help,
                                .verbs = table[i].verbs,
                                .again = table[i].kind == KIND_WORDS || table[i].kind == KIND_SET};
        return true;
    }
    return false;
}

struct verb_row options_verb_row(enum verb verb) {
    return (struct verb_row){verbs[verb].name, verbs[verb].arguments, verbs[verb].summary,
                             verbs[verb].examples};
}

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

void options_help(enum verb verb, struct text *out) {
    if (verb == VERB_HELP) {
        text_put(out,
                 "stridelab compares variants of a U-Net generator before and after training.\n\n"
                 "Usage: stridelab VERB [OPTION]... ARGUMENT...\n\n");
        for (int i = 0; i < VERB_COUNT; i++)
            text_add(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
        text_put(out, "\n`stridelab help VERB` lists the options of a verb; `stridelab --version`\n"
                      "prints the version; `stridelab help --man | man -l -` shows the manual.\n");
        text_put(out, exit_status_help);
        return;
    }
    text_add(out, "stridelab %s: %s.\n\nUsage: stridelab %s%s%s [OPTION]...\n\n", verbs[verb].name,
             verbs[verb].summary, verbs[verb].name, *verbs[verb].arguments ? " " : "",
             verbs[verb].arguments);
    for (int i = 0; i < OPTIONS; i++)
        if (table[i].help && (table[i].verbs & BIT(verb))) help_option(&table[i], out);
    if (*verbs[verb].examples) text_add(out, "\nExamples:\n%s", verbs[verb].examples);
    text_put(out, exit_status_help);
}

static bool parse_int(const char *text, int least, int *value) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end || errno || number < least || number > INT_MAX) return false;
    *value = (int)number;
    return true;
}

static bool parse_size(const char *text, struct extent *size) {
    char height[16];
    const char *x = strchr(text, 'x');
    if (!x) return parse_int(text, 1, &size->h) && ((size->w = size->h), true);
    if ((size_t)(x - text) >= sizeof height) return false;
    memcpy(height, text, (size_t)(x - text));
    height[x - text] = '\0';
    return parse_int(height, 1, &size->h) && parse_int(x + 1, 1, &size->w);
}

static bool parse_sweep(const char *text, struct size_sweep *sweep) {
    char rest;
    int n = sscanf(text, "%6d..%6d/%6d%c", &sweep->first, &sweep->last, &sweep->step, &rest);
    return n == 3 && sweep->first >= 1 && sweep->last >= sweep->first && sweep->step >= 1;
}

static bool parse_word(const char *words, const char *text, int *value) {
    size_t length = strlen(text);
    for (int index = 0;; index++) {
        size_t end = strcspn(words, " ");
        if (end == length && strncmp(words, text, length) == 0) {
            *value = index;
            return true;
        }
        if (!words[end]) return false;
        words += end + 1;
    }
}

static void add_word(struct words *words, const char *word) {
    mem_grow(&words->items, &words->capacity, (size_t)words->count + 1, sizeof *words->items);
    words->items[words->count++] = word;
}

static bool parse_set(struct options *out, char *text) {
    char *equals = strchr(text, '=');
    if (!equals || equals == text) return false;
    *equals = '\0'; /* argv may be changed (C11 5.1.2.2.1) */
    mem_grow(&out->sets, &out->set_capacity, (size_t)out->set_count + 1, sizeof *out->sets);
    out->sets[out->set_count++] = (struct config_override){text, equals + 1};
    return true;
}

static bool parse_shard(const char *text, struct options *out) {
    char rest;
    int n = sscanf(text, "%6d/%6d%c", &out->shard.index, &out->shard.count, &rest);
    return n == 2 && out->shard.index >= 1 && out->shard.index <= out->shard.count;
}

static bool parse_percent(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && (*end == '\0' || strcmp(end, "%") == 0) && *value >= 0 && *value < 1e6;
}

/* Puts `value` where the option's row says; false with a message when it is not allowed. */
static bool store(const struct option *option, char *value, struct options *out, struct err *err) {
    void *field = (char *)out + option->offset;
    switch (option->kind) {
    case KIND_FLAG:
        *(bool *)field = true;
        return true;
    case KIND_STRING:
        *(const char **)field = value;
        if (*value) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: it is empty", option->name);
    case KIND_WORDS:
        add_word(field, value);
        return true;
    case KIND_INT:
        if (parse_int(value, option->least, field)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not a whole number from %d on",
                       option->name, SAFE(value), option->least);
    case KIND_SIZE:
        if (parse_size(value, field)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not a size like 256 or 256x384",
                       option->name, SAFE(value));
    case KIND_SWEEP:
        if (parse_sweep(value, field)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not a range like 64..512/32",
                       option->name, SAFE(value));
    case KIND_WORD:
        if (parse_word(option->words, value, field)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not one of: %s", option->name,
                       SAFE(value), option->words);
    case KIND_SET:
        if (parse_set(out, value)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not PATH=VALUE", option->name,
                       SAFE(value));
    case KIND_SHARD:
        if (parse_shard(value, out)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not K/N with K from 1 to N",
                       option->name, SAFE(value));
    case KIND_PERCENT:
        if (parse_percent(value, field)) return true;
        return err_add(err, STATUS_BAD_INPUT, "%s: '%s' is not a percentage like 5%%", option->name,
                       SAFE(value));
    }
    return false;
}

static const struct option *find_option(const char *name, size_t length, unsigned verb_mask) {
    for (int i = 0; i < OPTIONS; i++)
        if ((table[i].verbs & verb_mask) && strlen(table[i].name) == length &&
            strncmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

static bool unknown_option(const char *name, enum verb verb, struct err *err) {
    if (find_option(name, strcspn(name, "="), ~0u))
        return err_add(err, STATUS_BAD_INPUT, "%s is not an option of %s", SAFE(name),
                       verbs[verb].name);
    const char *nearest = NULL;
    int best = 3;
    for (int i = 0; i < OPTIONS; i++) {
        int distance = text_distance(name, table[i].name, 3);
        if (!(table[i].verbs & BIT(verb)) || distance >= best) continue;
        best = distance;
        nearest = table[i].name;
    }
    return err_add(err, STATUS_BAD_INPUT, "unknown option %s%s%s%s", SAFE(name),
                   nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static bool unknown_verb(const char *name, struct err *err) {
    const char *nearest = NULL;
    int best = 3;
    for (int i = 0; i < VERB_COUNT; i++) {
        int distance = text_distance(name, verbs[i].name, 3);
        if (distance >= best) continue;
        best = distance;
        nearest = verbs[i].name;
    }
    return err_add(err, STATUS_BAD_INPUT, "unknown verb '%s'%s%s%s (see `stridelab help`)",
                   SAFE(name), nearest ? "; did you mean " : "", nearest ? nearest : "",
                   nearest ? "?" : "");
}

/* argv[*i] is an option; moves *i past its value. */
static void parse_option(int argc, char **argv, int *i, struct options *out, struct err *err) {
    char *word = argv[*i], *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(word, length, BIT(out->verb));
    if (!option) {
        unknown_option(word, out->verb, err);
    } else if (option->kind == KIND_FLAG) {
        if (equals)
            err_add(err, STATUS_BAD_INPUT, "%s takes no value", option->name);
        else
            store(option, NULL, out, err);
    } else if (equals) {
        store(option, equals + 1, out, err);
    } else if (*i + 1 < argc) {
        store(option, argv[++*i], out, err);
    } else {
        err_add(err, STATUS_BAD_INPUT, "%s needs a value: %s", option->name, option->value);
    }
}

static void check_arguments(const struct options *out, struct err *err) {
    int count = out->arguments.count, least = verbs[out->verb].least;
    if (out->verb == VERB_INIT && !out->list) least = out->from ? 0 : 1;
    if (count < least)
        err_add(err, STATUS_BAD_INPUT, "missing argument: stridelab %s %s", verbs[out->verb].name,
                verbs[out->verb].arguments);
    else if (count > verbs[out->verb].most || (out->from && count > 0))
        err_add(err, STATUS_BAD_INPUT, "unexpected argument '%s'",
                SAFE(out->arguments.items[out->from ? 0 : verbs[out->verb].most]));
}

/* The command as it could be typed again. */
static char *join_command(int argc, char **argv) {
    struct text out = {0};
    text_put(&out, "stridelab");
    for (int i = 1; i < argc; i++) {
        bool plain = *argv[i] && !argv[i][strcspn(argv[i], " \t\n'\"\\$`&|;<>()*?[]{}#~!")];
        text_put(&out, plain ? " " : " '");
        for (const char *c = argv[i]; *c; c++) text_add(&out, *c == '\'' ? "'\\''" : "%c", *c);
        if (!plain) text_put(&out, "'");
    }
    return out.s;
}

bool options_parse(int argc, char **argv, struct options *out, struct err *err) {
    *out = (struct options){.command = join_command(argc, argv),
                            .threads = -1,
                            .batch = -1,
                            .runs = -1,
                            .warmup = -1,
                            .label = -1,
                            .ngf = -1,
                            .max_resamples = -1,
                            .fail_if_slower = -1,
                            .isa = ISA_AVX512,
                            .verb = VERB_HELP};
    if (argc < 2) return err_add(err, STATUS_BAD_INPUT, "a verb is missing (see `stridelab help`)");
    if (strcmp(argv[1], "--version") == 0) {
        add_word(&out->arguments, "version");
        return true;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) return true;
    enum verb verb = options_verb(argv[1]);
    if (verb == VERB_COUNT) return unknown_verb(argv[1], err);
    out->verb = verb;
    bool only_arguments = false;
    for (int i = 2; i < argc; i++) {
        if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0') {
            add_word(&out->arguments, argv[i]);
        } else if (strcmp(argv[i], "--") == 0) {
            only_arguments = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            out->verb = VERB_HELP;
            out->arguments.count = 0;
            add_word(&out->arguments, verbs[verb].name);
            err_free(err);
            return true;
        } else {
            parse_option(argc, argv, &i, out, err);
        }
    }
    check_arguments(out, err);
    if (err->status != STATUS_OK)
        err_add(err, STATUS_BAD_INPUT, "see `stridelab help %s`", verbs[verb].name);
    return err->status == STATUS_OK;
}

void options_free(struct options *options) {
    mem_free(options->command);
    mem_free(options->arguments.items);
    mem_free(options->variants.items);
    mem_free(options->blocks.items);
    mem_free(options->vary.items);
    mem_free(options->fail_if.items);
    mem_free(options->sets);
    *options = (struct options){0};
}
