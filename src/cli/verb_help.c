#include <string.h>

#include "cli/print.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "config/schema.h"

enum status verb_help(const struct options *options, struct err *err) {
    const char *about = options->arguments.count ? options->arguments.items[0] : "help";
    struct text text = {0};
    enum verb verb = options_verb(about);
    if (strcmp(about, "version") == 0) {
        text_put(&text, "stridelab " STRIDELAB_VERSION "\n");
    } else if (verb == VERB_COUNT) {
        err_add(err, STATUS_BAD_INPUT, "no verb '%s' (see `stridelab help`)", SAFE(about));
        return err->status;
    } else {
        options_help(verb, &text);
    }
    return print_result(&text, STATUS_OK, err);
}

enum status verb_schema(const struct options *options, struct err *err) {
    (void)options;
    struct text text = {0};
    config_schema(&text);
    return print_result(&text, STATUS_OK, err);
}
