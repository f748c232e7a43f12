#include "cli/completion.h"

#include <string.h>

static const struct {
    const char *placeholder;
    enum completes completes;
} placeholders[] = {
    {"CONFIG", COMPLETES_CONFIG},   {"FILE", COMPLETES_FILE},     {"CHECKPOINT", COMPLETES_FILE},
    {"DIR", COMPLETES_DIR},         {"OUT_DIR", COMPLETES_DIR},   {"NAME", COMPLETES_VARIANT},
    {"VARIANT", COMPLETES_VARIANT}, {"PRESET", COMPLETES_PRESET}, {"VERB", COMPLETES_VERB},
};

static enum completes completes_of(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++)
        if (strlen(placeholders[i].placeholder) == length &&
            strncmp(placeholders[i].placeholder, word, length) == 0)
            return placeholders[i].completes;
    return COMPLETES_NOTHING;
}

enum completes completion_value(const struct option_row *row) {
    if (row->words) return COMPLETES_WORDS;
    if (!row->value) return COMPLETES_NOTHING;
    if (strcmp(row->name, "--block") == 0) return COMPLETES_BLOCK;
    return completes_of(row->value, strlen(row->value));
}

/* Arguments are words like "CONFIG VARIANT VARIANT", "OUT_DIR..." or "[VERB]". */
enum completes completion_argument(enum verb verb, int index) {
    const char *word = options_verb_row(verb).arguments;
    word += strspn(word, "[");
    for (;; index--) {
        size_t length = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        bool again = strncmp(word + length, "...", 3) == 0;
        if (index == 0 || again) return completes_of(word, length);
        word += strcspn(word, " ");
        if (!*word++) return COMPLETES_NOTHING;
    }
}

void completion_write(enum shell shell, struct text *out) {
    if (shell == SHELL_BASH) completion_bash(out);
    if (shell == SHELL_ZSH) completion_zsh(out);
    if (shell == SHELL_FISH) completion_fish(out);
}
