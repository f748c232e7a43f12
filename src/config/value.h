/* Resolved values as JSON and as short text. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/schema.h"
#include "json/json_out.h"

/* The value of `type` at `field` as JSON; of an object, its keys as members of the open object. */
void value_print(struct json_out *o, const struct type *type, const void *field);
void value_print_members(struct json_out *o, const struct type *object, const void *out);

/* The same on one line for a difference: words bare, [4, 2], {"type": "group", ...}. */
void value_text(const struct type *type, const void *field, struct text *out);

/* "a.pth", "random 1", "3 files", "none". */
void value_weights_text(const struct config_variant *variant, struct text *out);

#endif
