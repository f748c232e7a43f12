#include "report/page_svg.h"

void page_svg_name(const char *name, int letters, struct text *out) {
    struct text shown = {0};
    if (text_width(name) <= letters)
        text_put(&shown, name);
    else
        text_add(&shown, "%.*s..", letters > 3 ? letters - 2 : 1, name);
    text_put(out, "<title>");
    text_put_html(out, name);
    text_put(out, "</title>");
    text_put_html(out, shown.s ? shown.s : "");
    text_free(&shown);
}
