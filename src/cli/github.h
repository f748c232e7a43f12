/* Annotations of GitHub Actions: "::error file=...,title=...::message" lines on standard output,
 * which GitHub shows beside the file. Format and escapes: "Workflow commands for GitHub Actions"
 * and actions/toolkit, packages/core/src/command.ts. */
#ifndef CLI_GITHUB_H
#define CLI_GITHUB_H

#include "base/err.h"
#include "base/text.h"

/* One annotation. `file` may be NULL; `message` may have several lines. */
void github_error(struct text *out, const char *file, const char *title, const char *message);

/* One for every message of `err`. "PATH:LINE:COLUMN: " at a message's start becomes its place. */
void github_errors(struct text *out, const char *title, const struct err *err);

#endif
