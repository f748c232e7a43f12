#include "report/page_forest.h"

#include <math.h>

#include "report/compare_words.h"
#include "report/page_scale.h"

static struct page_scale forest_scale(const struct compare *compare,
                                      const struct comparison *comparison) {
    double margin = compare->margins[compare->primary], low = -margin, high = margin;
    for (int i = 0; i < comparison->primary_count; i++) {
        const struct paired *p = &comparison->contrasts[i].paired;
        if (!p->n) continue;
        low = fmin(low, p->interval.low);
        high = fmax(high, p->interval.high);
    }
    return page_scale_make(low, high, 4);
}

static double per_cent(struct page_scale scale, double value) {
    return 4 + 92 * page_scale_at(scale, value);
}

static void put_forest_ground(const struct compare *compare, struct page_scale scale,
                              struct text *out) {
    double margin = compare->margins[compare->primary], zero = per_cent(scale, 0);
    double left = per_cent(scale, -margin), right = per_cent(scale, margin);
    if (margin > 0)
        text_add(out,
                 "<rect class=\"margin\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"0\" height=\"100%%\"/>",
                 left, right - left);
    text_add(out, "<line class=\"zero\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>", zero,
             zero);
}

static void put_forest_row(const struct compare *compare, const struct comparison *comparison,
                           const struct contrast *c, struct page_scale scale, struct text *out) {
    static const char *const tones[] = {[TONE_NONE] = "none",
                                        [TONE_BETTER] = "good",
                                        [TONE_WORSE] = "bad",
                                        [TONE_EQUAL] = "equal",
                                        [TONE_OPEN] = "open"};
    const struct interval *interval = &c->paired.interval;
    int places = compare_words_places(interval);
    text_put(out, "<tr><th scope=\"row\" title=\"");
    text_put_html(out, comparison->variants[c->variant].name);
    text_put(out, "\">");
    text_put_html(out, comparison->variants[c->variant].name);
    text_put(out,
             "</th><td class=\"plot\"><svg width=\"100%\" height=\"32\" aria-hidden=\"true\">");
    put_forest_ground(compare, scale, out);
    if (c->paired.n)
        text_add(out,
                 "<line class=\"interval\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"16\" y2=\"16\"/>"
                 "<circle class=\"point\" cx=\"%.2f%%\" cy=\"16\" r=\"5\"/>",
                 per_cent(scale, interval->low), per_cent(scale, interval->high),
                 per_cent(scale, c->paired.mean));
    text_put(out, "</svg></td><td class=\"num\">");
    if (c->paired.n)
        text_add(out, "%+.*f <span class=\"soft\">[%+.*f, %+.*f]</span>", places, c->paired.mean,
                 places, interval->low, places, interval->high);
    text_add(out, "</td><td><span class=\"verdict %s\">%s</span></td></tr>\n",
             tones[compare_words_tone(c->verdict)], compare_words_short(c->verdict));
}

static void put_forest_axis(struct page_scale scale, struct text *out) {
    text_put(out, "<tr class=\"axis-row\" aria-hidden=\"true\"><td></td><td class=\"plot\"><svg "
                  "width=\"100%\" height=\"34\">");
    int steps = page_scale_steps(scale);
    for (int i = 0; i <= steps; i++) {
        double value = page_scale_step(scale, i);
        text_add(out, "<text x=\"%.2f%%\" y=\"12\" text-anchor=\"middle\">%s%.3g</text>",
                 per_cent(scale, value), value > 0 ? "+" : "", value);
    }
    double zero = per_cent(scale, 0);
    text_add(out,
             "<text x=\"%.2f%%\" y=\"28\" dx=\"-6\" text-anchor=\"end\">\u2190 worse</text><text "
             "x=\"%.2f%%\" y=\"28\" dx=\"6\">better \u2192</text></svg></td><td></td><td></td>"
             "</tr>\n",
             zero, zero);
}

void page_forest(const struct compare *compare, const struct comparison *comparison,
                 struct text *out) {
    const struct metric_info *info = metric_info(compare->primary);
    struct page_scale scale = forest_scale(compare, comparison);
    text_put(out, "<table class=\"forest\"><caption>");
    text_add(out, "Difference of %s (<code>%s</code>) from ", info->title, info->name);
    text_put_html(out, comparison->variants[comparison->reference].name);
    text_add(out, " with its %g %% interval", 100 * compare->bootstrap.level);
    if (compare->margins[compare->primary] > 0)
        text_add(out, "; shaded: the margin, \u00b1%g%s%s", compare->margins[compare->primary],
                 *info->unit ? " " : "", info->unit);
    text_put(out, "</caption><thead><tr><th scope=\"col\">variant</th><td></td><th scope=\"col\">"
                  "difference");
    if (*info->unit) text_add(out, ", %s", info->unit);
    text_put(out, "</th><th scope=\"col\">verdict</th></tr></thead><tbody>\n");
    for (int i = 0; i < comparison->primary_count; i++)
        put_forest_row(compare, comparison, &comparison->contrasts[i], scale, out);
    put_forest_axis(scale, out);
    text_put(out, "</tbody></table>\n");
}
