#include "report/page.h"

#include <stdio.h>
#include <string.h>

#include "report/page_images.h"
#include "report/page_plots.h"

enum { EMBED_LIMIT = 12 << 20 }; /* bytes of images that are put inside the page */

/* page.css and page.js, put into the program as they stand (rule and dependency: Makefile). */
#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n.global " #name "\n" #name ":\n.incbin \"" file                     \
            "\"\n.byte 0\n.previous\n");                                                           \
    extern const char name[]
EMBED(page_css, "src/report/page.css");
EMBED(page_js, "src/report/page.js");

/* Paragraphs of escaped text, one a line. */
static void put_lines(const char *lines, struct text *out) {
    while (lines && *lines) {
        size_t length = strcspn(lines, "\n");
        struct text line = {0};
        text_write(&line, lines, length);
        if (length > 0) {
            text_put(out, "<p>");
            text_put_html(out, line.s);
            text_put(out, "</p>\n");
        }
        text_free(&line);
        lines += length + (lines[length] == '\n');
    }
}

static void put_head(const struct page *page, struct text *out) {
    const char *name = page->results->config->name;
    text_put(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<link rel=\"icon\" href=\"data:,\">\n<title>");
    text_put_html(out, name);
    text_put(out, " - stridelab</title>\n<style>\n");
    text_put(out, page_css);
    text_put(out, "</style>\n</head>\n<body>\n");
    /* The difference of two images as a heat map: black, blue, orange, white. */
    text_put(out, "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" style=\"position:absolute\">"
                  "<filter id=\"heat\" color-interpolation-filters=\"sRGB\">"
                  "<feColorMatrix type=\"matrix\" values=\".34 .33 .33 0 0 .34 .33 .33 0 0 "
                  ".34 .33 .33 0 0 0 0 0 1 0\"/><feComponentTransfer>"
                  "<feFuncR type=\"table\" tableValues=\"0 .1 .9 1 1\"/>"
                  "<feFuncG type=\"table\" tableValues=\"0 .2 .45 .8 1\"/>"
                  "<feFuncB type=\"table\" tableValues=\"0 .6 .2 .4 1\"/>"
                  "</feComponentTransfer></filter></svg>\n");
    text_put(out, "<header><h1>");
    text_put_html(out, name);
    text_add(out, "</h1>\n<div class=\"soft\">%d %s, %d %s</div>\n", page->results->member_count,
             page->results->member_count == 1 ? "variant" : "variants", page->results->image_count,
             page->results->image_count == 1 ? "image" : "images");
    text_put(out, "<nav aria-label=\"sections\"><a href=\"#answer\">Answer</a>"
                  "<a href=\"#images\">Images</a><a href=\"#measures\">Measures</a>"
                  "<a href=\"#shapes\">Shapes</a><a href=\"#times\">Times</a>"
                  "<a href=\"#source\">Provenance</a>"
                  "<button id=\"theme\" type=\"button\">light / dark</button></nav></header>\n"
                  "<main>\n");
}

static void put_answer(const struct page *page, struct text *out) {
    struct text summary = {0};
    compare_summary(page->compare, page->comparison, &summary);
    text_put(out, "<h2 id=\"answer\">What this says</h2>\n<div class=\"answer\">\n");
    put_lines(summary.s, out);
    text_put(out, "</div>\n");
    text_free(&summary);
}

static void put_option(const char *value, const char *label, bool selected, struct text *out) {
    text_put(out, "<option value=\"");
    text_put_html(out, value);
    text_put(out, selected ? "\" selected>" : "\">");
    text_put_html(out, label);
    text_put(out, "</option>");
}

static void put_metric_options(const struct page *page, struct text *out) {
    for (int k = 0; k < METRIC_COUNT; k++) {
        if (!compare_has_metric(page->compare, (enum metric)k)) continue;
        char value[16];
        snprintf(value, sizeof value, "%d", k);
        put_option(value, metric_info((enum metric)k)->name, k == (int)page->compare->primary, out);
    }
}

static void put_base_options(const struct results *r, struct text *out) {
    if (r->has_targets) put_option("-1", "target", true, out);
    for (int m = 0; m < r->member_count; m++) {
        char value[16];
        snprintf(value, sizeof value, "%d", m);
        put_option(value, r->members[m].folder, !r->has_targets && m == 0, out);
    }
    put_option("-2", "input", false, out);
}

static void put_tools(const struct page *page, struct text *out) {
    static const struct {
        const char *view, *label;
    } views[] = {{"plain", "Side by side"},
                 {"difference", "Difference"},
                 {"blend", "Blend"},
                 {"slide", "Slide"},
                 {"toggle", "Toggle"}};
    text_put(out, "<div class=\"tools\" role=\"toolbar\" aria-label=\"how to look at the images\">"
                  "<span class=\"views\">");
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        text_add(out,
                 "<button type=\"button\" data-set-view=\"%s\" aria-pressed=\"false\" "
                 "title=\"key %zu\">%s</button>",
                 views[i].view, i + 1, views[i].label);
    text_put(out, "</span>\n<label id=\"base-label\" hidden>against <select id=\"base\">");
    put_base_options(page->results, out);
    text_put(out, "</select></label>\n<label id=\"mix-label\" hidden>mix <input id=\"mix\" "
                  "type=\"range\" min=\"0\" max=\"100\" value=\"50\"></label>\n"
                  "<label>show <select id=\"metric\">");
    put_metric_options(page, out);
    text_put(out, "</select></label>\n<label>sort by <select id=\"sort\">");
    put_option("name", "name", true, out);
    put_option("worst", "worst first", false, out);
    put_option("best", "best first", false, out);
    put_option("disagreement", "disagreement", false, out);
    text_put(out, "</select></label>\n<label>size <input id=\"size\" type=\"range\" min=\"48\" "
                  "max=\"384\" value=\"128\"></label>\n<label><input id=\"worst\" "
                  "type=\"checkbox\"> worst window</label></div>\n");
}

static void put_inspector(struct text *out) {
    text_put(out, "<dialog id=\"inspect\" aria-label=\"inspector\"><div id=\"inspect-bar\">"
                  "<strong id=\"inspect-name\"></strong>"
                  "<button type=\"button\" id=\"inspect-previous\">previous</button>"
                  "<button type=\"button\" id=\"inspect-next\">next</button>"
                  "<button type=\"button\" id=\"zoom-in\" aria-label=\"zoom in\">+</button>"
                  "<button type=\"button\" id=\"zoom-out\" aria-label=\"zoom out\">-</button>"
                  "<button type=\"button\" id=\"inspect-close\">close</button></div>"
                  "<div id=\"inspect-panes\"></div></dialog>\n");
}

static void put_images(const struct page *page, struct text *out) {
    text_put(out,
             "<h2 id=\"images\">Images</h2>\n<p class=\"soft\">Keys 1 to 5 choose the view, w "
             "marks the window that differs most from the target; click an image to look at "
             "it in all columns at once (wheel or + and - zoom, drag pans, arrows step).</p>\n");
    put_tools(page, out);
    page_images(page->results, page->out_dir, EMBED_LIMIT, out);
    put_inspector(out);
}

static void put_measures(const struct page *page, struct text *out) {
    static const enum metric judged[] = {METRIC_DSNR_HI, METRIC_SSIM,    METRIC_L1,
                                         METRIC_IOU,     METRIC_CHAMFER, METRIC_CBI2};
    text_put(out, "<h2 id=\"measures\">Measures</h2>\n");
    if (!page->results->has_targets)
        text_put(out, "<p>No targets were given: detail cannot be told from noise, so only what "
                      "needs no target is measured.</p>\n");
    text_put(out, "<div class=\"plots\">\n");
    page_plot_metric(page->results, page->compare->primary, out);
    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++)
        if (judged[i] != page->compare->primary) page_plot_metric(page->results, judged[i], out);
    text_put(out, "</div>\n<p class=\"soft\">All values are in metrics.csv; metrics.json holds the "
                  "statistics of every pair.</p>\n");
}

static void put_resamples(const struct trace *trace, struct text *out) {
    bool any = false;
    for (int v = 0; v < trace->count; v++) {
        const struct net *net = &trace->variants[v].net;
        for (int b = 0; b < net->block_count; b++) {
            const struct net_block *block = &net->blocks[b];
            if (block->join != JOIN_RESAMPLED) continue;
            text_put(out, any ? "" : "<h3>What was resampled</h3>\n<ul>\n");
            any = true;
            text_put(out, "<li>");
            text_put_html(out, net->name);
            text_put(out, ", ");
            text_put_html(out, block->name);
            text_add(out, ": %dx%d to %dx%d by %s</li>\n", block->join_from.h, block->join_from.w,
                     block->join_to.h, block->join_to.w,
                     config_fit_name(trace->variants[v].config->blocks[b].fit));
        }
    }
    if (any) text_put(out, "</ul>\n");
}

static void put_shapes(const struct page *page, struct text *out) {
    struct text table = {0};
    text_put(out, "<h2 id=\"shapes\">Shapes</h2>\n<div class=\"scroll\">\n");
    trace_svg(page->trace, out);
    text_put(out, "</div>\n");
    put_resamples(page->trace, out);
    trace_table(page->trace, 120, &table);
    text_put(out, "<details><summary>The trace as a table</summary><div class=\"scroll\"><pre>");
    text_put_html(out, table.s ? table.s : "");
    text_put(out, "</pre></div></details>\n");
    text_free(&table);
}

static void put_times(const struct page *page, struct text *out) {
    if (!page->timing) return;
    text_put(out, "<h2 id=\"times\">Times</h2>\n<div class=\"scroll\">\n");
    page_plot_times(page->timing, out);
    text_add(out,
             "</div>\n<p class=\"soft\">Median time of one image (line: fastest to 95%%), %s, "
             "%d threads, batch %d. ",
             page->timing->isa, page->timing->threads, page->timing->batch);
    text_put(out, strcmp(page->timing->measured, "together") == 0
                      ? "All variants ran in one pass: what several share is counted for each of "
                        "them, and once in the last line. `stridelab bench` measures each alone."
                      : "Each variant was measured alone.");
    text_put(out, "</p>\n");
}

static void put_fact(const char *name, const char *value, struct text *out) {
    if (!value) return;
    text_add(out, "<tr><th scope=\"row\">%s</th><td>", name);
    text_put_html(out, value);
    text_put(out, "</td></tr>\n");
}

static void put_source(const struct page *page, struct text *out) {
    const struct results *r = page->results;
    text_put(out, "<h2 id=\"source\">Provenance</h2>\n<div class=\"scroll\"><table class=\"facts\">"
                  "<tbody>\n");
    put_fact("stridelab", page->facts->version, out);
    put_fact("config", r->config->path, out);
    put_fact("config sha256", r->config->sha256, out);
    put_fact("images", page->facts->images, out);
    put_fact("targets", page->facts->targets, out);
    put_fact("machine", page->facts->machine, out);
    put_fact("images decoded by", page->facts->decoder, out);
    for (int m = 0; m < r->member_count; m++) {
        struct text weights = {0};
        text_add(&weights, "%s", bind_origin_name(r->members[m].origin));
        if (r->members[m].weights) text_add(&weights, ", %s", r->members[m].weights);
        if (r->members[m].weights_sha256)
            text_add(&weights, ", sha256 %s", r->members[m].weights_sha256);
        struct text name = {0};
        text_put(&name, "weights of ");
        text_put_html(&name, r->members[m].folder);
        put_fact(name.s, weights.s, out);
        text_free(&name);
        text_free(&weights);
    }
    text_put(out, "</tbody></table></div>\n");
}

void page_write(const struct page *page, struct text *out) {
    put_head(page, out);
    put_answer(page, out);
    put_images(page, out);
    put_measures(page, out);
    put_shapes(page, out);
    put_times(page, out);
    put_source(page, out);
    text_put(out, "</main>\n<footer class=\"soft\">Made by stridelab. Metrics are of the 8-bit "
                  "images as saved, range 255.</footer>\n<script type=\"application/json\" "
                  "id=\"data\">");
    page_data(page->results, out);
    text_put(out, "</script>\n<script>\n");
    text_put(out, page_js);
    text_put(out, "</script>\n</body>\n</html>\n");
}
