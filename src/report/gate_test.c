#include "report/gate.h"

#include "base/check.h"

static const char *const VARIANTS[] = {"stride2", "stride1-both", "v.3"};
static double means[3 * METRIC_COUNT];

static struct err last;

static int evaluate(const char *text) {
    struct gate gate = {0};
    err_free(&last);
    int result =
        gate_parse(text, VARIANTS, 3, &gate, &last) ? (int)gate_evaluate(&gate, means) : -1;
    gate_free(&gate);
    return result;
}

static void check_values(void) {
    means[METRIC_DSNR_HI] = 6;
    means[METRIC_COUNT + METRIC_DSNR_HI] = 5;
    means[2 * METRIC_COUNT + METRIC_SSIM] = NAN;
    CHECK_INT(evaluate("dsnr_hi(stride1-both) < dsnr_hi(stride2) - 0.5"), GATE_FAILS);
    CHECK_INT(evaluate("dsnr_hi(stride1-both) < dsnr_hi(stride2) - 1"), GATE_PASSES);
    CHECK_INT(evaluate("dsnr_hi(stride1-both)<=dsnr_hi(stride2)-1"), GATE_FAILS);
    CHECK_INT(evaluate("1 + 2 * 3 == 7"), GATE_FAILS);
    CHECK_INT(evaluate("(1 + 2) * 3 == 9"), GATE_FAILS);
    CHECK_INT(evaluate("7 - 3 - 2 == 2 and 8 / 4 / 2 == 1"), GATE_FAILS);
    CHECK_INT(evaluate("-1 > 2 or - -1 == 1"), GATE_FAILS);
    CHECK_INT(evaluate("1 > 2 or 1 > 2 and 1 < 2"), GATE_PASSES);
    CHECK_INT(evaluate("1 < 2 or 1 > 2 and 1 > 2"), GATE_FAILS); /* and binds first */
    CHECK_INT(evaluate("(1 < 2 or 1 > 2) and 1 > 2"), GATE_PASSES);
    CHECK_INT(evaluate("2.5e-1 != .25"), GATE_PASSES);
    CHECK_INT(evaluate("1>=1"), GATE_FAILS);
    CHECK_INT(evaluate("ssim( v.3 ) < 0.5"), GATE_UNDECIDED);
    CHECK_INT(evaluate("ssim(v.3) < 0.5 or 1 < 2"), GATE_FAILS);
    CHECK_INT(evaluate("ssim(v.3) < 0.5 and 1 > 2"), GATE_PASSES);
    CHECK_INT(evaluate("ssim(v.3) != 0.5"), GATE_UNDECIDED);
    CHECK_INT(evaluate("1 / (1 - 1) > 0"), GATE_UNDECIDED);

    struct gate gate = {0};
    struct text text = {0};
    CHECK(gate_parse("dsnr_hi(stride2) > ssim(v.3)", VARIANTS, 3, &gate, &last));
    CHECK_STR(gate.text, "dsnr_hi(stride2) > ssim(v.3)");
    gate_values(&gate, VARIANTS, means, &text);
    CHECK_STR(text.s, "dsnr_hi(stride2) = 6, ssim(v.3) = no value");
    text_free(&text);
    gate_free(&gate);
    gate_free(&gate);
}

static void expect_refusal(const char *text, const char *message) {
    CHECK_INT(evaluate(text), -1);
    CHECK_INT(last.status, STATUS_BAD_INPUT);
    if (!last.text || !strstr(last.text, message)) {
        printf("%s gives\n  %s\nnot\n  %s\n", text, last.text ? last.text : "nothing", message);
        CHECK(false);
    }
}

static void check_refusals(void) {
    expect_refusal("", "column 1: expected a number, metric(variant) or (, not the end");
    expect_refusal("1 +", "column 4: expected a number");
    expect_refusal("1", "column 1: this is a number; compare it by");
    expect_refusal("1 < 2 < 3", "column 1: a comparison has two sides");
    expect_refusal(
        "dsnr_hgh(stride2) < 1",
        "column 1: there is no metric \"dsnr_hgh\"; did you mean dsnr_hi? The metrics are "
        "l1, rmse, psnr");
    expect_refusal("1 < sharpness(stride2)", "column 5: there is no metric \"sharpness\"; the "
                                             "metrics are l1");
    expect_refusal("1 < ssim(stride3)",
                   "column 10: there is no variant \"stride3\"; the variants are "
                   "stride2, stride1-both, v.3");
    expect_refusal("ssim < 1", "column 6: expected (variant) after ssim");
    expect_refusal("ssim(stride2 < 1", "column 14: expected ) after stride2");
    expect_refusal("(1 < 2", "column 7: expected )");
    expect_refusal("1 < 2)", "column 6: expected an operator");
    expect_refusal("1 < 2 3", "column 7: expected an operator");
    expect_refusal("1 and 2 < 3", "column 1: this is a number, and cannot be joined by and");
    expect_refusal("(1 < 2) + 3 < 4", "column 1: this is a condition, and takes no +");
    expect_refusal("(1 < 2) < 4", "column 1: only numbers can be compared by <");
    expect_refusal("-(1 < 2) < 4", "column 1: only a number has a sign");
    expect_refusal("1e999 < 2", "column 1: this is no number");
    expect_refusal("0x10 < 2", "column 1: this is no number");
    expect_refusal("1.2.3 < 2", "column 1: this is no number");
    expect_refusal("inf < 2", "there is no metric \"inf\"");
    expect_refusal("1 = 2", "column 3: expected an operator");
    expect_refusal("1 < 2 && 2 < 3", "column 7: expected an operator");
    expect_refusal("ssim(\x1b[31m) < 1", "\\x1b");
    char deep[400];
    memset(deep, '(', 399);
    deep[399] = 0;
    expect_refusal(deep, "too many parentheses");
    memset(deep, '-', 399);
    expect_refusal(deep, "too many parentheses");
    char wide[2000] = "1";
    for (int i = 0; i < 300; i++) strcat(wide, "+1");
    expect_refusal(wide, "the condition is too long");
    char name[600];
    memset(name, 'a', 599);
    name[599] = 0;
    expect_refusal(name, "there is no metric");
}

int main(void) {
    check_values();
    check_refusals();
    err_free(&last);
    return check_end();
}
