/* One description of the config, which serves to check it (validate.c), to read it (store.c), to
 * print its JSON Schema (schema.c), and to print and compare what was read (value.c). */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "config/config.h"
#include "json/json.h"

enum kind {
    KIND_BOOL,    /* bool */
    KIND_INTEGER, /* int, within [min, max] */
    KIND_SEED,    /* uint64_t */
    KIND_NUMBER,  /* double, within [min, max] */
    KIND_EXTENT,  /* struct extent: an integer within [min, max], or [height, width] of two */
    KIND_STRING,  /* const char *: not empty, at most `max` bytes, only as `pattern` allows */
    KIND_WORD,    /* an enum: the index of one of `words` */
    KIND_OBJECT,  /* `keys`; fields at their offsets from the object's own field */
    KIND_ARRAY,   /* of `of`, from `min` to `max` elements */
    KIND_MAP,     /* an object of free keys to `of` */
    KIND_EITHER,  /* the first of `any` whose JSON type (and required keys) match */
    KIND_TAGGED   /* objects; `words` are the values of the key "op", `any` their types */
};

struct type {
    enum kind kind;
    double min, max;
    const char *const *words; /* NULL at the end */
    const struct key *keys;   /* a NULL name at the end */
    const struct type *of;
    const struct type *const *any; /* NULL at the end */
    const char *name;              /* of the definition in the schema; NULL: written in place */
    const char *doc;
    /* KIND_STRING and the keys of KIND_MAP: a regular expression for the schema, its test, and
     * the same in words. */
    const char *pattern;
    bool (*matches)(const char *s);
    const char *pattern_words;
};

#define NO_FIELD ((size_t)-1) /* read by code of its own, or ignored */

struct key {
    const char *name;
    const struct type *type;
    size_t field;         /* offset in the struct that the object is read into */
    const char *standard; /* JSON of the value when it is absent; NULL when there is none */
    bool required;
    const char *doc;
};

/* The whole config file; a variant's document; what --set may change (as a variant, and compare).
 */
extern const struct type schema_config, schema_variant, schema_overlay;

/* A block's keys, all but name; read into struct config_block. `down` and `up` are its parts. */
extern const struct type schema_block, schema_down, schema_up;
extern const struct type schema_norm, schema_norm_keys; /* a word or an object; the object */
extern const struct type schema_ops;                    /* a list of extra ops */
extern const struct type schema_inputs; /* input, output, style, trained_size of config_variant */
extern const struct type schema_family; /* name and compare, of struct config */
extern const struct type schema_weights_file, schema_init_one;

/* The standard keys of a decoder, and of an op: JSON objects as text. */
extern const char *const schema_decoder_standard[];
/* Whether that decoder has that key of "up". */
bool schema_decoder_has(enum decoder decoder, const char *key);

extern const char *const schema_acts[],
    *const schema_norms[], *const schema_decoders[],
                               *const schema_modes[],
                                   *const schema_skips[],
                                       *const schema_skip_sources[],
                                           *const schema_fits[],
                                               *const schema_styles[],
                                                   *const schema_resizes[],
                                                       *const schema_namings[],
                                                           *const schema_inits[],
                                                               *const schema_ops_words[];

/* The entry of that name, or NULL. */
const struct key *schema_key(const struct type *object, const char *name);
/* The index of `word`, or -1. */
int schema_word(const char *const *words, const char *word);
/* The alternative of an EITHER or TAGGED type that `node` is to be read as, or NULL. */
const struct type *schema_choose(const struct type *type, const struct json_node *node);

/* Whether the member is a "$comment", which every object may have and nothing reads. */
bool schema_is_comment(const struct json_node *member);

/* Appends what a value may be: "one of none, relu", "an integer from 1 to 64", ... */
void schema_describe(const struct type *type, struct text *out);

/* The nearest of `count` words to a misspelt one, or NULL when none is near. */
const char *schema_nearest(const char *word, const char *const *words, int count);

/* Prints the JSON Schema (draft-07) of the config file. */
void config_schema(struct text *out);

#endif
