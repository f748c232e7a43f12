#include "report/page_answer.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "report/compare_words.h"
#include "report/page_forest.h"
#include "report/words.h"

static int member_of(const struct results *r, const char *variant) {
    for (int m = 0; m < r->member_count; m++)
        if (strcmp(r->members[m].variant, variant) == 0) return m;
    return -1;
}

/* How far a member's outputs are from the first member's, over the images that have both. */
struct distance {
    int images, identical;
    double largest, mean; /* of the largest difference within an image */
};

static struct distance distance_of(const struct results *r, int member) {
    struct distance d = {0};
    for (int i = 0; i < r->image_count; i++) {
        double value = *results_difference(r, i, member);
        if (r->images[i].width == 0 || isnan(value)) continue;
        d.images++;
        d.identical += value == 0;
        d.largest = fmax(d.largest, value);
        d.mean += value;
    }
    if (d.images) d.mean /= d.images;
    return d;
}

static bool is_measured(const struct page *page) {
    return compare_has_metric(page->compare, METRIC_L1);
}

/* All outputs are those of the first variant, on every image. */
static bool is_one_output(const struct results *r) {
    for (int m = 1; m < r->member_count; m++) {
        struct distance d = distance_of(r, m);
        if (d.images == 0 || d.identical != d.images || d.images != distance_of(r, 0).images)
            return false;
    }
    return r->member_count > 1;
}

static void put_lead(const struct page *page, struct text *out) {
    struct text line = {0};
    if (is_one_output(page->results))
        text_add(&line, "All %d variants give the same %s: there is nothing to choose between.",
                 page->results->member_count,
                 page->results->from_files ? "images" : "outputs, bit for bit");
    else if (page->results->has_targets && !is_measured(page))
        text_put(&line, "No verdict on quality: no target could be compared with its output; the "
                        "rows of the images say why.");
    else
        compare_words_headline(page->compare, page->comparison, &line);
    text_put(out, "<p class=\"lead\">");
    text_put_html(out, line.s);
    text_put(out, "</p>\n");
    text_free(&line);
}

static void put_name(const char *name, struct text *out) {
    text_put(out, "<strong>");
    text_put_html(out, name);
    text_put(out, "</strong>");
}

static void put_differs_at(const struct trace_variant *v, struct text *out) {
    for (int i = 0; i < v->differs_count; i++) {
        text_put(out, i ? " and at " : " They would differ at ");
        words_size(out, v->differs_at[i].h, v->differs_at[i].w);
    }
    if (v->differs_count) text_put(out, ".");
}

/* What the outputs say of two variants that cannot differ. */
static void put_witness(const struct results *r, const char *variant, const char *other,
                        struct text *out) {
    int m = member_of(r, variant);
    if (m < 0) return;
    if (strcmp(r->members[0].variant, other) == 0 && r->members[m].seed_count == 1) {
        struct distance d = distance_of(r, m);
        if (d.images && d.identical == d.images)
            text_add(out, " Here the outputs of all %d images are identical%s.", d.images,
                     r->from_files ? "" : " bit for bit");
        else if (d.images)
            text_add(out,
                     " Here their weights differ, and so do their outputs, by up to %.3g: that is "
                     "between two trainings, not between two designs.",
                     d.largest);
    } else if (r->members[m].runs_as && strcmp(r->members[m].runs_as, other) == 0) {
        text_put(out, " Their weights are equal as well: they ran as one.");
    }
}

static void put_equal(const struct page *page, struct text *out) {
    const struct trace *trace = page->trace;
    for (int i = 0; i < trace->count; i++) {
        const struct trace_variant *v = &trace->variants[i];
        if (v->equal_to < 0) continue;
        const char *other = trace->variants[v->equal_to].net.name;
        text_put(out, "<p>");
        put_name(v->net.name, out);
        text_put(out, " cannot differ from ");
        text_put_html(out, other);
        text_put(out, " at ");
        words_size(out, v->size.h, v->size.w);
        text_put(out, ", given equal weights");
        if (v->equal_because) {
            text_put(out, ": ");
            text_put_html(out, v->equal_because);
        }
        text_put(out, out->s[out->length - 1] == '.' ? "" : ".");
        put_witness(page->results, v->net.name, other, out);
        put_differs_at(v, out);
        text_put(out, "</p>\n");
    }
}

static void put_misfits(const struct trace *trace, struct text *out) {
    for (int i = 0; i < trace->count; i++) {
        const struct trace_variant *v = &trace->variants[i];
        if (v->net.ok) continue;
        text_put(out, "<p class=\"bad\">");
        put_name(v->net.name, out);
        text_put(out, " does not fit and was not run: ");
        text_put_html(out, v->net.error ? v->net.error : "");
        for (int k = 0; k < v->diagnosis.count && k < 3; k++) {
            text_put(out, k ? ", or <code>" : ". What would help: <code>");
            text_put_html(out, v->diagnosis.repairs[k].change);
            text_put(out, "</code>");
        }
        text_put(out, "</p>\n");
    }
}

static void put_failures(const struct results *r, struct text *out) {
    int failed = 0, waiting = 0;
    for (int i = 0; i < r->image_count; i++) {
        failed += r->images[i].error != NULL;
        waiting += !r->images[i].error && r->images[i].width == 0;
    }
    if (failed)
        text_add(out, "<p class=\"bad\">%d of %d images failed; the rows below say why.</p>\n",
                 failed, r->image_count);
    if (waiting)
        text_add(out, "<p class=\"bad\">%d of %d images were not run.</p>\n", waiting,
                 r->image_count);
}

static void put_checkerboards(const struct page *page, struct text *out) {
    const struct comparison *c = page->comparison;
    for (int v = 0; v < c->variant_count; v++) {
        if (!c->variants[v].checkerboards) continue;
        text_put(out, "<p>");
        put_name(c->variants[v].name, out);
        text_add(out,
                 ": %d of %d outputs have a checkerboard that their targets do not have.</p>\n",
                 c->variants[v].checkerboards, page->compare->image_count * c->variants[v].seeds);
    }
}

/* A line of caveats as an item of a list, unless it was one already. */
static void put_caveat(const char *line, size_t length, struct text *seen, struct text *out) {
    struct text key = {0}, words = {0};
    text_write(&words, line, length);
    text_add(&key, "\n%s\n", words.s);
    if (!seen->s || !strstr(seen->s, key.s)) {
        text_put(out, seen->s ? "<li>" : "<ul class=\"soft\">\n<li>");
        text_put(seen, key.s);
        text_put_html(out, words.s);
        text_put(out, "</li>\n");
    }
    text_free(&words);
    text_free(&key);
}

/* Each caveat once, whichever variants it is about. */
static void put_caveats(const struct comparison *comparison, struct text *out) {
    struct text all = {0}, seen = {0};
    for (int v = 0; v < comparison->variant_count; v++)
        if (v != comparison->reference) compare_caveats(comparison, v, &all);
    for (int i = 0; i < comparison->primary_count; i++)
        if (comparison->contrasts[i].paired.n < PAIRED_FEW)
            text_add(&all, "fewer than %d images: the intervals are rough\n", PAIRED_FEW);
    for (const char *line = all.s; line && *line;) {
        size_t length = strcspn(line, "\n");
        put_caveat(line, length, &seen, out);
        line += length + (line[length] == '\n');
    }
    if (seen.s) text_put(out, "</ul>\n");
    text_free(&seen);
    text_free(&all);
}

static void put_sentences(const struct page *page, struct text *out) {
    for (int i = 0; i < page->comparison->primary_count; i++) {
        const struct contrast *c = &page->comparison->contrasts[i];
        struct text words = {0};
        compare_words_contrast(page->compare, page->comparison, c, &words);
        text_put(out, "<p>");
        put_name(page->comparison->variants[c->variant].name, out);
        text_put(out, ": ");
        text_put_html(out, words.s);
        text_put(out, "</p>\n");
        text_free(&words);
    }
}

/* How far apart outputs are, targets or not. */
static void put_distances(const struct results *r, struct text *out) {
    if (r->member_count < 2) return;
    const struct config_variant *first = config_find(r->config, r->members[0].variant);
    double levels = first ? 255 * first->std : 0;
    text_put(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"distances\">"
                  "<table class=\"facts\"><caption>Distance of the ");
    text_put(out,
             r->from_files ? "saved images from those of " : "network's outputs from those of ");
    text_put_html(out, r->members[0].folder);
    text_put(out,
             "</caption><thead><tr><th scope=\"col\">variant</th><th scope=\"col\">images "
             "identical</th><th scope=\"col\">largest difference</th><th scope=\"col\">mean of "
             "the images' largest</th></tr></thead><tbody>\n");
    for (int m = 1; m < r->member_count; m++) {
        struct distance d = distance_of(r, m);
        text_put(out, "<tr><th scope=\"row\">");
        text_put_html(out, r->members[m].folder);
        if (d.images)
            text_add(out,
                     "</th><td class=\"num\">%d of %d</td><td class=\"num\">%.3g (%.3g "
                     "levels)</td><td class=\"num\">%.3g (%.3g levels)</td></tr>\n",
                     d.identical, d.images, d.largest, d.largest * levels, d.mean, d.mean * levels);
        else
            text_put(out,
                     "</th><td colspan=\"3\">no image to compare, or another size</td></tr>\n");
    }
    text_put(out, "</tbody></table></div>\n");
}

static void put_figures(const struct page *page, struct text *out) {
    struct text raw = {0};
    compare_summary(page->compare, page->comparison, &raw);
    compare_details(page->compare, page->comparison, &raw);
    text_put(out, "<details><summary>All figures: tests, effect sizes, the other metrics, "
                  "distances</summary>\n");
    if (is_measured(page)) put_distances(page->results, out);
    text_put(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"figures\">"
                  "<pre>");
    text_put_html(out, raw.s ? raw.s : "");
    text_put(out, "</pre></div></details>\n");
    text_free(&raw);
}

void page_answer(const struct page *page, struct text *out) {
    text_put(out, "<section class=\"answer\" aria-labelledby=\"answer\">\n<h2 id=\"answer\">What "
                  "this says</h2>\n");
    put_lead(page, out);
    if (page->comparison->primary_count) {
        text_put(out, "<div class=\"columns\"><div>\n");
        put_sentences(page, out);
        text_put(out, "</div><div>\n");
        page_forest(page->compare, page->comparison, out);
        text_put(out, "</div></div>\n");
    }
    if (!is_measured(page)) put_distances(page->results, out);
    put_equal(page, out);
    put_misfits(page->trace, out);
    put_failures(page->results, out);
    put_checkerboards(page, out);
    if (page->comparison->primary_count) put_caveats(page->comparison, out);
    put_figures(page, out);
    text_put(out, "</section>\n");
}
