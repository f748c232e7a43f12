/* JUnit XML, for CI. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include "base/err.h"
#include "base/text.h"

struct junit { /* start it with its suite's name, else zeroed */
    const char *suite;
    int cases, failures;
    struct text body;
};

/* Adds a test case; `failure` is NULL when it passed. */
void junit_case(struct junit *junit, const char *name, const char *failure);
bool junit_write(const struct junit *junit, const char *path, struct err *err);
void junit_free(struct junit *junit); /* idempotent */

#endif
