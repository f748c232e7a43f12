/* What is painted, what is not, and when. */
#include "cli/color.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static void check_painted(const char *plain, const char *want) {
    struct text t = {0};
    text_put(&t, plain);
    color_statuses(&t);
    CHECK_STR(t.s, want);
    text_free(&t);
}

static void check_statuses(void) {
    check_painted("ok   configs/demo.json\n", "\033[32mok\033[0m   configs/demo.json\n");
    check_painted("FAIL a.json\n     b: c\n", "\033[31mFAIL\033[0m a.json\n     b: c\n");
    check_painted("  b2  4x4  ok    1\n", "  b2  4x4  \033[32mok\033[0m    1\n");
    check_painted("  b2  4x4  2 -> 3", "  b2  4x4  \033[33m2 -> 3\033[0m");
    check_painted("  b2  2x3 != 2x4  7", "  b2  \033[31m2x3 != 2x4\033[0m  7");
    check_painted("s  384x384: does not fit\n", "s  384x384: \033[31mdoes not fit\033[0m\n");
    check_painted("s  8x8 -> 1x8x8, resampled 1 time\n",
                  "s  8x8 -> 1x8x8, \033[33mresampled 1 time\033[0m\n");
    check_painted("8x8  s  does not fit at b\n", "8x8  s  \033[31mdoes not fit at b\033[0m\n");
    check_painted("8x8  s  resampled 1\n", "8x8  s  \033[33mresampled 1\033[0m\n");
    check_painted("  error: it is so\n", "  \033[31merror\033[0m: it is so\n");
    check_painted("  resampled: b 2x2 -> 3x3\n", "  \033[33mresampled\033[0m: b 2x2 -> 3x3\n");
}

static void check_left_alone(void) {
    static const char *const plain[] = {"s  384x384 -> 3x384x384\n", "look  3 -> \n",
                                        "  3 -> 4 of them  x\n", "okay  FAILURE\n", "  1 2  x 3\n"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) check_painted(plain[i], plain[i]);
    struct text empty = {0};
    color_statuses(&empty);
    CHECK(empty.length == 0);
}

/* The tests' standard output is no terminal, or not surely one. */
static void check_wanted(void) {
    setenv("TERM", "dumb", 1);
    unsetenv("NO_COLOR");
    unsetenv("CLICOLOR_FORCE");
    unsetenv("CLICOLOR");
    CHECK(!color_wanted(COLOR_AUTO));
    CHECK(color_wanted(COLOR_ALWAYS));
    setenv("CLICOLOR_FORCE", "1", 1);
    CHECK(color_wanted(COLOR_AUTO));
    CHECK(!color_wanted(COLOR_NEVER));
    setenv("NO_COLOR", "1", 1);
    CHECK(!color_wanted(COLOR_AUTO));
    CHECK(color_wanted(COLOR_ALWAYS));
    setenv("NO_COLOR", "", 1);
    CHECK(color_wanted(COLOR_AUTO));
    setenv("CLICOLOR_FORCE", "0", 1);
    CHECK(!color_wanted(COLOR_AUTO));
}

int main(void) {
    check_statuses();
    check_left_alone();
    check_wanted();
    return check_end();
}
