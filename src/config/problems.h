/* The problems of a config, collected so that all of them are reported at once. */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>

#include "base/err.h"
#include "json/json.h"

#define PROBLEMS_MAX 100 /* then "and perhaps more" */

struct problems {
    struct err *err;
    int count;
    struct {
        const struct json_node *node;
        const char *what;
    } seen[PROBLEMS_MAX];
};

/* Each adds "<file>:<line>:<column>: <path>: <message>" and returns false. The same problem of the
 * same node, met again in another variant, is added once. */
bool problem_add(struct problems *problems, const struct json_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4))); /* at the value's place */
bool problem_add_key(struct problems *problems, const struct json_node *member, const char *format,
                     ...) __attribute__((format(printf, 3, 4))); /* at its key's place */
/* `key`, which is to be `allowed`, is not in `object`. */
bool problem_missing(struct problems *problems, const struct json_node *object, const char *key,
                     const char *allowed);

#endif
