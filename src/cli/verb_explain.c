/* explain: the difference of two variants in words. */
#include "cli/print.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "report/explain.h"

enum status verb_explain(const struct options *options, struct err *err) {
    struct session session;
    struct text out = {0};
    if (session_load(options, &session, err)) {
        const struct config_variant *pair[2];
        for (int i = 0; i < 2; i++) {
            const char *name = options->arguments.items[1 + i];
            pair[i] = config_want(&session.config, name, err);
            if (pair[i] && options->size.h == 0 && pair[i]->size.h == 0)
                err_add(err, STATUS_BAD_INPUT, "%s has no input.size: give --size", pair[i]->name);
        }
        if (err->status == STATUS_OK)
            explain(pair[0], pair[1], options->size, print_columns(), &out);
    }
    session_free(&session);
    return print_result(&out, err->status, err);
}
