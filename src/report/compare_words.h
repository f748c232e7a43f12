/* A comparison as sentences for readers of a page: what compare_text.c says in figures. */
#ifndef REPORT_COMPARE_WORDS_H
#define REPORT_COMPARE_WORDS_H

#include "report/compare.h"

/* What may be concluded from a contrast: of what sort it is, for a colour beside the words. */
enum tone { TONE_NONE, TONE_BETTER, TONE_WORSE, TONE_EQUAL, TONE_OPEN };
enum tone compare_words_tone(enum verdict verdict);

/* Two or three words: "keeps more", "no verdict". */
const char *compare_words_short(enum verdict verdict);

/* How the weights of a contrast's two variants were come by: "transplanted weights". */
const char *compare_words_weights(const struct comparison *comparison,
                                  const struct contrast *contrast);

/* Places behind the point that an interval of this width is worth. */
int compare_words_places(const struct interval *interval);

/* One line: who is better, worse, equivalent; or why nobody can be called so. */
void compare_words_headline(const struct compare *compare, const struct comparison *comparison,
                            struct text *out);

/* The sentences of one contrast, without the variant's name before them and without a line's end:
 * the verdict with its reason, then the two means and their difference with its interval. */
void compare_words_contrast(const struct compare *compare, const struct comparison *comparison,
                            const struct contrast *contrast, struct text *out);

#endif
