#include "report/protobuf.h"

#include <string.h>

enum wire_type { WIRE_VARINT = 0, WIRE_LENGTH = 2, WIRE_32 = 5 };

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void put_varint(struct text *message, uint64_t value) {
    uint8_t bytes[10];
    size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = (uint8_t)(value | 0x80);
    bytes[count++] = (uint8_t)value;
    text_write(message, bytes, count);
}

static void put_tag(struct text *message, int field, enum wire_type type) {
    put_varint(message, (uint64_t)field << 3 | (uint64_t)type);
}

void protobuf_int(struct text *message, int field, int64_t value) {
    put_tag(message, field, WIRE_VARINT);
    put_varint(message, (uint64_t)value);
}

void protobuf_float(struct text *message, int field, float value) {
    put_tag(message, field, WIRE_32);
    text_write(message, &value, sizeof value); /* little endian, as are all machines built for */
}

void protobuf_head(struct text *message, int field, size_t size) {
    put_tag(message, field, WIRE_LENGTH);
    put_varint(message, size);
}

void protobuf_bytes(struct text *message, int field, const void *bytes, size_t size) {
    protobuf_head(message, field, size);
    if (size) text_write(message, bytes, size);
}

void protobuf_string(struct text *message, int field, const char *value) {
    protobuf_bytes(message, field, value, strlen(value));
}

void protobuf_message(struct text *message, int field, const struct text *inner) {
    protobuf_bytes(message, field, inner->s, inner->length);
}
