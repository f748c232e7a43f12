#include "cli/verbs.h"
#define S(n) enum status n(const struct options *o, struct err *e) { (void)o; return err_add(e, STATUS_FAILED, #n) ? STATUS_OK : STATUS_FAILED; }
__attribute__((weak)) S(verb_probe) __attribute__((weak)) S(verb_export) __attribute__((weak)) S(verb_selfcheck)
