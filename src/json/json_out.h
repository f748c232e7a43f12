/* Writes JSON: two spaces a level, keys in the order of the calls. An array of scalars stands on
 * one line when it fits in 100 columns.
 *
 *     struct json_out o = json_out_start(&text);
 *     json_out_object(&o);
 *     json_out_string(json_out_key(&o, "name"), name);
 *     json_out_array(json_out_key(&o, "shape"));
 *     json_out_int(&o, 512);
 *     json_out_end(&o);
 *     json_out_end(&o);       the last end also ends the line
 */
#ifndef JSON_JSON_OUT_H
#define JSON_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define JSON_OUT_DEPTH 64

struct json_out_level {
    size_t start; /* offset in the text of the opening bracket */
    size_t count; /* values so far */
    bool is_array;
    bool scalars; /* holds scalars only */
    bool on_line; /* asked to stand on one line */
};

struct json_out {
    struct text *text; /* appended to; not owned */
    int depth;
    bool after_key;
    bool next_on_line;
    struct json_out_level levels[JSON_OUT_DEPTH];
};

struct json_out json_out_start(struct text *text);

void json_out_object(struct json_out *o); /* opens one; json_out_end closes it */
void json_out_array(struct json_out *o);
void json_out_end(struct json_out *o);

/* The next object or array is written on one line, whatever it holds: { "name": "b2", ... }.
 * Returns `o`. */
struct json_out *json_out_line(struct json_out *o);

/* The key of the next value; returns `o`, so that a member is one call in another. */
struct json_out *json_out_key(struct json_out *o, const char *key);

void json_out_string(struct json_out *o, const char *value); /* NULL gives null */
void json_out_int(struct json_out *o, int64_t value);
void json_out_uint(struct json_out *o, uint64_t value);
void json_out_double(struct json_out *o, double value); /* null for NaN and infinities */
void json_out_bool(struct json_out *o, bool value);
void json_out_null(struct json_out *o);
void json_out_raw(struct json_out *o, const char *scalar); /* a scalar that is JSON already */

#endif
