#include "report/page_images.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

enum { IMAGE_LIMIT = 64 << 20 };

static const char *folder_of(const struct results *r, int member) {
    return member == -2 ? "inputs" : member == -1 ? "targets" : r->members[member].folder;
}

static size_t total_size(const struct results *r) {
    size_t total = 0;
    for (int i = 0; i < r->image_count; i++) {
        for (int m = -2; m < r->member_count; m++) {
            char *path = results_path(&r->images[i], folder_of(r, m));
            struct stat info;
            if (stat(path, &info) == 0) total += (size_t)info.st_size;
            mem_free(path);
        }
    }
    return total;
}

/* Appends the value of a src attribute: the file itself, or a relative URL. */
static void put_source(const struct result_image *image, const char *folder, bool embed,
                       struct text *out) {
    char *path = results_path(image, folder), *link = results_link(image, folder);
    struct bytes bytes = {0};
    struct err ignored = {0};
    if (embed && file_read(path, IMAGE_LIMIT, &bytes, &ignored)) {
        text_put(out, "data:image/png;base64,");
        text_put_base64(out, bytes.data, bytes.size);
    } else {
        text_put_url(out, link);
    }
    bytes_free(&bytes);
    err_free(&ignored);
    mem_free(link);
    mem_free(path);
}

static void put_worst(const struct results *r, int image, int member, struct text *out) {
    const struct window *w = results_worst(r, image, member);
    const struct result_image *info = &r->images[image];
    if (w->side == 0) return;
    text_add(out,
             "<i class=\"worst\" style=\"left:%.2f%%;top:%.2f%%;width:%.2f%%;height:%.2f%%\"></i>",
             100.0 * w->x / info->width, 100.0 * w->y / info->height, 100.0 * w->side / info->width,
             100.0 * w->side / info->height);
}

/* One cell: `member` -2 is the input, -1 the target. Its box has its size before the image comes.
 */
static void put_cell(const struct results *r, bool embed, int image, int member, const char *title,
                     struct text *out) {
    const struct result_image *info = &r->images[image];
    text_add(out, "<td data-column=\"%d\"><button type=\"button\" class=\"cell\" ", member);
    text_add(out,
             "style=\"--w:%d;--h:%d\"><span class=\"stack\"><img class=\"over\" "
             "loading=\"lazy\" decoding=\"async\" alt=\"",
             info->width, info->height);
    text_put_html(out, info->stem);
    text_put(out, ": ");
    text_put_html(out, title);
    text_put(out, "\" src=\"");
    put_source(info, folder_of(r, member), embed, out);
    text_put(out, "\"></span>");
    if (member >= 0 && info->has_target) put_worst(r, image, member, out);
    text_put(out, "</button>");
    if (member >= 0) text_put(out, "<span class=\"value\"></span>");
    text_put(out, "</td>\n");
}

static void put_row(const struct results *r, bool embed, int image, struct text *out) {
    const struct result_image *info = &r->images[image];
    text_add(out, "<tr data-index=\"%d\"><th scope=\"row\"><span class=\"stem\">", image);
    text_put_html(out, info->stem);
    text_put(out, "</span>");
    if (info->note) {
        text_put(out, "<span class=\"soft\">");
        text_put_html(out, info->note);
        text_put(out, "</span>");
    }
    text_put(out, "</th>\n");
    if (info->error || info->width == 0) {
        text_add(out, "<td class=\"bad\" colspan=\"%d\">", r->member_count + 1 + r->has_targets);
        text_put_html(out, info->error ? info->error : "not run");
        text_put(out, "</td></tr>\n");
        return;
    }
    if (info->no_input)
        text_put(out, "<td class=\"soft\">no file</td>");
    else
        put_cell(r, embed, image, -2, "input", out);
    if (r->has_targets) {
        if (info->has_target)
            put_cell(r, embed, image, -1, "target", out);
        else
            text_put(out, "<td class=\"soft\">no target</td>");
    }
    for (int m = 0; m < r->member_count; m++)
        put_cell(r, embed, image, m, r->members[m].folder, out);
    text_put(out, "</tr>\n");
}

/* ---- the heads of the columns ---- */

enum { KEYS_MAX = 6, VALUE_MAX = 24 };

/* "blocks.innermost.up.stride" is "innermost up.stride" to a reader. */
static void put_key(const char *path, const char *value, struct text *out) {
    bool block = strncmp(path, "blocks.", 7) == 0;
    const char *shown = block ? path + 7 : path, *dot = block ? strchr(shown, '.') : NULL;
    struct text words = {0};
    text_add(&words, "%.*s", dot ? (int)(dot - shown) : 0, shown);
    text_add(&words, "%s%s", dot ? " " : "", dot ? dot + 1 : shown);
    text_put(out, "<li title=\"");
    text_put_html(out, path);
    text_put(out, ": ");
    text_put_html(out, value);
    text_put(out, "\">");
    text_put_html(out, words.s);
    text_put(out, " <b>");
    if (strlen(value) > VALUE_MAX) { /* its end, from the start of a character on */
        value += strlen(value) - VALUE_MAX;
        while ((*value & 0xC0) == 0x80) value++;
        text_put(out, "\u2026");
    }
    text_put_html(out, value);
    text_put(out, "</b></li>");
    text_free(&words);
}

static void put_more(int hidden, struct text *out) {
    if (hidden > 0) text_add(out, "<li>and %d more</li>", hidden);
}

/* Of several checkpoints a member runs on one. */
static const char *value_of(const struct result_member *m, const char *path, const char *value) {
    return m->weights && strcmp(path, "weights") == 0 ? m->weights : value;
}

/* The keys that make the variant another than the first, with its values. */
static void put_own_keys(const struct result_member *m, const struct config_variant *first,
                         const struct config_variant *own, struct text *out) {
    struct arena arena = {0};
    struct config_difference *lines;
    int count = config_differences(first, own, &arena, &lines);
    for (int i = 0; i < count && i < KEYS_MAX; i++)
        put_key(lines[i].path, value_of(m, lines[i].path, lines[i].b), out);
    put_more(count - KEYS_MAX, out);
    arena_free(&arena);
}

static bool is_in(const char *const *paths, int count, const char *path) {
    for (int i = 0; i < count; i++)
        if (strcmp(paths[i], path) == 0) return true;
    return false;
}

/* Every key in which some variant differs from the first, with the first's values. */
static void put_first_keys(const struct results *r, const struct result_member *own,
                           const struct config_variant *first, struct text *out) {
    struct arena arena = {0};
    const char *seen[KEYS_MAX];
    int shown = 0, hidden = 0;
    for (int m = 1; m < r->member_count; m++) {
        const struct config_variant *other = config_find(r->config, r->members[m].variant);
        struct config_difference *lines;
        int count = other && other != first ? config_differences(first, other, &arena, &lines) : 0;
        for (int i = 0; i < count; i++) {
            if (is_in(seen, shown, lines[i].path)) continue;
            if (shown == KEYS_MAX) {
                hidden++;
                continue;
            }
            put_key(lines[i].path, value_of(own, lines[i].path, lines[i].a), out);
            seen[shown++] = lines[i].path;
        }
    }
    put_more(hidden, out);
    arena_free(&arena);
}

static void put_head(const struct results *r, int member, struct text *out) {
    const struct result_member *info = &r->members[member];
    const struct config_variant *first = config_find(r->config, r->members[0].variant);
    const struct config_variant *own = config_find(r->config, info->variant);
    text_add(out,
             "<th scope=\"col\" data-column=\"%d\"><button type=\"button\" class=\"by\" "
             "data-sort=\"%d\">",
             member, member);
    text_put_html(out, info->folder);
    text_put(out, "</button><ul class=\"keys\">");
    if (first && own == first)
        put_first_keys(r, info, first, out);
    else if (first && own)
        put_own_keys(info, first, own, out);
    text_put(out, "<li class=\"origin\">");
    text_put_html(out, bind_origin_name(info->origin));
    text_put(out, " weights</li>");
    if (info->runs_as) {
        text_put(out, "<li class=\"origin\">runs as ");
        text_put_html(out, info->runs_as);
        text_put(out, "</li>");
    }
    text_put(out, "</ul></th>");
}

void page_images(const struct results *r, size_t embed_limit, struct text *out) {
    bool embed = total_size(r) <= embed_limit;
    text_put(out, "<div id=\"grid-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"images by "
                  "variant\"><table id=\"grid\"><caption class=\"unseen\">Every image and "
                  "variant</caption><thead><tr><th scope=\"col\" class=\"corner\">image</th>"
                  "<th scope=\"col\" data-column=\"-2\">input</th>");
    if (r->has_targets) text_put(out, "<th scope=\"col\" data-column=\"-1\">target</th>");
    for (int m = 0; m < r->member_count; m++) put_head(r, m, out);
    text_put(out, "</tr></thead><tbody>\n");
    for (int i = 0; i < r->image_count; i++) put_row(r, embed, i, out);
    text_put(out, "</tbody></table></div>\n");
}
