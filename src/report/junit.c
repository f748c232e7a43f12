#include "report/junit.h"

#include "base/file.h"

void junit_case(struct junit *junit, const char *name, const char *failure) {
    junit->cases++;
    text_put(&junit->body, "  <testcase name=\"");
    text_put_html(&junit->body, name);
    text_put(&junit->body, failure ? "\">\n    <failure>" : "\"/>\n");
    if (!failure) return;
    junit->failures++;
    text_put_html(&junit->body, failure);
    text_put(&junit->body, "</failure>\n  </testcase>\n");
}

bool junit_write(const struct junit *junit, const char *path, struct err *err) {
    struct text out = {0};
    text_put(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"");
    text_put_html(&out, junit->suite);
    text_add(&out, "\" tests=\"%d\" failures=\"%d\">\n%s</testsuite>\n", junit->cases,
             junit->failures, junit->body.s ? junit->body.s : "");
    bool ok = file_write(path, out.s, out.length, err);
    text_free(&out);
    return ok;
}

void junit_free(struct junit *junit) {
    text_free(&junit->body);
}
