/* Checks a JSON value against its description. */
#ifndef CONFIG_VALIDATE_H
#define CONFIG_VALIDATE_H

#include "config/problems.h"
#include "config/schema.h"

/* Adds every problem within `node`; with `problems` NULL it only answers. */
bool validate(const struct type *type, const struct json_node *node, struct problems *problems);

#endif
