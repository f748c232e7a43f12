#include "report/page_plots.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/stats.h"
#include "report/compare_words.h"
#include "report/page_scale.h"
#include "report/page_svg.h"

enum { WIDTH = 400, LEFT = 58, RIGHT = 24, TOP = 12, HEIGHT = 170, STRIP = 24 };

static const char *const direction[] = {"lower is better", "described, not judged",
                                        "higher is better"};

static double place_x(int member, int members) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (member + 0.5) / members;
}

static double place_y(struct page_scale scale, double value) {
    return TOP + HEIGHT * (1 - page_scale_at(scale, value));
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
    int steps = page_scale_steps(scale);
    for (int i = 0; i <= steps; i++) {
        double value = page_scale_step(scale, i), y = place_y(scale, value);
        text_add(out,
                 "<path class=\"guide\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%.4g</text>\n",
                 LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, value);
    }
}

/* Below the axis; turned where they are too long to stand side by side. Returns their height. */
static int put_names(const struct results *r, struct text *out) {
    int fits = (WIDTH - LEFT - RIGHT) / r->member_count / PAGE_SVG_LETTER, longest = 0;
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
        page_svg_name(r->members[m].folder, turned ? 14 : fits, out);
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
    page_svg_name(s->page->comparison->variants[c->variant].name, (NAME - 10) / PAGE_SVG_LETTER,
                  out);
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
    int steps = page_scale_steps(s->scale);
    for (int i = 0; i <= steps; i++) {
        double value = page_scale_step(s->scale, i);
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
    page_svg_name(page->comparison->variants[page->comparison->reference].name, 18, out);
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
