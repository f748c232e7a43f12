/* Annotations as GitHub parses them. */
#include "cli/github.h"

#include "base/check.h"

static void check_one(const char *file, const char *message, const char *want) {
    struct text out = {0};
    github_error(&out, file, "stridelab check", message);
    CHECK_STR(out.s, want);
    text_free(&out);
}

static void check_errors(const char *messages, const char *want) {
    struct err err = {0};
    struct text out = {0};
    err_add(&err, STATUS_BAD_INPUT, "%s", messages);
    github_errors(&out, "t", &err);
    CHECK_STR(out.s, want);
    text_free(&out);
    err_free(&err);
}

int main(void) {
    check_one("configs/a.json", "b2: 3 -> 4\nb3: 50% less\n",
              "::error file=configs/a.json,title=stridelab check::b2: 3 -> 4%0Ab3: 50%25 less\n");
    check_one("a:b,c%\n.json", "x", "::error file=a%3Ab%2Cc%25%0A.json,title=stridelab check::x\n");
    check_one(NULL, "x::warning::y\r\n::error::z",
              "::error title=stridelab check::x::warning::y%0D%0A::error::z\n");
    check_errors("a.json:3:12: $.nam: unknown key", "::error file=a.json,line=3,col=12,title=t::"
                                                    "$.nam: unknown key\n");
    check_errors("c:a.json:3:12: x: 1:2: y", "::error file=c%3Aa.json,line=3,col=12,title=t::"
                                             "x: 1:2: y\n");
    check_errors("first\n  more\nsecond: 1:2", "::error title=t::first%0A  more\n"
                                               "::error title=t::second: 1:2\n");
    check_errors(":1:2: x", "::error title=t:::1:2: x\n");
    struct err none = {0};
    struct text out = {0};
    github_errors(&out, "t", &none);
    CHECK(out.length == 0);
    return check_end();
}
