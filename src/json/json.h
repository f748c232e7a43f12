/* Strict JSON: RFC 8259 and nothing more. A scanner of our own checks the text and records where
 * every value stands; cJSON then builds the values from text that is known to be strict.
 *
 * Refused with line and column: broken UTF-8, a byte order mark, control characters in strings,
 * numbers outside the grammar (01, 1., .5, +1), numbers beyond double, \u0000, lone surrogates,
 * duplicate keys (both places are named), depth beyond a cap, anything after the value.
 *
 * Nodes stand in one array in the order of the text: a value, then all that it holds. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_node {
    const struct json_doc *doc;
    const cJSON *item;   /* the value; read it through the functions below */
    uint32_t parent;     /* index in doc->nodes; the root's is its own, 0 */
    uint32_t past;       /* index of the first node that is not within this one */
    uint32_t start, end; /* the value's bytes in doc->text */
    uint32_t key_start;  /* the opening quote of its key; = start for the root and array elements */
    uint32_t count;      /* elements or members */
    enum json_type type;
};

/* Start it zeroed. It must not move while its nodes are in use. */
struct json_doc {
    const char *name; /* of the file, for messages; not owned */
    const char *text; /* not owned: must outlive the document */
    size_t length;
    struct json_node *nodes;
    size_t node_count;
    cJSON *tree;
};

struct json_limits {
    size_t bytes; /* of the text, below 4 GiB */
    size_t nodes; /* values in all; memory is about 150 bytes each */
    int depth;    /* of nesting, at most 64 */
};

/* Parses `length` bytes of `text`. Messages are "<name>:<line>:<column>: expected ',' or '}'";
 * STATUS_BAD_INPUT, or STATUS_LIMIT over a limit; the first problem ends it. Time is O(n log n).
 * The caller frees `doc` with json_free, also after a failure. */
bool json_parse(const char *name, const char *text, size_t length, const struct json_limits *limits,
                struct json_doc *doc, struct err *err);
void json_free(struct json_doc *doc); /* idempotent */

const struct json_node *json_root(const struct json_doc *doc);

/* The way through an array or object:
 *     for (const struct json_node *n = json_first(list); n; n = json_next(n)) ...
 * NULL at the end and for other types. Like the functions below, it takes NULL for a value that is
 * not there. */
const struct json_node *json_first(const struct json_node *node);
const struct json_node *json_next(const struct json_node *node);
const struct json_node *json_parent(const struct json_node *node); /* NULL for the root */

/* The member of that exact key, or NULL; walks the members. */
const struct json_node *json_find(const struct json_node *object, const char *key);

const char *json_key(const struct json_node *node);    /* of an object's member, else NULL */
const char *json_string(const struct json_node *node); /* NULL when it is no string */
double json_number(const struct json_node *node);      /* 0 when it is no number */
bool json_bool(const struct json_node *node);          /* false when it is not true */
const char *json_type_name(enum json_type type); /* "an object", "a string", "true or false" */

/* The exact value of a number written as an integer: digits only, no sign, fraction or exponent.
 * False when it is anything else or does not fit. */
bool json_u64(const struct json_node *node, uint64_t *value);
/* An integer by value, however it is written (1, 1.0, -2, 1e3), within +-2^53; else false. */
bool json_integer(const struct json_node *node, int64_t *value);

/* Line and column, from 1, of a byte of the text; columns count code points. */
struct json_place {
    size_t line, column;
};
struct json_place json_place(const struct json_doc *doc, size_t offset);

/* Appends the way from the root: "$.blocks[2].up.stride"; a key that is no plain word is quoted:
 * $.blocks["*"]. */
void json_path(const struct json_node *node, struct text *out);

/* Appends the value as it stands in the text, on one line, cut after `limit` bytes with "...". */
void json_excerpt(const struct json_node *node, size_t limit, struct text *out);

#endif
