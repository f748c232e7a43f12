/* One function a verb, in verb_<name>.c. Each prints its result on standard output and returns the
 * exit status; problems are added to `err`, which main prints. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/options.h"

enum status verb_trace(const struct options *options, struct err *err);
enum status verb_explain(const struct options *options, struct err *err);
enum status verb_check(const struct options *options, struct err *err);
enum status verb_run(const struct options *options, struct err *err);
enum status verb_compare(const struct options *options, struct err *err);
enum status verb_probe(const struct options *options, struct err *err);
enum status verb_bench(const struct options *options, struct err *err);
enum status verb_weights(const struct options *options, struct err *err);
enum status verb_init(const struct options *options, struct err *err);
enum status verb_export(const struct options *options, struct err *err);
enum status verb_selfcheck(const struct options *options, struct err *err);
enum status verb_schema(const struct options *options, struct err *err);
enum status verb_help(const struct options *options, struct err *err);

#endif
