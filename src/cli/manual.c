#include "cli/manual.h"

#include <string.h>

#include "cli/manual_prose.h"
#include "cli/options.h"
#include "cli/version.h"

/* Text as it stands: troff reads `\`, `-`, `'` and, at the start of a line, `.` as its own. */
static void put(struct text *out, const char *s) {
    for (; *s; s++) {
        bool starts_line = out->length == 0 || out->s[out->length - 1] == '\n';
        if (starts_line && (*s == '.' || *s == '\'')) text_put(out, "\\&");
        switch (*s) {
        case '\\':
            text_put(out, "\\e");
            break;
        case '-':
            text_put(out, "\\-");
            break;
        case '\'':
            text_put(out, "\\(aq");
            break;
        case '`':
            text_put(out, "\\(ga");
            break;
        case '^':
            text_put(out, "\\(ha");
            break;
        case '~':
            text_put(out, "\\(ti");
            break;
        default:
            text_write(out, s, 1);
        }
    }
}

static void synopsis(struct text *out) {
    text_put(out, ".SH SYNOPSIS\n");
    for (int v = 0; v < VERB_COUNT; v++) {
        struct verb_row verb = options_verb_row((enum verb)v);
        text_add(out, "%s.B stridelab %s\n", v ? ".br\n" : "", verb.name);
        put(out, verb.arguments);
        text_put(out, *verb.arguments ? " [\\fIOPTION\\fR]...\n" : "[\\fIOPTION\\fR]...\n");
    }
    text_put(out, ".br\n.B stridelab \\-\\-version\n");
}

/* The options that a verb has and not all verbs have. */
static void own_options(int verb, struct text *out) {
    struct option_row row;
    unsigned all = (1u << VERB_COUNT) - 1;
    bool any = false;
    for (int i = 0; options_row(i, &row); i++) {
        if (!(row.verbs >> verb & 1) || row.verbs == all) continue;
        text_put(out, any ? ",\n" : "Options:\n");
        text_put(out, "\\fB");
        put(out, row.name);
        text_put(out, "\\fR");
        any = true;
    }
    if (any) text_put(out, ".\n");
}

static void verbs(struct text *out) {
    text_put(out, ".SH VERBS\n");
    for (int v = 0; v < VERB_COUNT; v++) {
        struct verb_row verb = options_verb_row((enum verb)v);
        text_add(out, ".SS %s%s", verb.name, *verb.arguments ? " " : "");
        put(out, verb.arguments);
        text_put(out, "\n");
        put(out, verb.summary);
        text_put(out, verb.summary[strlen(verb.summary) - 1] == '?' ? "\n" : ".\n");
        text_put(out, manual_verb_prose((enum verb)v));
        own_options(v, out);
        if (!*verb.examples) continue;
        text_put(out, ".PP\n.EX\n");
        put(out, verb.examples);
        text_put(out, ".EE\n");
    }
}

/* " (trace, bench)"; nothing when all verbs have it. */
static void takers(unsigned verbs, struct text *out) {
    const char *before = " (";
    if (verbs == (1u << VERB_COUNT) - 1) return;
    for (int v = 0; v < VERB_COUNT; v++) {
        if (!(verbs >> v & 1)) continue;
        text_add(out, "%s\\fB%s\\fR", before, options_verb_name((enum verb)v));
        before = ", ";
    }
    text_put(out, ")");
}

static void options(struct text *out) {
    struct option_row row;
    text_put(out,
             ".SH OPTIONS\nAn option and its value may be two words or one with\n.BR = ;\n"
             "options may stand before, between and after arguments;\n.B \\-\\-\nends them. In "
             "parentheses: the verbs that take the option.\n");
    for (int i = 0; options_row(i, &row); i++) {
        text_put(out, ".TP\n\\fB");
        if (row.short_name) {
            put(out, row.short_name);
            text_put(out, "\\fR, \\fB");
        }
        put(out, row.name);
        text_put(out, "\\fR");
        if (row.value) {
            text_put(out, " \\fI");
            put(out, row.value);
            text_put(out, "\\fR");
        }
        text_put(out, "\n");
        put(out, row.help);
        takers(row.verbs, out);
        text_put(out, ".\n");
    }
    text_put(out, ".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nthe help of the verb.\n");
}

void manual_write(struct text *out) {
    text_put(out, ".\\\" Made by `stridelab help --man` from the table of options.\n"
                  ".TH STRIDELAB 1 " STRIDELAB_DATE " \"stridelab " STRIDELAB_VERSION
                  "\" \"User Commands\"\n");
    text_put(out, manual_name);
    synopsis(out);
    text_put(out, manual_description);
    verbs(out);
    options(out);
    text_put(out, manual_rest);
}
