/* What the tables of the config's keys are written with. Private to the tables. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/schema.h"

/* Initialisers of types. */
/* clang-format off */
#define WORDS(list)       {.kind = KIND_WORD, .words = list}
#define SIZES(low, high)  {.kind = KIND_EXTENT, .min = low, .max = high}
#define COUNT(low, high)  {.kind = KIND_INTEGER, .min = low, .max = high}
#define REAL(low, high)   {.kind = KIND_NUMBER, .min = low, .max = high}
#define EITHER(...)       (const struct type *const[]){__VA_ARGS__, NULL}

#define FIELD(s, f) offsetof(struct s, f)

/* Rows of a table: name, type, field, standard value as JSON or NULL, words for an editor. */
#define KEY(name, type, field, standard, doc) {name, &(type), field, standard, false, doc}
#define REQUIRED(name, type, field, doc)      {name, &(type), field, NULL, true, doc}
/* The whole table; every object may have a comment. */
#define KEYS(...) (const struct key[]){ \
    __VA_ARGS__, KEY("$comment", type_any_value, NO_FIELD, NULL, "Ignored."), {0}}
/* clang-format on */

/* Scalars (scalars.c). */
extern const struct type type_boolean, type_seed, type_any_text, type_path, type_act, type_decoder,
    type_mode, type_skip, type_skip_source, type_fit, type_style_mode, type_resize, type_naming,
    type_init_word, type_channels, type_label, type_positive, type_small, type_layers,
    type_image_size, type_kernel, type_padding, type_scale, type_slope, type_eps, type_mean,
    type_deviation, type_margin, type_sha256, type_variant_name, type_block_name, type_prefix,
    type_any_value;

/* What blocks are made of (keys_block.c). */
extern const struct type schema_defaults, schema_block_list, schema_blocks;

#endif
