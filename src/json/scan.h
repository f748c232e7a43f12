/* The strict scanner: checks RFC 8259 to the letter and records every value's place. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/json.h"

/* Fills doc->nodes from doc->text, all but `item`. Escapes are checked, not decoded. */
bool scan_document(struct json_doc *doc, const struct json_limits *limits, struct err *err);

/* Adds "<name>:<line>:<column>: <message>" and returns false. */
bool scan_error(const struct json_doc *doc, size_t offset, enum status status, struct err *err,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
