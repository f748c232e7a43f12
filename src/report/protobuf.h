/* Writing protocol buffers (the wire format of https://protobuf.dev/programming-guides/encoding):
 * each function appends one field to a message that is made in a struct text. */
#ifndef REPORT_PROTOBUF_H
#define REPORT_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

void protobuf_int(struct text *message, int field, int64_t value); /* int32, int64, enum */
void protobuf_float(struct text *message, int field, float value);
void protobuf_string(struct text *message, int field, const char *value);
/* bytes, or a message inside this one. */
void protobuf_bytes(struct text *message, int field, const void *bytes, size_t size);
void protobuf_message(struct text *message, int field, const struct text *inner);

/* The head of such a field: `size` bytes are to follow. */
void protobuf_head(struct text *message, int field, size_t size);

#endif
