/* Numbers and shapes as words, for people. Each appends to a text. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "base/text.h"
#include "net/graph.h"

void words_shape(struct text *t, struct shape shape);            /* 512x2x2 */
void words_size(struct text *t, int height, int width);          /* 256x256 */
void words_square(struct text *t, struct extent extent);         /* 4, or 4x3 when not square */
void words_count(struct text *t, uint64_t count);                /* 55,461,505 */
void words_si(struct text *t, double value);                     /* 5.949 G */
void words_percent(struct text *t, double part, double whole);   /* 12.8 % */
void words_down(struct text *t, const struct config_down *down); /* k4s2p1 */
/* T k4s2p1 (+1: output_padding), up2 k3p1, shuffle2 k3p1, k3p1 */
void words_up(struct text *t, const struct config_up *up);

/* Adds `s` wrapped at spaces to lines of at most `columns` (0: one line), each indented by `indent`
 * but the first, which begins with `first`; ends the last line. */
void words_wrap(struct text *t, const char *first, const char *s, int indent, int columns);

#endif
