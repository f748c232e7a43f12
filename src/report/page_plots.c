#include "report/page_plots.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/stats.h"
#include "report/compare_words.h"
#include "report/page_scale.h"

enum { WIDTH = 400, LEFT = 58, RIGHT = 24, TOP = 12, HEIGHT = 170, LETTER = 6, STRIP = 24 };

static const char *const direction[] = {"lower is better", "described, not judged",
                                        "higher is better"};

static double place_x(int member, int members) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (member + 0.5) / members;
}

static double place_y(struct page_scale scale, double value) {
    return TOP + HEIGHT * (1 - page_scale_at(scale, value));
}

static double zero_if_tiny(double value, struct page_scale scale) {
    return fabs(value) < 1e-9 * scale.step ? 0 : value;
}

/* A name in at most `letters` letters, the whole of it as a tooltip. Names of variants are ASCII.
 */
static void put_short(const char *name, int letters, struct text *out) {
    struct text shown = {0};
    if (text_width(name) <= letters)
        text_put(&shown, name);
    else
        text_add(&shown, "%.*s..", letters > 3 ? letters - 2 : 1, name);
    text_put(out, "<title>");
    text_put_html(out, name);
    text_put(out, "</title>");
    text_put_html(out, shown.s ? shown.s : "");
    text_free(&shown);
}

/* One metric of one member in ascending order; the caller frees it. */
static double *sorted_values(const struct results *r, enum metric metric, int member, int *count) {
    double *values = mem_array((size_t)r->image_count + 1, sizeof *values);
    *count = 0;
    for (int i = 0; i < r->image_count; i++) {
        double value = results_metrics(r, i, member)[metric];
        if (isfinite(value)) values[(*count)++] = value;
    }
    stats_sort(values, (size_t)*count);
    return values;
}

static bool value_range(const struct results *r, enum metric metric, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (int i = 0; i < r->image_count; i++) {
        for (int m = 0; m < r->member_count; m++) {
            double value = results_metrics(r, i, m)[metric];
            if (!isfinite(value)) continue;
            *low = fmin(*low, value);
            *high = fmax(*high, value);
        }
    }
    return *low <= *high;
}

static void put_axis(struct page_scale scale, struct text *out) {
    int steps = (int)lround((scale.high - scale.low) / scale.step);
    for (int i = 0; i <= steps && i <= 20; i++) {
        double value = scale.low + i * scale.step, y = place_y(scale, value);
        text_add(out,
                 "<path class=\"guide\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%.4g</text>\n",
                 LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, zero_if_tiny(value, scale));
    }
}

/* Below the axis; turned where they are too long to stand side by side. Returns their height. */
static int put_names(const struct results *r, struct text *out) {
    int fits = (WIDTH - LEFT - RIGHT) / r->member_count / LETTER, longest = 0;
    for (int m = 0; m < r->member_count; m++) {
        int width = text_width(r->members[m].folder);
        longest = width > longest ? width : longest;
    }
    bool turned = longest > fits;
    for (int m = 0; m < r->member_count; m++) {
        double x = place_x(m, r->member_count), y = TOP + HEIGHT + 16;
        if (turned)
            text_add(out,
                     "<text transform=\"translate(%.1f %.1f) rotate(-35)\" "
                     "text-anchor=\"end\">",
                     x + 4, y);
        else
            text_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x, y);
        put_short(r->members[m].folder, turned ? 14 : fits, out);
        text_put(out, "</text>\n");
    }
    return turned ? 24 + (longest < 14 ? longest : 14) * 4 : 24;
}

/* One path for all threads and one for all dots, so that 200 images stay cheap. */
static void put_threads(const struct results *r, enum metric metric, struct page_scale scale,
                        struct text *out) {
    text_put(out, "<path class=\"thread\" d=\"");
    for (int i = 0; i < r->image_count; i++) {
        bool drawing = false;
        for (int m = 0; m < r->member_count; m++) {
            double value = results_metrics(r, i, m)[metric];
            if (isfinite(value))
                text_add(out, "%c%.1f %.1f", drawing ? 'L' : 'M', place_x(m, r->member_count),
                         place_y(scale, value));
            drawing = isfinite(value);
        }
    }
    text_put(out, "\"/>\n<path class=\"dots\" d=\"");
    for (int i = 0; i < r->image_count; i++) {
        for (int m = 0; m < r->member_count; m++) {
            double value = results_metrics(r, i, m)[metric];
            if (isfinite(value))
                text_add(out, "M%.1f %.1fh0", place_x(m, r->member_count), place_y(scale, value));
        }
    }
    text_put(out, "\"/>\n");
}

static void put_box(const struct results *r, enum metric metric, int member,
                    struct page_scale scale, struct text *out) {
    int count;
    double *v = sorted_values(r, metric, member, &count);
    if (count) {
        size_t n = (size_t)count;
        double x = place_x(member, r->member_count), mean = stats_mean(v, n);
        double high = place_y(scale, stats_quantile(v, n, 0.75));
        double low = place_y(scale, stats_quantile(v, n, 0.25));
        text_add(out,
                 "<g><title>mean %.4g, median %.4g, middle half %.4g to %.4g, %d images</title>"
                 "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"20\" height=\"%.1f\"/>"
                 "<path class=\"mean\" d=\"M%.1f %.1fh28\"/></g>\n",
                 mean, stats_quantile(v, n, 0.5), stats_quantile(v, n, 0.25),
                 stats_quantile(v, n, 0.75), count, x - 10, high, fmax(low - high, 1), x - 14,
                 place_y(scale, mean));
    }
    mem_free(v);
}

/* ---- differences against the reference ---- */

struct strips {
    const struct page *page;
    enum metric metric;
    struct page_scale scale;
    int top, count;
};

enum { NAME = 112 };

static double strip_x(const struct strips *s, double value) {
    return NAME + (WIDTH - RIGHT - NAME) * page_scale_at(s->scale, value);
}

/* Positive: better than the reference; averaged over training seeds. NaN without either. */
static double oriented(const struct compare *compare, const struct compare_variant *v,
                       enum metric metric, int image) {
    double sum = 0;
    for (int s = 0; s < v->seeds; s++)
        sum += metric_oriented(metric, compare_values(compare, image, v->first + s)[metric]);
    return sum / v->seeds;
}

static double difference_of(const struct page *page, const struct contrast *c, int image) {
    const struct comparison *comparison = page->comparison;
    return oriented(page->compare, &comparison->variants[c->variant], c->metric, image) -
           oriented(page->compare, &comparison->variants[comparison->reference], c->metric, image);
}

static bool strip_range(struct strips *s) {
    double low = 0, high = 0;
    for (int k = 0; k < s->page->comparison->contrast_count; k++) {
        const struct contrast *c = &s->page->comparison->contrasts[k];
        if (c->metric != s->metric || !c->paired.n) continue;
        s->count++;
        for (int i = 0; i < s->page->compare->image_count; i++) {
            double d = difference_of(s->page, c, i);
            if (!isfinite(d)) continue;
            low = fmin(low, d);
            high = fmax(high, d);
        }
    }
    s->scale = page_scale_make(low, high, 4);
    return s->count > 0;
}

static void put_strip(const struct strips *s, const struct contrast *c, int row, struct text *out) {
    int y = s->top + row * STRIP + STRIP / 2;
    const struct interval *interval = &c->paired.interval;
    text_add(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", NAME - 10, y + 4);
    put_short(s->page->comparison->variants[c->variant].name, (NAME - 10) / LETTER, out);
    text_put(out, "</text><path class=\"dots\" d=\"");
    for (int i = 0; i < s->page->compare->image_count; i++) {
        double d = difference_of(s->page, c, i);
        if (isfinite(d)) text_add(out, "M%.1f %dh0", strip_x(s, d), y);
    }
    text_add(out,
             "\"/><g><title>mean difference %+.3g [%+.3g, %+.3g], %zu images</title>"
             "<path class=\"interval\" d=\"M%.1f %dH%.1f\"/><circle class=\"point\" cx=\"%.1f\" "
             "cy=\"%d\" r=\"4\"/></g>\n",
             c->paired.mean, interval->low, interval->high, c->paired.n, strip_x(s, interval->low),
             y, strip_x(s, interval->high), strip_x(s, c->paired.mean), y);
}

static void put_strip_ground(const struct strips *s, struct text *out) {
    int bottom = s->top + s->count * STRIP;
    double margin = s->page->compare->margins[s->metric];
    if (margin > 0) {
        double left = strip_x(s, fmax(-margin, s->scale.low));
        double right = strip_x(s, fmin(margin, s->scale.high));
        text_add(out, "<rect class=\"margin\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                 left, s->top, right - left, bottom - s->top);
    }
    int steps = (int)lround((s->scale.high - s->scale.low) / s->scale.step);
    for (int i = 0; i <= steps && i <= 20; i++) {
        double value = zero_if_tiny(s->scale.low + i * s->scale.step, s->scale);
        double x = strip_x(s, value);
        text_add(out,
                 "<path class=\"%s\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" "
                 "text-anchor=\"middle\">%s%.3g</text>\n",
                 value == 0 ? "zero" : "guide", x, s->top, bottom, x, bottom + 14,
                 value > 0 ? "+" : "", value);
    }
}

/* Returns the height that the differences take. */
static int put_strips(const struct page *page, enum metric metric, int top, struct text *out) {
    struct strips s = {.page = page, .metric = metric, .top = top + 22};
    if (!strip_range(&s)) return 0;
    text_add(out, "<text x=\"%d\" y=\"%d\">difference from ", LEFT, top + 12);
    put_short(page->comparison->variants[page->comparison->reference].name, 18, out);
    text_put(out, " (right: better)</text>\n");
    put_strip_ground(&s, out);
    int row = 0;
    for (int k = 0; k < page->comparison->contrast_count; k++) {
        const struct contrast *c = &page->comparison->contrasts[k];
        if (c->metric == metric && c->paired.n) put_strip(&s, c, row++, out);
    }
    return 22 + s.count * STRIP + 20;
}

void page_plot_metric(const struct page *page, enum metric metric, struct text *out) {
    const struct results *r = page->results;
    const struct metric_info *info = metric_info(metric);
    double low, high;
    if (!value_range(r, metric, &low, &high)) return;
    struct page_scale scale = page_scale_make(low, high, 4);
    struct text drawing = {0};
    put_axis(scale, &drawing);
    int names = put_names(r, &drawing);
    for (int m = 0; m < r->member_count; m++) put_box(r, metric, m, scale, &drawing);
    put_threads(r, metric, scale, &drawing);
    int height = TOP + HEIGHT + names;
    height += put_strips(page, metric, height, &drawing);
    text_put(out, "<figure><figcaption><b>");
    text_put_html(out, info->title);
    text_add(out, "</b> <code>%s</code><br>%s%s%s</figcaption>\n", info->name, info->unit,
             *info->unit ? ", " : "", direction[info->better + 1]);
    text_add(out,
             "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
             WIDTH, height, WIDTH, height);
    text_put_html(out, info->title);
    text_put(out, " of every image and variant\">\n");
    text_write(out, drawing.s, drawing.length);
    text_put(out, "</svg></figure>\n");
    text_free(&drawing);
}

/* ---- the forest ---- */

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
    int steps = (int)lround((scale.high - scale.low) / scale.step);
    for (int i = 0; i <= steps && i <= 20; i++) {
        double value = zero_if_tiny(scale.low + i * scale.step, scale);
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

void page_plot_forest(const struct compare *compare, const struct comparison *comparison,
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
