#include "cli/verbs.h"
#include "report/trace.h"
#define S(n)                                                                                       \
    enum status n(const struct options *o, struct err *e) {                                        \
        (void)o;                                                                                   \
        return err_add(e, STATUS_FAILED, #n) ? STATUS_OK : STATUS_FAILED;                          \
    }
S(verb_explain)
S(verb_check)
S(verb_probe) S(verb_export) S(verb_selfcheck)
    __attribute__((weak)) void trace_svg(const struct trace *trace, struct text *out) {
    (void)trace;
    (void)out;
}
