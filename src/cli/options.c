#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/options_table.h"

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
    return strspn(text, "0123456789.") == (size_t)(end - text) && end != text &&
           (*end == '\0' || strcmp(end, "%") == 0);
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
        if (!*value) return err_add(err, STATUS_BAD_INPUT, "%s: it is empty", option->name);
        if (strcmp(value, "-") != 0 || strcmp(option->value, "DIR") != 0) return true;
        return err_add(err, STATUS_BAD_INPUT,
                       "%s: '-' is standard input or output, and this is a folder; one of that "
                       "name is ./-",
                       option->name);
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
    for (int i = 0; i < options_count; i++)
        if ((options_table[i].verbs & verb_mask) && strlen(options_table[i].name) == length &&
            strncmp(options_table[i].name, name, length) == 0)
            return &options_table[i];
    return NULL;
}

static bool unknown_option(const char *name, enum verb verb, struct err *err) {
    if (find_option(name, strcspn(name, "="), ~0u))
        return err_add(err, STATUS_BAD_INPUT, "%s is not an option of %s", SAFE(name),
                       options_verbs[verb].name);
    const char *nearest = NULL;
    int best = 3;
    for (int i = 0; i < options_count; i++) {
        int distance = text_distance(name, options_table[i].name, 3);
        if (!(options_table[i].verbs & OPTIONS_BIT(verb)) || distance >= best) continue;
        best = distance;
        nearest = options_table[i].name;
    }
    return err_add(err, STATUS_BAD_INPUT, "unknown option %s%s%s%s", SAFE(name),
                   nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static bool unknown_verb(const char *name, struct err *err) {
    const char *nearest = NULL;
    int best = 3;
    for (int i = 0; i < VERB_COUNT; i++) {
        int distance = text_distance(name, options_verbs[i].name, 3);
        if (distance >= best) continue;
        best = distance;
        nearest = options_verbs[i].name;
    }
    return err_add(err, STATUS_BAD_INPUT, "unknown verb '%s'%s%s%s (see `stridelab help`)",
                   SAFE(name), nearest ? "; did you mean " : "", nearest ? nearest : "",
                   nearest ? "?" : "");
}

/* argv[*i] is an option; moves *i past its value. */
static void parse_option(int argc, char **argv, int *i, struct options *out, struct err *err) {
    char *word = argv[*i], *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = find_option(word, length, OPTIONS_BIT(out->verb));
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
    int count = out->arguments.count, least = options_verbs[out->verb].least;
    if (out->verb == VERB_INIT && !out->list) least = out->from ? 0 : 1;
    if (count < least)
        err_add(err, STATUS_BAD_INPUT, "missing argument: stridelab %s %s",
                options_verbs[out->verb].name, options_verbs[out->verb].arguments);
    else if (count > options_verbs[out->verb].most || (out->from && count > 0))
        err_add(err, STATUS_BAD_INPUT, "unexpected argument '%s'",
                SAFE(out->arguments.items[out->from ? 0 : options_verbs[out->verb].most]));
}

void options_put_word(struct text *out, const char *word) {
    bool plain = *word && !word[strcspn(word, " \t\n'\"\\$`&|;<>()*?[]{}#~!")];
    text_put(out, plain ? " " : " '");
    for (const char *c = word; *c; c++) text_add(out, *c == '\'' ? "'\\''" : "%c", *c);
    if (!plain) text_put(out, "'");
}

/* The command as it could be typed again. */
static char *join_command(int argc, char **argv) {
    struct text out = {0};
    text_put(&out, "stridelab");
    for (int i = 1; i < argc; i++) options_put_word(&out, argv[i]);
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
            add_word(&out->arguments, options_verbs[verb].name);
            err_free(err);
            return true;
        } else {
            parse_option(argc, argv, &i, out, err);
        }
    }
    check_arguments(out, err);
    if (err->status != STATUS_OK)
        err_add(err, STATUS_BAD_INPUT, "see `stridelab help %s`", options_verbs[verb].name);
    return err->status == STATUS_OK;
}

const char *options_set_value(const struct options *options, const char *path) {
    for (int i = options->set_count - 1; i >= 0; i--)
        if (strcmp(options->sets[i].path, path) == 0) return options->sets[i].value;
    return NULL;
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
