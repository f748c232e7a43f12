/* Resolved values as JSON and as short text. */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include "config/schema.h"
#include "json/json_out.h"

/* The value of `type` at `field` as JSON; of an object, its keys as members of the open object. */
void print_value(struct json_out *o, const struct type *type, const void *field);
void print_members(struct json_out *o, const struct type *object, const void *out);

/* The same on one line for a difference: words bare, [4, 2], {"type": "group", ...}. */
void print_text(const struct type *type, const void *field, struct text *out);

/* "a.pth", "random 1", "3 files", "none". */
void print_weights_text(const struct config_variant *variant, struct text *out);

#endif
