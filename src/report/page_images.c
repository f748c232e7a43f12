#include "report/page_images.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { IMAGE_LIMIT = 64 << 20 };

static char *image_path(const char *folder, const char *stem) {
    struct text path = {0};
    text_add(&path, "%s/%s.png", folder, stem);
    return path.s;
}

static size_t size_of(const char *out_dir, const char *relative) {
    char *path = file_join(out_dir, relative);
    struct stat info;
    size_t size = stat(path, &info) == 0 ? (size_t)info.st_size : 0;
    mem_free(path);
    return size;
}

static size_t total_size(const struct results *r, const char *out_dir) {
    size_t total = 0;
    for (int i = 0; i < r->image_count; i++) {
        for (int m = -2; m < r->member_count; m++) {
            const char *folder = m == -2 ? "inputs" : m == -1 ? "targets" : r->members[m].folder;
            char *path = image_path(folder, r->images[i].stem);
            total += size_of(out_dir, path);
            mem_free(path);
        }
    }
    return total;
}

/* Appends the value of a src attribute: the file itself, or a relative URL. */
static void put_source(const char *out_dir, const char *relative, bool embed, struct text *out) {
    char *path = file_join(out_dir, relative);
    struct bytes bytes = {0};
    struct err ignored = {0};
    if (embed && file_read(path, IMAGE_LIMIT, &bytes, &ignored)) {
        text_put(out, "data:image/png;base64,");
        text_put_base64(out, bytes.data, bytes.size);
    } else {
        text_put_url(out, relative);
    }
    bytes_free(&bytes);
    err_free(&ignored);
    mem_free(path);
}

static void put_worst(const struct results *r, int image, int member, struct text *out) {
    const struct window *w = results_worst(r, image, member);
    const struct result_image *info = &r->images[image];
    if (w->side == 0) return;
    text_add(out,
             "<span class=\"worst\" style=\"left:%.2f%%;top:%.2f%%;width:%.2f%%;height:%.2f%%\">"
             "</span>",
             100.0 * w->x / info->width, 100.0 * w->y / info->height, 100.0 * w->side / info->width,
             100.0 * w->side / info->height);
}

/* One cell: `member` -2 is the input, -1 the target. */
static void put_cell(const struct results *r, const char *out_dir, bool embed, int image,
                     int member, const char *title, struct text *out) {
    const struct result_image *info = &r->images[image];
    const char *folder = member == -2   ? "inputs"
                         : member == -1 ? "targets"
                                        : r->members[member].folder;
    text_add(out, "<td data-column=\"%d\"", member);
    if (member >= 0) text_add(out, " data-member=\"%d\"", member);
    text_put(out, " data-title=\"");
    text_put_html(out, title);
    text_put(out, "\"><button class=\"cell\" aria-label=\"inspect ");
    text_put_html(out, info->stem);
    text_put(out, "\">");
    if (member >= 0) text_put(out, "<img class=\"under\" alt=\"\">");
    text_put(out, "<img class=\"over\" loading=\"lazy\" alt=\"");
    text_put_html(out, info->stem);
    text_put(out, ": ");
    text_put_html(out, title);
    text_add(out, "\" width=\"%d\" height=\"%d\" src=\"", info->width, info->height);
    char *path = image_path(folder, info->stem);
    put_source(out_dir, path, embed, out);
    mem_free(path);
    text_put(out, "\">");
    if (member >= 0 && info->has_target) put_worst(r, image, member, out);
    text_put(out, "</button><figcaption></figcaption></td>\n");
}

static void put_row(const struct results *r, const char *out_dir, bool embed, int image,
                    struct text *out) {
    const struct result_image *info = &r->images[image];
    text_add(out, "<tr data-index=\"%d\" data-name=\"", image);
    text_put_html(out, info->stem);
    text_put(out, info->error ? "\" data-failed" : "\"");
    text_put(out, "><th scope=\"row\">");
    text_put_html(out, info->stem);
    if (info->note) {
        text_put(out, "<div class=\"soft\">");
        text_put_html(out, info->note);
        text_put(out, "</div>");
    }
    text_put(out, "</th>\n");
    if (info->error || info->width == 0) {
        text_add(out, "<td colspan=\"%d\">", r->member_count + 1 + r->has_targets);
        text_put_html(out, info->error ? info->error : "not run");
        text_put(out, "</td></tr>\n");
        return;
    }
    put_cell(r, out_dir, embed, image, -2, "input", out);
    if (r->has_targets) {
        if (info->has_target)
            put_cell(r, out_dir, embed, image, -1, "target", out);
        else
            text_put(out, "<td class=\"soft\">no target</td>");
    }
    for (int m = 0; m < r->member_count; m++)
        put_cell(r, out_dir, embed, image, m, r->members[m].folder, out);
    text_put(out, "</tr>\n");
}

/* The keys that make the variant another than the first. */
static void put_keys(const struct results *r, int member, struct text *out) {
    const struct config_variant *first = config_find(r->config, r->members[0].variant);
    const struct config_variant *own = config_find(r->config, r->members[member].variant);
    struct arena arena = {0};
    struct config_difference *lines;
    int count = first && own && first != own ? config_differences(first, own, &arena, &lines) : 0;
    for (int i = 0; i < count; i++) {
        text_put(out, "<span class=\"keys\">");
        text_put_html(out, lines[i].path);
        text_put(out, ": ");
        text_put_html(out, lines[i].b);
        text_put(out, "</span>");
    }
    arena_free(&arena);
    text_put(out, "<span class=\"keys\">");
    text_put_html(out, bind_origin_name(r->members[member].origin));
    text_put(out, " weights</span>");
    if (r->members[member].runs_as) {
        text_put(out, "<span class=\"keys\">runs as ");
        text_put_html(out, r->members[member].runs_as);
        text_put(out, "</span>");
    }
}

void page_images(const struct results *r, const char *out_dir, size_t embed_limit,
                 struct text *out) {
    bool embed = total_size(r, out_dir) <= embed_limit;
    text_put(out, "<div class=\"scroll\"><table id=\"grid\" data-view=\"plain\"><thead><tr>"
                  "<th scope=\"col\">image</th><th scope=\"col\">input</th>");
    if (r->has_targets) text_put(out, "<th scope=\"col\">target</th>");
    for (int m = 0; m < r->member_count; m++) {
        text_put(out, "<th scope=\"col\">");
        text_put_html(out, r->members[m].folder);
        put_keys(r, m, out);
        text_put(out, "</th>");
    }
    text_put(out, "</tr></thead><tbody>\n");
    for (int i = 0; i < r->image_count; i++) put_row(r, out_dir, embed, i, out);
    text_put(out, "</tbody></table></div>\n");
}

/* JSON inside a script element: "<" is escaped so that "</script>" cannot occur. */
static void put_script_string(struct text *out, const char *s) {
    struct text json = {0};
    text_put_json(&json, s);
    for (const char *c = json.s; *c; c++) text_add(out, *c == '<' ? "\\u003c" : "%c", *c);
    text_free(&json);
}

static void put_value(struct text *out, double value) {
    if (isfinite(value))
        text_add(out, "%.5g", value);
    else
        text_put(out, "null");
}

void page_data(const struct results *r, struct text *out) {
    text_put(out, "{\"metrics\":[");
    for (int k = 0; k < METRIC_COUNT; k++) {
        if (k) text_put(out, ",");
        put_script_string(out, metric_info((enum metric)k)->name);
    }
    text_put(out, "],\"better\":[");
    for (int k = 0; k < METRIC_COUNT; k++)
        text_add(out, "%s%d", k ? "," : "", metric_info((enum metric)k)->better);
    text_put(out, "],\"members\":[");
    for (int m = 0; m < r->member_count; m++) {
        if (m) text_put(out, ",");
        put_script_string(out, r->members[m].folder);
    }
    text_put(out, "],\"values\":[");
    for (int i = 0; i < r->image_count; i++) {
        text_put(out, i ? ",\n[" : "\n[");
        for (int m = 0; m < r->member_count; m++) {
            const double *values = results_metrics(r, i, m);
            text_put(out, m ? ",[" : "[");
            for (int k = 0; k < METRIC_COUNT; k++) {
                if (k) text_put(out, ",");
                put_value(out, values[k]);
            }
            text_put(out, "]");
        }
        text_put(out, "]");
    }
    text_put(out, "]}");
}
