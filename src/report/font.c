#include "report/font.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* The glyphs, drawn for this program: 5 x 7 above the base line, two rows below it. Eight stand in
 * a band, 6 columns each, of which the last is the space between letters. */
#define GLYPH_ROWS 9
#define IN_A_BAND  8

/* clang-format off */
static const char *const bands[][GLYPH_ROWS] = {
    /*       !     "     #     $     %     &     ' */
    {"..... ..#.. .#.#. .#.#. ..#.. ##..# .##.. ..#.. ",
     "..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#.. ",
     "..... ..#.. .#.#. ##### #.#.. ...#. #.#.. ..#.. ",
     "..... ..#.. ..... .#.#. .###. ..#.. .#... ..... ",
     "..... ..#.. ..... ##### ..#.# .#... #.#.# ..... ",
     "..... ..... ..... .#.#. ####. #..## #..#. ..... ",
     "..... ..#.. ..... .#.#. ..#.. #..## .##.# ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* (     )     *     +     ,     -     .     / */
    {"...#. .#... ..... ..... ..... ..... ..... ....# ",
     "..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....# ",
     ".#... ...#. #.#.# ..#.. ..... ..... ..... ...#. ",
     ".#... ...#. .###. ##### ..... ##### ..... ..#.. ",
     ".#... ...#. #.#.# ..#.. ..... ..... ..... .#... ",
     "..#.. ..#.. ..#.. ..#.. ..##. ..... .##.. #.... ",
     "...#. .#... ..... ..... ..#.. ..... .##.. #.... ",
     "..... ..... ..... ..... .#... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* 0     1     2     3     4     5     6     7 */
    {".###. ..#.. .###. ##### ...#. ##### ..##. ##### ",
     "#...# .##.. #...# ...#. ..##. #.... .#... ....# ",
     "#..## ..#.. ....# ..#.. .#.#. ####. #.... ...#. ",
     "#.#.# ..#.. ...#. ...#. #..#. ....# ####. ..#.. ",
     "##..# ..#.. ..#.. ....# ##### ....# #...# .#... ",
     "#...# ..#.. .#... #...# ...#. #...# #...# .#... ",
     ".###. .###. ##### .###. ...#. .###. .###. .#... ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* 8     9     :     ;     <     =     >     ? */
    {".###. .###. ..... ..... ...#. ..... .#... .###. ",
     "#...# #...# .##.. .##.. ..#.. ..... ..#.. #...# ",
     "#...# #...# .##.. .##.. .#... ##### ...#. ....# ",
     ".###. .#### ..... ..... #.... ..... ....# ...#. ",
     "#...# ....# .##.. .##.. .#... ##### ...#. ..#.. ",
     "#...# ...#. .##.. ..#.. ..#.. ..... ..#.. ..... ",
     ".###. .##.. ..... .#... ...#. ..... .#... ..#.. ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* @     A     B     C     D     E     F     G */
    {".###. .###. ####. .###. ###.. ##### ##### .###. ",
     "#...# #...# #...# #...# #..#. #.... #.... #...# ",
     "....# #...# #...# #.... #...# #.... #.... #.... ",
     ".##.# ##### ####. #.... #...# ####. ####. #.### ",
     "#.#.# #...# #...# #.... #...# #.... #.... #...# ",
     "#.#.# #...# #...# #...# #..#. #.... #.... #...# ",
     ".###. #...# ####. .###. ###.. ##### #.... .#### ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* H     I     J     K     L     M     N     O */
    {"#...# .###. ..### #...# #.... #...# #...# .###. ",
     "#...# ..#.. ...#. #..#. #.... ##.## #...# #...# ",
     "#...# ..#.. ...#. #.#.. #.... #.#.# ##..# #...# ",
     "##### ..#.. ...#. ##... #.... #.#.# #.#.# #...# ",
     "#...# ..#.. ...#. #.#.. #.... #...# #..## #...# ",
     "#...# ..#.. #..#. #..#. #.... #...# #...# #...# ",
     "#...# .###. .##.. #...# ##### #...# #...# .###. ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* P     Q     R     S     T     U     V     W */
    {"####. .###. ####. .#### ##### #...# #...# #...# ",
     "#...# #...# #...# #.... ..#.. #...# #...# #...# ",
     "#...# #...# #...# #.... ..#.. #...# #...# #...# ",
     "####. #...# ####. .###. ..#.. #...# #...# #.#.# ",
     "#.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# ",
     "#.... #..#. #..#. ....# ..#.. #...# .#.#. #.#.# ",
     "#.... .##.# #...# ####. ..#.. .###. ..#.. .#.#. ",
     "..... ..... ..... ..... ..... ..... ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* X     Y     Z     [     \     ]     ^     _ */
    {"#...# #...# ##### .###. #.... .###. ..#.. ..... ",
     "#...# #...# ....# .#... #.... ...#. .#.#. ..... ",
     ".#.#. .#.#. ...#. .#... .#... ...#. #...# ..... ",
     "..#.. ..#.. ..#.. .#... ..#.. ...#. ..... ..... ",
     ".#.#. ..#.. .#... .#... ...#. ...#. ..... ..... ",
     "#...# ..#.. #.... .#... ....# ...#. ..... ..... ",
     "#...# ..#.. ##### .###. ....# .###. ..... ..... ",
     "..... ..... ..... ..... ..... ..... ..... ##### ",
     "..... ..... ..... ..... ..... ..... ..... ..... "},
    /* `     a     b     c     d     e     f     g */
    {".#... ..... #.... ..... ....# ..... ..##. ..... ",
     "..#.. ..... #.... ..... ....# ..... .#..# ..... ",
     "...#. .###. #.##. .###. .##.# .###. .#... .#### ",
     "..... ....# ##..# #.... #..## #...# ###.. #...# ",
     "..... .#### #...# #.... #...# ##### .#... #...# ",
     "..... #...# #...# #...# #...# #.... .#... #...# ",
     "..... .#### ####. .###. .#### .###. .#... .#### ",
     "..... ..... ..... ..... ..... ..... ..... ....# ",
     "..... ..... ..... ..... ..... ..... ..... .###. "},
    /* h     i     j     k     l     m     n     o */
    {"#.... ..#.. ...#. #.... .##.. ..... ..... ..... ",
     "#.... ..... ..... #.... ..#.. ..... ..... ..... ",
     "#.##. .##.. ..##. #..#. ..#.. ##.#. #.##. .###. ",
     "##..# ..#.. ...#. #.#.. ..#.. #.#.# ##..# #...# ",
     "#...# ..#.. ...#. ##... ..#.. #.#.# #...# #...# ",
     "#...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...# ",
     "#...# .###. ...#. #..#. .###. #.#.# #...# .###. ",
     "..... ..... #..#. ..... ..... ..... ..... ..... ",
     "..... ..... .##.. ..... ..... ..... ..... ..... "},
    /* p     q     r     s     t     u     v     w */
    {"..... ..... ..... ..... .#... ..... ..... ..... ",
     "..... ..... ..... ..... .#... ..... ..... ..... ",
     "####. .#### #.##. .#### ###.. #...# #...# #...# ",
     "#...# #...# ##..# #.... .#... #...# #...# #...# ",
     "#...# #...# #.... .###. .#... #...# #...# #.#.# ",
     "#...# #...# #.... ....# .#..# #..## .#.#. #.#.# ",
     "####. .#### #.... ####. ..##. .##.# ..#.. .#.#. ",
     "#.... ....# ..... ..... ..... ..... ..... ..... ",
     "#.... ....# ..... ..... ..... ..... ..... ..... "},
    /* x     y     z     {     |     }     ~ */
    {"..... ..... ..... ...#. ..#.. .#... ..... ",
     "..... ..... ..... ..#.. ..#.. ..#.. ..... ",
     "#...# #...# ##### ..#.. ..#.. ..#.. .#... ",
     ".#.#. #...# ...#. .#... ..#.. ...#. #.#.# ",
     "..#.. #...# ..#.. ..#.. ..#.. ..#.. ...#. ",
     ".#.#. #...# .#... ..#.. ..#.. ..#.. ..... ",
     "#...# .#### ##### ...#. ..#.. .#... ..... ",
     "..... ....# ..... ..... ..... ..... ..... ",
     "..... .###. ..... ..... ..... ..... ..... "},
};

/* Hexadecimal digits of 3 x 5 for the code points of characters that have no glyph. */
static const char *const digits[] = {
    /* 0   1   2   3   4   5   6   7   8   9   A   B   C   D   E   F */
    "### .#. ### ### #.# ### ### ### ### ### .#. ##. .## ##. ### ###",
    "#.# ##. ..# ..# #.# #.. #.. ..# #.# #.# #.# #.# #.. #.# #.. #..",
    "#.# .#. ### ### ### ### ### .#. ### ### ### ##. #.. #.# ##. ##.",
    "#.# .#. #.. ..# ..# ..# #.# .#. #.# ..# #.# #.# #.. #.# #.. #..",
    "### ### ### ### ..# ### ### .#. ### ### #.# ##. .## ##. ### #..",
};
/* clang-format on */

#define DIGIT_ROWS   5
#define DIGIT_COLUMN 4 /* the space between digits included */

static bool has_glyph(unsigned code) {
    return code >= 0x20 && code <= 0x7E;
}

/* The code point of a missing character as at least four digits; returns how many. */
static int hex_digits(unsigned code, char hex[12]) {
    return snprintf(hex, 12, "%04X", code);
}

static int advance_of(unsigned code) {
    char hex[12];
    if (has_glyph(code)) return FONT_WIDTH;
    return hex_digits(code, hex) * DIGIT_COLUMN + 5; /* frame, padding and the space after it */
}

int font_width(const char *text, int scale) {
    int width = 0;
    while (*text) {
        int length;
        width += advance_of(text_utf8_decode(text, &length));
        text += length;
    }
    return width * scale;
}

struct pen {
    struct image *image;
    int x, y, scale; /* of the top left corner of the character at hand */
    struct colour colour;
};

static void dot(const struct pen *pen, int column, int row) {
    canvas_fill(pen->image, pen->x + column * pen->scale, pen->y + row * pen->scale, pen->scale,
                pen->scale, pen->colour);
}

static void draw_glyph(const struct pen *pen, unsigned code) {
    unsigned index = code - 0x20;
    const char *const *band = bands[index / IN_A_BAND];
    int first = (int)(index % IN_A_BAND) * FONT_WIDTH;
    for (int row = 0; row < GLYPH_ROWS; row++) {
        for (int column = 0; column < FONT_WIDTH; column++)
            if (band[row][first + column] == '#') dot(pen, column, row);
    }
}

static void draw_frame(const struct pen *pen, int width) {
    for (int column = 0; column < width; column++) {
        dot(pen, column, 0);
        dot(pen, column, GLYPH_ROWS - 1);
    }
    for (int row = 0; row < GLYPH_ROWS; row++) {
        dot(pen, 0, row);
        dot(pen, width - 1, row);
    }
}

static void draw_missing(const struct pen *pen, unsigned code) {
    char hex[12];
    int count = hex_digits(code, hex);
    draw_frame(pen, count * DIGIT_COLUMN + 3);
    for (int i = 0; i < count; i++) {
        int digit = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'A' + 10;
        for (int row = 0; row < DIGIT_ROWS; row++) {
            for (int column = 0; column < 3; column++)
                if (digits[row][digit * DIGIT_COLUMN + column] == '#')
                    dot(pen, 2 + i * DIGIT_COLUMN + column, 2 + row);
        }
    }
}

void font_draw(struct image *image, int x, int y, const char *text, int scale,
               struct colour colour) {
    assert(image->channels == 3 && scale > 0);
    struct pen pen = {image, x, y, scale, colour};
    while (*text && pen.x < image->width) {
        int length;
        unsigned code = text_utf8_decode(text, &length);
        if (has_glyph(code)) {
            draw_glyph(&pen, code);
        } else {
            draw_missing(&pen, code);
        }
        pen.x += advance_of(code) * scale;
        text += length;
    }
}

/* Where each character of `text` starts, and its end; *count of them without the end. The caller
 * frees it. */
static size_t *find_starts(const char *text, size_t *count) {
    size_t *starts = mem_array(strlen(text) + 1, sizeof *starts);
    *count = 0;
    while (text[starts[*count]]) {
        int length;
        text_utf8_decode(text + starts[*count], &length);
        starts[*count + 1] = starts[*count] + (size_t)length;
        ++*count;
    }
    return starts;
}

char *font_fit(const char *text, int scale, int width) {
    if (font_width(text, scale) <= width) return mem_strdup(text);
    size_t count;
    size_t *starts = find_starts(text, &count);
    /* Characters from the front and from the back in turn, as many as fit beside the dots. */
    size_t head = 0, tail = count;
    int left = width - font_width("..", scale);
    while (head < tail) {
        bool front = head <= count - tail;
        int length;
        left -=
            advance_of(text_utf8_decode(text + starts[front ? head : tail - 1], &length)) * scale;
        if (left < 0) break;
        if (front) {
            head++;
        } else {
            tail--;
        }
    }
    size_t size = strlen(text) + 3;
    char *out = mem_alloc(size);
    snprintf(out, size, "%.*s..%s", (int)starts[head], text, text + starts[tail]);
    mem_free(starts);
    return out;
}
