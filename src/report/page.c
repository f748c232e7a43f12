#include "report/page.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "report/heat.h"
#include "report/page_answer.h"
#include "report/page_data.h"
#include "report/page_images.h"
#include "report/page_plots.h"
#include "report/page_source.h"
#include "report/page_spectra.h"
#include "report/page_times.h"
#include "report/words.h"

enum { EMBED_LIMIT = 12 << 20 }; /* bytes of images that are put inside the page */

/* page.css and page.js, put into the program as they stand (rule and dependency: Makefile). */
#define EMBED(name, file)                                                                          \
    __asm__(".section .rodata\n.global " #name "\n" #name ":\n.incbin \"" file                     \
            "\"\n.byte 0\n.previous\n");                                                           \
    extern const char name[]
EMBED(page_css, "src/report/page.css");
EMBED(page_js, "src/report/page.js");

/* Nothing from elsewhere: images beside or inside the page, its own style, and the one script whose
 * hash is given. */
static void put_policy(struct text *out) {
    struct sha256 hash;
    uint8_t digest[32];
    sha256_start(&hash);
    sha256_add(&hash, page_js, strlen(page_js));
    sha256_end(&hash, digest);
    text_put(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "img-src data: file: 'self'; style-src 'unsafe-inline'; script-src 'sha256-");
    text_put_base64(out, digest, sizeof digest);
    text_put(out, "'; base-uri 'none'; form-action 'none'\">\n");
}

/* Heat maps as filters: one image at half strength over the other inverted is half their
 * difference above middle grey, which becomes heat.h's colour. */
static void put_heat(int range, struct text *out) {
    text_add(out,
             "<filter id=\"heat-%d\" x=\"0\" y=\"0\" width=\"100%%\" height=\"100%%\" "
             "color-interpolation-filters=\"sRGB\"><feColorMatrix values=\".299 .587 .114 0 0 "
             ".299 .587 .114 0 0 .299 .587 .114 0 0 0 0 0 1 0\"/><feComponentTransfer>",
             range);
    for (int channel = 0; channel < 3; channel++) {
        text_add(out, "<feFunc%c type=\"table\" tableValues=\"", "RGB"[channel]);
        for (int level = 0; level < 256; level++) {
            int d = level < 127 ? 2 * level - 254 : level > 128 ? 2 * level - 256 : 0;
            struct colour c = heat_colour(d, range);
            uint8_t v = channel == 0 ? c.r : channel == 1 ? c.g : c.b;
            text_add(out, "%s%.3g", level ? " " : "", v / 255.0);
        }
        text_put(out, "\"/>");
    }
    text_put(out, "</feComponentTransfer></filter>\n");
}

static const int heat_ranges[] = {255, 128, 64, 32, 16};
enum { HEAT_RANGES = sizeof heat_ranges / sizeof *heat_ranges, HEAT_FIRST = 128 };

static void put_filters(struct text *out) {
    text_put(out, "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" class=\"filters\">\n");
    for (int i = 0; i < HEAT_RANGES; i++) put_heat(heat_ranges[i], out);
    text_put(out, "</svg>\n");
}

/* The legend of heat maps. */
static void put_ramp(struct text *out) {
    text_put(out, ":root { --ramp: linear-gradient(90deg");
    for (int i = -8; i <= 8; i++) {
        struct colour c = heat_colour(i, 8);
        text_add(out, ", rgb(%d %d %d)", c.r, c.g, c.b);
    }
    text_put(out, "); }\n");
}

/* Images are shown at a whole factor, or at one over a whole number, near these widths. */
enum { CELL = 160, CELL_NARROW = 80 };

static double scale_for(int width, int cell) {
    int smaller = (width + cell - 1) / cell, larger = cell / width;
    if (width > cell) return 1.0 / smaller;
    return larger < 4 ? larger : 4;
}

static void put_scale(const struct results *r, struct text *out) {
    int widest = 1;
    for (int i = 0; i < r->image_count; i++)
        widest = r->images[i].width > widest ? r->images[i].width : widest;
    text_add(out,
             ":root { --scale: %.6g; }\n@media (max-width: 600px) { :root { --scale: %.6g; } }\n",
             scale_for(widest, CELL), scale_for(widest, CELL_NARROW));
}

static void put_counts(const struct page *page, struct text *out) {
    const struct results *r = page->results;
    text_add(out, "%d %s, %d %s%s", r->member_count, r->member_count == 1 ? "variant" : "variants",
             r->image_count, r->image_count == 1 ? "image" : "images",
             r->has_targets ? "" : ", no targets");
    if (page->run_count)
        text_add(out, "; measured again from the files of %d %s", page->run_count,
                 page->run_count == 1 ? "run" : "runs");
}

static void put_head(const struct page *page, struct text *out) {
    const char *name = page->results->config->name;
    text_put(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(out);
    text_put(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<link rel=\"icon\" href=\"data:,\">\n<title>");
    text_put_html(out, name);
    text_put(out, " - stridelab</title>\n<style>\n");
    text_put(out, page_css);
    put_scale(page->results, out);
    put_ramp(out);
    text_put(out, "</style>\n</head>\n<body data-view=\"plain\">\n");
    put_filters(out);
    text_put(out, "<a class=\"skip\" href=\"#images\">to the images</a>\n<header><div "
                  "class=\"top\"><h1>");
    text_put_html(out, name);
    text_put(out, "</h1><button id=\"theme\" type=\"button\">dark</button></div>\n<p "
                  "class=\"soft\">");
    put_counts(page, out);
    text_put(out, "</p>\n<nav aria-label=\"sections\"><a href=\"#answer\">Answer</a>"
                  "<a href=\"#images\">Images</a><a href=\"#measures\">Measures</a>"
                  "<a href=\"#shapes\">Shapes</a><a href=\"#times\">Times</a>"
                  "<a href=\"#source\">Provenance</a></nav></header>\n<main>\n");
}

static void put_option(const char *value, const char *label, bool selected, struct text *out) {
    text_put(out, "<option value=\"");
    text_put_html(out, value);
    text_put(out, selected ? "\" selected>" : "\">");
    text_put_html(out, label);
    text_put(out, "</option>");
}

static bool any_target(const struct results *r) {
    for (int i = 0; i < r->image_count; i++)
        if (r->images[i].has_target) return true;
    return false;
}

/* What a view shows the variants against. */
static void put_base_options(const struct results *r, struct text *out) {
    bool targets = any_target(r);
    if (targets) put_option("-1", "target", true, out);
    for (int m = 0; m < r->member_count; m++) {
        char value[16];
        snprintf(value, sizeof value, "%d", m);
        put_option(value, r->members[m].folder, !targets && m == 0, out);
    }
    put_option("-2", "input", false, out);
}

static void put_range_options(struct text *out) {
    for (int i = 0; i < HEAT_RANGES; i++) {
        char value[16], label[32];
        snprintf(value, sizeof value, "%d", heat_ranges[i]);
        snprintf(label, sizeof label, "\u00b1%d levels", heat_ranges[i]);
        put_option(value, label, heat_ranges[i] == HEAT_FIRST, out);
    }
}

static void put_views(struct text *out) {
    static const struct {
        const char *view, *label;
    } views[] = {{"plain", "Side by side"}, {"heat", "Heat map"}, {"difference", "Difference"},
                 {"blend", "Blend"},        {"slide", "Slide"},   {"toggle", "Toggle"}};
    text_put(out, "<span class=\"views\" role=\"group\" aria-label=\"view\">");
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        text_add(out,
                 "<button type=\"button\" data-set-view=\"%s\" aria-pressed=\"%s\" "
                 "aria-keyshortcuts=\"%zu\" title=\"key %zu\">%s</button>",
                 views[i].view, i ? "false" : "true", i + 1, i + 1, views[i].label);
    text_put(out, "</span>\n");
}

static void put_tools(const struct page *page, struct text *out) {
    text_put(out,
             "<div class=\"tools\" role=\"group\" aria-label=\"how to look at the images\">\n");
    put_views(out);
    text_put(out, "<label id=\"base-label\" hidden>against <select id=\"base\">");
    put_base_options(page->results, out);
    text_put(out, "</select></label>\n<label id=\"range-label\" hidden>full scale "
                  "<select id=\"range\">");
    put_range_options(out);
    text_put(out, "</select></label>\n<label id=\"mix-label\" hidden>mix <input id=\"mix\" "
                  "type=\"range\" min=\"0\" max=\"100\" value=\"50\"></label>\n"
                  "<label id=\"auto-label\" hidden><input id=\"auto\" type=\"checkbox\"> by "
                  "itself</label>\n<span class=\"gap\"></span>\n"
                  "<label>show <select id=\"metric\"></select></label>\n"
                  "<label>sort by <select id=\"sort\">");
    put_option("name", "name", true, out);
    put_option("worst", "worst first", false, out);
    put_option("best", "best first", false, out);
    put_option("disagreement", "disagreement", false, out);
    text_put(out, "<option value=\"member\" hidden>a column</option></select></label>\n"
                  "<label>size <select id=\"size\"></select></label>\n<label><input id=\"worst\" "
                  "type=\"checkbox\"> worst window</label></div>\n");
    text_put(out, "<p id=\"heat-legend\" class=\"soft\" hidden><span class=\"ramp\" "
                  "aria-hidden=\"true\"></span>white: equal; red: darker than what it is shown "
                  "against; blue: brighter.</p>\n");
}

static void put_inspector(struct text *out) {
    text_put(out, "<dialog id=\"inspect\" aria-labelledby=\"inspect-name\"><div id=\"inspect-bar\">"
                  "<strong id=\"inspect-name\"></strong>");
    put_views(out);
    text_put(out,
             "<span><button type=\"button\" id=\"inspect-previous\">previous</button> "
             "<button type=\"button\" id=\"inspect-next\" autofocus>next</button></span>"
             "<span><button type=\"button\" id=\"zoom-out\" aria-label=\"zoom out\">"
             "\u2212</button> <output id=\"zoom\" class=\"num\">1\u00d7</output> "
             "<button type=\"button\" id=\"zoom-in\" aria-label=\"zoom in\">+</button></span>"
             "<button type=\"button\" id=\"inspect-close\">close</button></div>"
             "<div id=\"inspect-panes\"></div><p id=\"pixel\" class=\"num soft\"></p>"
             "<div class=\"scroll\"><table id=\"inspect-values\" class=\"facts\"></table></div>"
             "</dialog>\n");
}

static void put_images(const struct page *page, struct text *out) {
    text_put(out, "<section aria-labelledby=\"images\">\n<h2 id=\"images\">Images</h2>\n");
    put_tools(page, out);
    page_images(page->results, EMBED_LIMIT, out);
    text_put(out,
             "<details class=\"keys-help\"><summary>Keys and pointer</summary><p><kbd>1</kbd> "
             "to <kbd>6</kbd> choose the view, <kbd>[</kbd> <kbd>]</kbd> move the slider, "
             "<kbd>t</kbd> flips in the toggle view, "
             "<kbd>w</kbd> marks the window of each image that differs most from its target, "
             "<kbd>d</kbd> changes light and dark. A press on an image opens it in all columns "
             "at once: <kbd>+</kbd> <kbd>\u2212</kbd> or the wheel zoom, drag or "
             "<kbd>shift</kbd> with the arrows pans, <kbd>0</kbd> shows all of it, "
             "<kbd>\u2190</kbd> <kbd>\u2192</kbd> step, <kbd>esc</kbd> closes. The name of a "
             "variant sorts by its column.</p></details>\n</section>\n");
    put_inspector(out);
}

static void put_plots(const struct page *page, const enum metric *metrics, size_t count,
                      struct text *out) {
    text_put(out, "<div class=\"plots\">\n");
    for (size_t i = 0; i < count; i++) page_plot_metric(page, metrics[i], out);
    text_put(out, "</div>\n");
}

/* The primary metric and one of each sort first, the others in a fold. */
static void put_measures(const struct page *page, struct text *out) {
    static const enum metric first[] = {METRIC_DSNR_HI, METRIC_DSNR_MID, METRIC_DSNR_LO,
                                        METRIC_SSIM,    METRIC_L1,       METRIC_IOU,
                                        METRIC_CHAMFER, METRIC_CBI2};
    enum metric shown[METRIC_COUNT], others[METRIC_COUNT];
    size_t count = 0, other_count = 0;
    bool taken[METRIC_COUNT] = {false};
    shown[count++] = page->compare->primary;
    taken[page->compare->primary] = true;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        if (taken[first[i]]) continue;
        shown[count++] = first[i];
        taken[first[i]] = true;
    }
    for (int k = 0; k < METRIC_COUNT; k++)
        if (!taken[k]) others[other_count++] = (enum metric)k;
    text_put(out, "<section aria-labelledby=\"measures\">\n<h2 id=\"measures\">Measures</h2>\n");
    bool measured = compare_has_metric(page->compare, METRIC_L1);
    text_put(out,
             measured
                 ? "<p class=\"soft\">Above: one thread is one image; box: the middle half; "
                   "heavy line: the mean. Below: each image's difference from the "
                   "reference, their mean and its interval; shaded: the margin.</p>\n"
                 : "<p>There are no targets to compare with: detail cannot be told from noise, so "
                   "only what needs no target is measured.</p>\n");
    put_plots(page, shown, count, out);
    if (measured) {
        text_put(out, "<details><summary>The other metrics</summary>\n");
        put_plots(page, others, other_count, out);
        text_put(out, "</details>\n");
    }
    page_spectra(page->comparison, out);
    text_put(out, "<p class=\"soft\">All values are in metrics.csv; metrics.json holds the "
                  "statistics of every pair.</p>\n</section>\n");
}

static void put_ratio(const struct net_block *block, struct text *out) {
    double high = (double)block->join_to.h / block->join_from.h;
    double wide = (double)block->join_to.w / block->join_from.w;
    text_add(out, "%.3g", high);
    if (wide != high) text_add(out, "x%.3g", wide);
}

static void put_resample(const struct trace_variant *v, int b, struct text *out) {
    const struct net_block *block = &v->net.blocks[b];
    text_put(out, "<tr><th scope=\"row\">");
    text_put_html(out, v->net.name);
    text_put(out, "</th><td>");
    text_put_html(out, block->name);
    text_put(out, "</td><td class=\"num\">");
    words_size(out, block->join_from.h, block->join_from.w);
    text_put(out, "</td><td class=\"num\">");
    words_size(out, block->join_to.h, block->join_to.w);
    text_put(out, "</td><td class=\"num\">");
    put_ratio(block, out);
    text_add(out, "</td><td>%s</td></tr>\n",
             block->join == JOIN_RESAMPLED ? config_fit_name(v->config->blocks[b].fit)
                                           : "does not fit");
}

/* Every place where a map is made to fit. */
static void put_ledger(const struct trace *trace, struct text *out) {
    bool any = false;
    text_put(out, "<h3>What was resampled</h3>\n");
    for (int v = 0; v < trace->count; v++) {
        for (int b = 0; b < trace->variants[v].net.block_count; b++) {
            if (trace->variants[v].net.blocks[b].join == JOIN_OK) continue;
            if (!any)
                text_put(out,
                         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                         "aria-label=\"resampling\"><table class=\"facts\"><thead><tr><th "
                         "scope=\"col\">variant</th><th scope=\"col\" class=\"words\">block</th>"
                         "<th scope=\"col\">from</th><th scope=\"col\">to</th><th "
                         "scope=\"col\">ratio</th><th scope=\"col\" class=\"words\">by</th>"
                         "</tr></thead><tbody>\n");
            any = true;
            put_resample(&trace->variants[v], b, out);
        }
    }
    text_put(out, any ? "</tbody></table></div>\n" : "<p>Nothing: every map fits as it is.</p>\n");
}

static void put_shapes(const struct page *page, struct text *out) {
    struct text table = {0};
    text_put(out, "<section aria-labelledby=\"shapes\">\n<h2 id=\"shapes\">Shapes</h2>\n");
    put_ledger(page->trace, out);
    text_put(out, "<h3>The variants as drawings</h3>\n<div class=\"scroll drawing\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"shape trace\">\n");
    trace_svg(page->trace, out);
    text_put(out, "</div>\n");
    trace_table(page->trace, 120, &table);
    text_put(out, "<details><summary>The trace as a table</summary><div class=\"scroll\" "
                  "tabindex=\"0\" role=\"region\" aria-label=\"trace\"><pre>");
    text_put_html(out, table.s ? table.s : "");
    text_put(out, "</pre></div></details>\n</section>\n");
    text_free(&table);
}

/* Every run timed its own images, on its own machine. */
static void put_runs_times(const struct page *page, struct text *out) {
    text_put(out, "<p>Nothing was run here; each run tells its own times: ");
    for (int i = 0; i < page->run_count; i++) {
        text_put(out, i ? ", <a href=\"" : "<a href=\"");
        text_put_url(out, page->runs[i].folder);
        text_put(out, "report.html#times\">");
        text_put_html(out, page->runs[i].folder);
        text_put(out, "</a>");
    }
    text_put(out, ".</p>\n");
}

static void put_times(const struct page *page, struct text *out) {
    text_put(out, "<section aria-labelledby=\"times\">\n<h2 id=\"times\">Times</h2>\n");
    if (page->timing)
        page_times(page->timing, out);
    else if (page->run_count)
        put_runs_times(page, out);
    else
        text_put(out, "<p>Nothing was timed.</p>\n");
    text_put(out, "</section>\n");
}

void page_write(const struct page *page, struct text *out) {
    put_head(page, out);
    page_answer(page, out);
    put_images(page, out);
    put_measures(page, out);
    put_shapes(page, out);
    put_times(page, out);
    page_source(page, out);
    text_put(out, "</main>\n<footer class=\"soft\">Made by stridelab. Metrics are of the 8-bit "
                  "images as saved, range 255.</footer>\n<script type=\"application/json\" "
                  "id=\"data\">");
    page_data(page->results, page->compare, out);
    text_put(out, "</script>\n<script>");
    text_put(out, page_js);
    text_put(out, "</script>\n</body>\n</html>\n");
}
