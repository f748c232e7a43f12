/* trace: every shape of every variant, and which cannot differ. */
#include "cli/color.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "report/trace.h"

static enum status print(const struct options *options, struct text *out, enum status status,
                         struct err *err) {
    if (options->format == FORMAT_TABLE && color_wanted(options->color)) color_statuses(out);
    return print_result(out, status, err);
}

static enum status trace_one(const struct options *options, const struct session *session,
                             struct err *err) {
    struct text out = {0};
    struct trace trace;
    trace_build(session->variants, session->variant_count, options->size, &trace);
    trace_write(&trace, (enum trace_format)options->format, print_columns(), &out);
    enum status status = trace.ok ? STATUS_OK : STATUS_FAILED;
    trace_free(&trace);
    return print(options, &out, status, err);
}

static enum status trace_many(const struct options *options, const struct session *session,
                              struct err *err) {
    struct text out = {0};
    bool ok = trace_sweep(session->variants, session->variant_count, options->sizes.first,
                          options->sizes.last, options->sizes.step,
                          (enum trace_format)options->format, print_columns(), &out);
    return print(options, &out, ok ? STATUS_OK : STATUS_FAILED, err);
}

static bool check_sizes(const struct options *options, const struct session *session,
                        struct err *err) {
    if (options->sizes.step > 0) {
        if (options->size.h > 0)
            return err_add(err, STATUS_BAD_INPUT, "--size and --sizes exclude each other");
        return print_format_allowed(options, "table json csv md", err);
    }
    for (int v = 0; v < session->variant_count; v++)
        if (options->size.h == 0 && session->variants[v]->size.h == 0)
            return err_add(err, STATUS_BAD_INPUT,
                           "%s has no input.size (input.resize is native): give --size",
                           session->variants[v]->name);
    return true;
}

enum status verb_trace(const struct options *options, struct err *err) {
    struct session session;
    enum status status;
    if (!session_load(options, &session, err) || !check_sizes(options, &session, err))
        status = err->status;
    else if (options->sizes.step > 0)
        status = trace_many(options, &session, err);
    else
        status = trace_one(options, &session, err);
    session_free(&session);
    return status;
}
