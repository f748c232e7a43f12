#include "report/page_source.h"

static void start_fact(const char *name, struct text *out) {
    text_put(out, "<tr><th scope=\"row\">");
    text_put_html(out, name);
    text_put(out, "</th><td>");
}

static void put_fact(const char *name, const char *value, struct text *out) {
    if (!value || !*value) return;
    start_fact(name, out);
    text_put_html(out, value);
    text_put(out, "</td></tr>\n");
}

static void put_number(const char *name, int value, struct text *out) {
    if (value == 0) return;
    start_fact(name, out);
    text_add(out, "%d</td></tr>\n", value);
}

static void put_hash(const char *hash, struct text *out) {
    if (!hash || !*hash) return;
    text_put(out, "sha256 <code class=\"hash\">");
    text_put_html(out, hash);
    text_put(out, "</code>");
}

static void put_weights(const struct result_member *m, struct text *out) {
    struct text name = {0};
    text_add(&name, "weights of %s", m->folder);
    start_fact(name.s, out);
    text_put_html(out, bind_origin_name(m->origin));
    if (m->initialised) text_add(out, ", %d tensors made by init", m->initialised);
    if (m->weights) {
        text_put(out, "; ");
        text_put_html(out, m->weights);
        text_put(out, " ");
    }
    put_hash(m->weights_sha256, out);
    text_put(out, "</td></tr>\n");
    text_free(&name);
}

static void put_inputs(const struct results *r, struct text *out) {
    text_put(out, "<details><summary>Inputs and their hashes</summary><div class=\"scroll\" "
                  "tabindex=\"0\" role=\"region\" aria-label=\"inputs\"><table class=\"facts\">"
                  "<thead><tr><th scope=\"col\">image</th>");
    bool sized = r->image_count > 0 && r->images[0].input_width > 0; /* not of runs read back */
    if (sized) text_put(out, "<th scope=\"col\">size</th>");
    text_put(out, "<th scope=\"col\" class=\"words\">sha256</th></tr></thead><tbody>\n");
    for (int i = 0; i < r->image_count; i++) {
        text_put(out, "<tr><th scope=\"row\">");
        text_put_html(out, r->images[i].stem);
        text_put(out, "</th>");
        if (sized)
            text_add(out, "<td class=\"num\">%dx%d</td>", r->images[i].input_height,
                     r->images[i].input_width);
        text_put(out, "<td><code class=\"hash\">");
        text_put_html(out, r->images[i].sha256);
        text_put(out, "</code></td></tr>\n");
    }
    text_put(out, "</tbody></table></div></details>\n");
}

static void put_part(const char *name, const char *value, struct text *out) {
    if (!value || !*value) return;
    text_put(out, name);
    text_put_html(out, value);
}

/* One run that was read back, in a line. */
static void put_run(const struct run_facts *run, struct text *out) {
    struct text name = {0};
    text_add(&name, "run in %s", run->folder);
    start_fact(name.s, out);
    text_add(out, "%d %s", run->image_count, run->image_count == 1 ? "image" : "images");
    if (run->shards) text_add(out, ", shard %d of %d", run->shard, run->shards);
    put_part(", of ", run->images, out);
    put_part(", targets ", run->targets, out);
    put_part(", pairs ", run->pairs, out);
    put_part("; stridelab ", run->version, out);
    put_part(", ", run->machine, out);
    put_part(", ", run->isa, out);
    text_add(out, ", %d %s, batch %d", run->threads, run->threads == 1 ? "thread" : "threads",
             run->batch);
    put_part(", images decoded by ", run->decoder, out);
    text_put(out, "</td></tr>\n");
    text_free(&name);
}

void page_source(const struct page *page, struct text *out) {
    const struct results *r = page->results;
    const struct run_facts *facts = page->facts;
    text_put(out,
             "<section aria-labelledby=\"source\">\n<h2 id=\"source\">Provenance</h2>\n<div "
             "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"provenance\"><table "
             "class=\"facts source\"><tbody>\n");
    put_fact("stridelab", facts->version, out);
    if (facts->command) {
        start_fact("command", out);
        text_put(out, "<code>");
        text_put_html(out, facts->command);
        text_put(out, "</code></td></tr>\n");
    }
    start_fact("config", out);
    text_put_html(out, r->config->path ? r->config->path : "");
    text_put(out, " ");
    put_hash(r->config->sha256, out);
    text_put(out, "</td></tr>\n");
    put_fact("images", facts->images, out);
    put_fact("targets", facts->targets, out);
    put_fact("pairs", facts->pairs, out);
    put_fact("machine", facts->machine, out);
    put_fact("instruction set", facts->isa, out);
    put_number("threads", facts->threads, out);
    put_number("batch", facts->batch, out);
    put_fact("images decoded by", facts->decoder, out);
    for (int i = 0; i < page->run_count; i++) put_run(&page->runs[i], out);
    for (int m = 0; m < r->member_count; m++) put_weights(&r->members[m], out);
    text_put(out, "</tbody></table></div>\n");
    put_inputs(r, out);
    text_put(out, "</section>\n");
}
