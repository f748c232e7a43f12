#include "report/page_times.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

struct times {
    double *samples;
    int count;
    struct timing_summary summary;
};

static struct times times_of(const struct timing *timing, int row) {
    bool all = row == timing->variant_count;
    struct times t;
    t.samples =
        all ? timing_plan_samples(timing->together) : timing_samples(&timing->variants[row]);
    t.count = all ? timing->together->sample_count : timing->variants[row].plan->sample_count;
    t.summary = timing_summarize(t.samples, t.count);
    return t;
}

/* The bar ends at the median; a tick is a sample, the line is fastest to 95 %. */
static void put_bar(const struct times *t, double most, bool all, struct text *out) {
    double scale = most > 0 ? 98 / most : 0;
    text_add(out,
             "<svg width=\"100%%\" height=\"26\" aria-hidden=\"true\"><rect class=\"bar%s\" "
             "y=\"6\" width=\"%.2f%%\" height=\"14\"/>",
             all ? " shared" : "", t->summary.median * scale);
    for (int i = 0; i < t->count && i < 400; i++) {
        double x = fmin(99.5, t->samples[i] * scale);
        text_add(out, "<line class=\"sample\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"2\" y2=\"24\"/>", x,
                 x);
    }
    text_add(out, "<line class=\"mean\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"13\" y2=\"13\"/></svg>",
             t->summary.min * scale, t->summary.p95 * scale);
}

static void put_row(const struct timing *timing, int row, const struct times *t, double most,
                    struct text *out) {
    bool all = row == timing->variant_count;
    text_put(out, "<tr><th scope=\"row\">");
    text_put_html(out, all ? "all together" : timing->variants[row].name);
    text_put(out, "</th><td class=\"plot\">");
    put_bar(t, most, all, out);
    text_add(out,
             "</td><td class=\"num\">%.2f ms</td><td class=\"num\">%.2f</td><td class=\"num\">%.2f"
             "</td><td class=\"num\">%d</td>",
             1e3 * t->summary.median, 1e3 * t->summary.min, 1e3 * t->summary.p95, t->count);
    text_put(out, "<td>");
    if (!all && timing->variants[row].runs_as) {
        text_put(out, "one computation with ");
        text_put_html(out, timing->variants[row].runs_as);
    }
    text_put(out, "</td></tr>\n");
}

static void put_steps(const struct timing *timing, struct text *out) {
    struct text steps = {0};
    timing_write_steps(timing, &steps);
    text_put(out, "<details><summary>Every step</summary><div class=\"scroll\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"steps\"><pre>");
    text_put_html(out, steps.s ? steps.s : "");
    text_put(out, "</pre></div></details>\n");
    text_free(&steps);
}

void page_times(const struct timing *timing, struct text *out) {
    int rows = timing->variant_count + 1;
    struct times *times = mem_array((size_t)rows, sizeof *times);
    double most = 0;
    for (int v = 0; v < rows; v++) {
        times[v] = times_of(timing, v);
        most = fmax(most, times[v].summary.p95);
    }
    text_put(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"times\">"
                  "<table class=\"facts times\"><thead><tr><th scope=\"col\">variant</th><td></td>"
                  "<th scope=\"col\">median</th><th scope=\"col\">fastest</th><th scope=\"col\">"
                  "95 %</th><th scope=\"col\">samples</th><td></td></tr></thead><tbody>\n");
    for (int v = 0; v < rows; v++) put_row(timing, v, &times[v], most, out);
    text_put(out, "</tbody></table></div>\n");
    for (int v = 0; v < rows; v++) mem_free(times[v].samples);
    mem_free(times);
    text_add(out,
             "<p class=\"soft\">Time of one image in milliseconds, %s, %d thread%s, batch %d, on ",
             timing->isa, timing->threads, timing->threads == 1 ? "" : "s", timing->batch);
    text_put_html(out, timing->machine ? timing->machine : "an unknown machine");
    text_put(out, ". Bar: median; line along it: fastest to 95 %; lines across: every sample. ");
    text_put(out, strcmp(timing->measured, "together") == 0
                      ? "All variants ran in one pass: what several share is counted for each of "
                        "them, and once in the last line. <code>stridelab bench</code> measures "
                        "each alone.</p>\n"
                      : "Each variant was measured alone.</p>\n");
    put_steps(timing, out);
}
