#include "report/page_spectra.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/page_scale.h"
#include "report/page_svg.h"

enum { WIDTH = 420, LEFT = 40, RIGHT = 104, TOP = 20, HEIGHT = 210, FOOT = 36 };
enum { PLOT = WIDTH - LEFT - RIGHT, LEADER = 18, LINE = 13 };
enum { COLOURS = 6, DASHES = 3, ROWS = 16, TARGET = -1 };

enum kind { KIND_POWER, KIND_GAIN, KIND_FRC };

static const struct {
    const char *title, *unit;
    int places; /* behind the point, in the table */
} kinds[] = {
    [KIND_POWER] = {"power", "dB; 0: white noise of variance 1, white being 1", 1},
    [KIND_GAIN] = {"power against the target's", "dB; below 0: blur, above: noise or artefacts", 2},
    [KIND_FRC] = {"Fourier ring correlation with the target",
                  "1: detail in its place; dotted: 0.5, for <code>frc_cutoff</code>", 3},
};

struct plot {
    const struct comparison *comparison;
    const struct spectra *spectra;
    enum kind kind;
    struct page_scale scale;
};

static int first_series(const struct plot *plot) {
    return plot->kind == KIND_POWER && plot->spectra->has_targets ? TARGET : 0;
}

static const struct spectra_curve *curve_of(const struct plot *plot, int series) {
    const struct spectra_variant *variant = &plot->spectra->variants[series < 0 ? 0 : series];
    if (series == TARGET) return &plot->spectra->target;
    return plot->kind == KIND_POWER  ? &variant->power
           : plot->kind == KIND_GAIN ? &variant->gain
                                     : &variant->frc;
}

static const char *name_of(const struct plot *plot, int series) {
    return series == TARGET ? "target" : plot->comparison->variants[series].name;
}

/* Bit for bit, as points that have no value are NaN. */
static bool is_same(const struct spectra_curve *a, const struct spectra_curve *b) {
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): as said */
    return memcmp(a, b, sizeof *a) == 0;
}

/* The earliest variant with the same curve: one line is drawn for both, with two names. */
static int drawn_as(const struct plot *plot, int series) {
    int other = series < 0 ? series : 0;
    while (!is_same(curve_of(plot, other), curve_of(plot, series))) other++;
    return other;
}

static double x_of(double frequency) {
    return LEFT + PLOT * frequency / 0.5;
}

static double point_x(const struct plot *plot, int point) {
    return x_of(spectra_frequency(plot->spectra, point));
}

static double y_of(const struct plot *plot, double value) {
    double at = page_scale_at(plot->scale, value);
    return TOP + HEIGHT * (1 - fmin(fmax(at, 0), 1));
}

static void put_class(int series, struct text *out) {
    if (series == TARGET)
        text_put(out, "target");
    else
        text_add(out, "s%d d%d", series % COLOURS, series / COLOURS % DASHES);
}

/* ---- the ground ---- */

/* False when there is nothing to draw: all images are flat. */
static bool find_scale(struct plot *plot) {
    bool any = false;
    double low = plot->kind == KIND_POWER ? INFINITY : 0;
    double high = plot->kind == KIND_POWER ? -INFINITY : plot->kind == KIND_FRC ? 1 : 0;
    for (int s = first_series(plot); s < plot->spectra->variant_count; s++) {
        const struct spectra_curve *curve = curve_of(plot, s);
        for (int j = 0; j < plot->spectra->points; j++) {
            if (isnan(curve->mean[j])) continue;
            any = true;
            low = fmin(low, fmin(curve->mean[j], curve->low[j]));
            high = fmax(high, fmax(curve->mean[j], curve->high[j]));
        }
    }
    if (any) plot->scale = page_scale_make(low, high, 5);
    return any;
}

static void put_values(const struct plot *plot, struct text *out) {
    for (int i = 0; i <= page_scale_steps(plot->scale); i++) {
        double value = page_scale_step(plot->scale, i), y = y_of(plot, value);
        bool zero = plot->kind == KIND_GAIN && value == 0;
        text_add(out,
                 "<path class=\"%s\" d=\"M%d %.1fh%d\"/><text x=\"%d\" y=\"%.1f\" "
                 "text-anchor=\"end\">%.4g</text>\n",
                 zero ? "zero" : "guide", LEFT, y, PLOT, LEFT - 6, y + 4, value);
    }
    if (plot->kind == KIND_FRC)
        text_add(out, "<path class=\"zero dashed\" d=\"M%d %.1fh%d\"/>\n", LEFT, y_of(plot, 0.5),
                 PLOT);
}

/* The bands of spectrum.h, whose dsnr are metrics. */
static void put_bands(struct text *out) {
    static const struct {
        double from, to;
        const char *name;
    } bands[] = {{1.0 / 32, 1.0 / 8, "lo"}, {1.0 / 8, 1.0 / 4, "mid"}, {1.0 / 4, 0.5, "hi"}};
    for (size_t i = 0; i < sizeof bands / sizeof *bands; i++)
        text_add(out,
                 "<path class=\"guide\" d=\"M%.1f %dv%d\"/><text x=\"%.1f\" "
                 "y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                 x_of(bands[i].from), TOP - 14, HEIGHT + 14,
                 x_of((bands[i].from + bands[i].to) / 2), TOP - 5, bands[i].name);
}

static void put_frequencies(struct text *out) {
    for (int i = 0; i <= 4; i++)
        text_add(out,
                 "<path class=\"zero\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" "
                 "text-anchor=\"middle\">%g</text>\n",
                 x_of(i / 8.0), TOP + HEIGHT, x_of(i / 8.0), TOP + HEIGHT + 16, i / 8.0);
    text_add(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">cycles per pixel</text>\n",
             LEFT + PLOT / 2, TOP + HEIGHT + 32);
}

/* ---- the lines ---- */

/* A run of points that have values: from *from on, up to the number returned. */
static int next_run(const struct plot *plot, const struct spectra_curve *curve, int *from) {
    int points = plot->spectra->points;
    while (*from < points && isnan(curve->mean[*from])) (*from)++;
    int to = *from;
    while (to < points && !isnan(curve->mean[to])) to++;
    return to;
}

static void put_spread(const struct plot *plot, int series, struct text *out) {
    const struct spectra_curve *curve = curve_of(plot, series);
    text_put(out, "<path class=\"spread ");
    put_class(series, out);
    text_put(out, "\" d=\"");
    for (int from = 0, to; (to = next_run(plot, curve, &from)) > from; from = to) {
        for (int j = from; j < to; j++)
            text_add(out, "%c%.1f %.1f", j == from ? 'M' : 'L', point_x(plot, j),
                     y_of(plot, curve->high[j]));
        for (int j = to - 1; j >= from; j--)
            text_add(out, "L%.1f %.1f", point_x(plot, j), y_of(plot, curve->low[j]));
        text_put(out, "Z");
    }
    text_put(out, "\"/>\n");
}

static void put_line(const struct plot *plot, int series, struct text *out) {
    const struct spectra_curve *curve = curve_of(plot, series);
    text_put(out, "<path class=\"line ");
    put_class(series, out);
    text_put(out, "\" d=\"");
    for (int from = 0, to; (to = next_run(plot, curve, &from)) > from; from = to)
        for (int j = from; j < to; j++)
            text_add(out, "%c%.1f %.1f", j == from ? 'M' : 'L', point_x(plot, j),
                     y_of(plot, curve->mean[j]));
    text_put(out, "\"><title>");
    text_put_html(out, name_of(plot, series));
    text_put(out, "</title></path>\n");
}

/* ---- the names at the ends of the lines ---- */

struct label {
    int series;
    double end, y; /* of the line, of the name */
};

static int by_end(const void *a, const void *b) {
    const struct label *x = a, *y = b;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return x->series - y->series;
}

/* Names a line apart, or as far as there is room, as near as that allows to where lines end. */
static void spread_labels(struct label *labels, int count) {
    double step = fmin(LINE, (double)HEIGHT / count), most = TOP + HEIGHT;
    qsort(labels, (size_t)count, sizeof *labels, by_end);
    for (int i = 0; i < count; i++) {
        labels[i].y = labels[i].end;
        if (i) labels[i].y = fmax(labels[i].y, labels[i - 1].y + step);
    }
    for (int i = count - 1; i >= 0; i--) {
        labels[i].y = fmin(labels[i].y, most);
        most -= step;
    }
}

static void put_label(const struct plot *plot, const struct label *label, struct text *out) {
    text_put(out, "<path class=\"line ");
    put_class(drawn_as(plot, label->series), out);
    text_add(out, "\" d=\"M%d %.1fl%d %.1fh4\"/><text x=\"%d\" y=\"%.1f\">", LEFT + PLOT + 2,
             label->end, LEADER - 8, label->y - label->end, LEFT + PLOT + LEADER, label->y + 4);
    page_svg_name(name_of(plot, label->series), (RIGHT - LEADER) / PAGE_SVG_LETTER, out);
    text_put(out, "</text>\n");
}

static void put_labels(const struct plot *plot, struct text *out) {
    struct label *labels = mem_array((size_t)plot->spectra->variant_count + 1, sizeof *labels);
    int count = 0;
    for (int s = first_series(plot); s < plot->spectra->variant_count; s++) {
        const struct spectra_curve *curve = curve_of(plot, s);
        int last = plot->spectra->points - 1;
        while (last > 0 && isnan(curve->mean[last])) last--;
        if (!isnan(curve->mean[last]))
            labels[count++] = (struct label){s, y_of(plot, curve->mean[last]), 0};
    }
    spread_labels(labels, count);
    for (int i = 0; i < count; i++) put_label(plot, &labels[i], out);
    mem_free(labels);
}

/* ---- the numbers ---- */

static void put_number(const struct plot *plot, double value, struct text *out) {
    text_put(out, "<td class=\"num\">");
    if (!isnan(value)) text_add(out, "%.*f", kinds[plot->kind].places, value);
    text_put(out, "</td>");
}

static void put_table(const struct plot *plot, struct text *out) {
    int points = plot->spectra->points, rows = points < ROWS ? points : ROWS;
    text_put(out, "<details><summary>The means as numbers</summary><div class=\"scroll\" "
                  "tabindex=\"0\" role=\"region\" aria-label=\"");
    text_put(out, kinds[plot->kind].title);
    text_put(out, "\"><table class=\"facts\"><thead><tr><th scope=\"col\">cycles/px</th>");
    for (int s = first_series(plot); s < plot->spectra->variant_count; s++) {
        text_put(out, "<th scope=\"col\">");
        text_put_html(out, name_of(plot, s));
        text_put(out, "</th>");
    }
    text_put(out, "</tr></thead><tbody>\n");
    for (int row = 1; row <= rows; row++) {
        int point = row * points / rows - 1;
        text_add(out, "<tr><th scope=\"row\" class=\"num\">%.4f</th>",
                 spectra_frequency(plot->spectra, point));
        for (int s = first_series(plot); s < plot->spectra->variant_count; s++)
            put_number(plot, curve_of(plot, s)->mean[point], out);
        text_put(out, "</tr>\n");
    }
    text_put(out, "</tbody></table></div></details>\n");
}

static void put_plot(const struct comparison *comparison, enum kind kind, struct text *out) {
    struct plot plot = {.comparison = comparison, .spectra = &comparison->spectra, .kind = kind};
    int height = TOP + HEIGHT + FOOT, last = plot.spectra->variant_count - 1;
    if (!find_scale(&plot)) return;
    text_add(out,
             "<figure class=\"spectrum\"><figcaption><b>%s</b><br>%s</figcaption>\n<svg "
             "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" style=\"--spread: %.3f\" "
             "role=\"img\" aria-label=\"%s over spatial frequency, mean of every variant\">\n",
             kinds[kind].title, kinds[kind].unit, WIDTH, height, WIDTH, height, 0.3 / (last + 2),
             kinds[kind].title);
    put_values(&plot, out);
    put_bands(out);
    put_frequencies(out);
    for (int s = last; s >= first_series(&plot); s--)
        if (drawn_as(&plot, s) == s) put_spread(&plot, s, out);
    for (int s = last; s >= first_series(&plot); s--)
        if (drawn_as(&plot, s) == s) put_line(&plot, s, out);
    put_labels(&plot, out);
    text_put(out, "</svg>\n");
    put_table(&plot, out);
    text_put(out, "</figure>\n");
}

void page_spectra(const struct comparison *comparison, struct text *out) {
    struct text plots = {0};
    if (comparison->spectra.points) put_plot(comparison, KIND_POWER, &plots);
    if (comparison->spectra.has_targets) {
        put_plot(comparison, KIND_GAIN, &plots);
        put_plot(comparison, KIND_FRC, &plots);
    }
    if (plots.s)
        text_add(
            out,
            "<h3>Spectra</h3>\n<p class=\"soft\">Averages over rings of one spatial frequency; "
            "0.5 cycles per pixel is a period of two pixels. Line: mean over images; shaded: "
            "%g to %g %% of them. lo, mid, hi: the bands of <code>dsnr</code>; hi goes on to "
            "the corners of the spectrum. All points are in metrics.json.</p>\n<div "
            "class=\"plots\">\n%s</div>\n",
            100 * SPECTRA_LOW, 100 * SPECTRA_HIGH, plots.s);
    text_free(&plots);
}
