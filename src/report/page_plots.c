#include "report/page_plots.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"

enum { WIDTH = 360, HEIGHT = 240, LEFT = 56, RIGHT = 12, TOP = 26, BOTTOM = 40 };

/* A linear scale with round ends and steps. */
struct scale {
    double low, high, step;
};

static struct scale round_scale(double low, double high) {
    if (high <= low) { /* one value */
        double room = fabs(low) > 0 ? 0.05 * fabs(low) : 1;
        low -= room;
        high += room;
    }
    double raw = (high - low) / 4, power = pow(10, floor(log10(raw))), lead = raw / power;
    double step = (lead > 5 ? 10 : lead > 2 ? 5 : lead > 1 ? 2 : 1) * power;
    return (struct scale){floor(low / step) * step, ceil(high / step) * step, step};
}

static double place_y(struct scale s, double value) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (s.high - value) / (s.high - s.low);
}

static double place_x(int member, int members) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (member + 0.5) / members;
}

static void put_axis(struct scale scale, const char *title, const char *unit, struct text *out) {
    text_add(out, "<text x=\"%d\" y=\"14\" font-weight=\"600\">", LEFT);
    text_put_html(out, title);
    if (*unit) text_add(out, " (%s)", unit);
    text_put(out, "</text>\n");
    int steps = (int)lround((scale.high - scale.low) / scale.step);
    for (int i = 0; i <= steps; i++) {
        double value = scale.low + i * scale.step, y = place_y(scale, value);
        text_add(out,
                 "<line class=\"guide\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                 "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n",
                 LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, fabs(value) < 1e-12 ? 0.0 : value);
    }
}

/* The names below, shortened to what fits; the whole name is the tooltip. */
static void put_names(const struct results *r, struct text *out) {
    int fits = (WIDTH - LEFT - RIGHT) / r->member_count / 6;
    for (int m = 0; m < r->member_count; m++) {
        const char *name = r->members[m].folder;
        double x = place_x(m, r->member_count);
        bool whole = text_width(name) <= fits; /* names of variants are ASCII */
        text_add(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x,
                 HEIGHT - BOTTOM + (m % 2 && r->member_count > 3 ? 30 : 16));
        text_put(out, "<title>");
        text_put_html(out, name);
        text_put(out, "</title>");
        if (whole || r->member_count <= 3)
            text_put_html(out, name);
        else
            text_add(out, "%.*s", fits * 2 > 4 ? fits * 2 - 1 : 3, name);
        text_put(out, "</text>\n");
    }
}

static bool range(const struct results *r, enum metric metric, double *low, double *high) {
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

static void put_thread(const struct results *r, enum metric metric, int image, struct scale scale,
                       struct text *out) {
    text_put(out, "<polyline class=\"thread\" points=\"");
    for (int m = 0; m < r->member_count; m++) {
        double value = results_metrics(r, image, m)[metric];
        if (isfinite(value))
            text_add(out, "%.1f,%.1f ", place_x(m, r->member_count), place_y(scale, value));
    }
    text_put(out, "\"/>");
    for (int m = 0; m < r->member_count; m++) {
        double value = results_metrics(r, image, m)[metric];
        if (!isfinite(value)) continue;
        text_add(out, "<circle class=\"dot\" r=\"2.5\" cx=\"%.1f\" cy=\"%.1f\"><title>",
                 place_x(m, r->member_count), place_y(scale, value));
        text_put_html(out, r->images[image].stem);
        text_add(out, ": %.5g</title></circle>", value);
    }
    text_put(out, "\n");
}

static void put_mean(const struct results *r, enum metric metric, int member, struct scale scale,
                     struct text *out) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < r->image_count; i++) {
        double value = results_metrics(r, i, member)[metric];
        if (!isfinite(value)) continue;
        sum += value;
        count++;
    }
    if (count == 0) return;
    double x = place_x(member, r->member_count), y = place_y(scale, sum / count);
    text_add(out,
             "<line class=\"mean\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"><title>mean "
             "%.5g over %d images</title></line>\n",
             x - 14, x + 14, y, y, sum / count, count);
}

void page_plot_metric(const struct results *r, enum metric metric, struct text *out) {
    double low, high;
    if (!range(r, metric, &low, &high)) return;
    struct scale scale = round_scale(low, high);
    const struct metric_info *info = metric_info(metric);
    const char *direction = info->better > 0   ? "higher is better"
                            : info->better < 0 ? "lower is better"
                                               : "described, not judged";
    text_add(out,
             "<figure><svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"",
             WIDTH, HEIGHT, WIDTH, HEIGHT);
    text_put_html(out, info->title);
    text_put(out, " of every image and variant\">\n");
    put_axis(scale, info->title, info->unit, out);
    put_names(r, out);
    for (int i = 0; i < r->image_count; i++) put_thread(r, metric, i, scale, out);
    for (int m = 0; m < r->member_count; m++) put_mean(r, metric, m, scale, out);
    text_add(out, "</svg><figcaption><code>%s</code>, %s</figcaption></figure>\n", info->name,
             direction);
}

void page_plot_times(const struct timing *timing, struct text *out) {
    enum { ROW = 24, NAME = 170, SPAN = 420, NUMBER = 90 };
    int rows = timing->variant_count + 1;
    double most = 0;
    struct timing_summary *summaries = mem_array((size_t)rows, sizeof *summaries);
    for (int v = 0; v < rows; v++) {
        bool all = v == timing->variant_count;
        double *samples =
            all ? timing_plan_samples(timing->together) : timing_samples(&timing->variants[v]);
        int count = all ? timing->together->sample_count : timing->variants[v].plan->sample_count;
        summaries[v] = timing_summarize(samples, count);
        most = fmax(most, summaries[v].p95);
        mem_free(samples);
    }
    text_add(out,
             "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" "
             "aria-label=\"median time per image\">\n",
             NAME + SPAN + NUMBER, rows * ROW, NAME + SPAN + NUMBER, rows * ROW);
    for (int v = 0; v < rows && most > 0; v++) {
        const struct timing_summary *t = &summaries[v];
        int y = v * ROW;
        text_add(out, "<text x=\"0\" y=\"%d\">", y + 16);
        text_put_html(out, v == rows - 1 ? "all together" : timing->variants[v].name);
        text_add(out,
                 "</text><rect class=\"bar%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\"/>"
                 "<line class=\"mean\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                 "<text x=\"%d\" y=\"%d\">%.2f ms</text>\n",
                 v == rows - 1 ? " shared" : "", NAME, y + 4, SPAN * t->median / most,
                 NAME + SPAN * t->min / most, NAME + SPAN * t->p95 / most, y + 11, y + 11,
                 NAME + SPAN + 8, y + 16, 1e3 * t->median);
    }
    text_put(out, "</svg>\n");
    mem_free(summaries);
}
