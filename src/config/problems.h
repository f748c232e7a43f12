/* The problems of a config, collected so that all of them are reported at once, in the order of
 * the file. */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/mem.h"
#include "json/json.h"

#define PROBLEMS_MAX 100 /* then "and perhaps more" */

struct problem {
    const struct json_node *node;
    const char *what; /* tells problems of one node apart */
    size_t offset;
    const char *message;
};

/* Start it zeroed. */
struct problems {
    int count;
    struct problem items[PROBLEMS_MAX];
    struct arena arena; /* messages */
};

/* Each returns false. The same problem of the same node, met again in another variant, is added
 * once. */
bool problem_add(struct problems *problems, const struct json_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* at the value's place */
bool problem_add_key(struct problems *problems, const struct json_node *member, const char *format,
                     ...) __attribute__((format(printf, 3, 4))); /* at its key's place */
/* `key`, which is to be `allowed`, is not in `object`. */
bool problem_missing(struct problems *problems, const struct json_node *object, const char *key,
                     const char *allowed);

/* Moves all of them to `err` as "<file>:<line>:<column>: <path>: <message>", STATUS_BAD_INPUT;
 * true when there are none. `problems` is empty afterwards. */
bool problems_report(struct problems *problems, struct err *err);

#endif
