#include "report/words.h"

#include <inttypes.h>
#include <string.h>

void words_shape(struct text *t, struct shape shape) {
    text_add(t, "%dx%dx%d", shape.c, shape.h, shape.w);
}

void words_size(struct text *t, int height, int width) {
    text_add(t, "%dx%d", height, width);
}

void words_square(struct text *t, struct extent extent) {
    text_add(t, "%d", extent.h);
    if (extent.w != extent.h) text_add(t, "x%d", extent.w);
}

void words_count(struct text *t, uint64_t count) {
    if (count >= 1000) {
        words_count(t, count / 1000);
        text_add(t, ",%03" PRIu64, count % 1000);
    } else {
        text_add(t, "%" PRIu64, count);
    }
}

void words_si(struct text *t, double value) {
    static const char *const prefixes[] = {"", " K", " M", " G", " T", " P"};
    int power = 0;
    while (value >= 999.9995 && power < 5) {
        value /= 1000;
        power++;
    }
    text_add(t, power ? "%.3f%s" : "%.0f%s", value, prefixes[power]);
}

void words_percent(struct text *t, double part, double whole) {
    text_add(t, "%.1f %%", whole > 0 ? 100 * part / whole : 0.0);
}

static void conv(struct text *t, struct extent kernel, struct extent stride,
                 struct extent padding) {
    text_put(t, "k");
    words_square(t, kernel);
    if (stride.h) {
        text_put(t, "s");
        words_square(t, stride);
    }
    text_put(t, "p");
    words_square(t, padding);
}

void words_down(struct text *t, const struct config_down *down) {
    conv(t, down->kernel, down->stride, down->padding);
}

void words_up(struct text *t, const struct config_up *up) {
    const struct extent none = {0, 0};
    if (up->decoder == DECODER_UPSAMPLE_CONV || up->decoder == DECODER_PIXEL_SHUFFLE) {
        text_put(t, up->decoder == DECODER_UPSAMPLE_CONV ? "up" : "shuffle");
        words_square(t, up->scale);
        text_put(t, " ");
    }
    bool transposed = up->decoder == DECODER_CONV_TRANSPOSE;
    if (transposed) text_put(t, "T ");
    conv(t, up->kernel, transposed ? up->stride : none, up->padding);
    if (transposed && (up->output_padding.h || up->output_padding.w)) {
        text_put(t, "+");
        words_square(t, up->output_padding);
    }
}

void words_wrap(struct text *t, const char *first, const char *s, int indent, int columns) {
    text_put(t, first);
    int used = text_width(first);
    bool fresh = true; /* nothing but the indent stands on the line */
    while (*s) {
        size_t length = strcspn(s, " ");
        struct text word = {0};
        text_write(&word, s, length);
        int width = word.s ? text_width(word.s) : 0;
        if (!fresh && columns > 0 && used + 1 + width > columns) {
            text_add(t, "\n%*s", indent, "");
            used = indent;
            fresh = true;
        }
        if (!fresh) text_put(t, " ");
        used += width + !fresh;
        if (word.s) text_put(t, word.s);
        fresh = false;
        text_free(&word);
        s += length;
        if (*s == ' ') s++;
    }
    text_put(t, "\n");
}
