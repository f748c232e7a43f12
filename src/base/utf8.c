/* UTF-8 and the width of characters on a terminal. */
#include <string.h>

#include "base/text.h"

int text_utf8_length(const char *s, size_t available) {
    const unsigned char *u = (const unsigned char *)s;
    if (available == 0) return 0;
    if (u[0] < 0x80) return 1;
    int length = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || available < (size_t)length) return 0;
    for (int i = 1; i < length; i++)
        if ((u[i] & 0xc0) != 0x80) return 0;
    if (u[0] == 0xe0 && u[1] < 0xa0) return 0; /* overlong */
    if (u[0] == 0xed && u[1] > 0x9f) return 0; /* surrogates */
    if (u[0] == 0xf0 && u[1] < 0x90) return 0; /* overlong */
    if (u[0] == 0xf4 && u[1] > 0x8f) return 0; /* past U+10FFFF */
    return length;
}

unsigned text_utf8_decode(const char *s, int *length) {
    const unsigned char *u = (const unsigned char *)s;
    *length = text_utf8_length(s, strlen(s));
    switch (*length) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
    case 3:
        return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
    case 4:
        return (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6 | (u[3] & 0x3fu);
    default:
        *length = 1;
        return 0xfffd;
    }
}

/* Ranges of the Unicode East Asian Width property W and F, joined where only unassigned code points
 * lie between, and the combining marks that a file name is likely to hold. */
static const struct {
    unsigned first, last;
} wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
            {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
            {0xffe0, 0xffe6},   {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f},
            {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}},
  narrow[] = {
      {0x300, 0x36f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

static int char_width(unsigned c) {
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
        if (c >= narrow[i].first && c <= narrow[i].last) return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (c >= wide[i].first && c <= wide[i].last) return 2;
    return 1;
}

int text_width(const char *s) {
    int width = 0, length;
    for (; *s; s += length) width += char_width(text_utf8_decode(s, &length));
    return width;
}
