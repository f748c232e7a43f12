/* Where the files of results are, and pairs.csv. */
#include "report/results.h"

#include "base/check.h"
#include "base/mem.h"

static void check_file(char *found, const char *wanted) {
    CHECK_STR(found, wanted);
    mem_free(found);
}

static void check_files(void) {
    struct result_image own = {.stem = "a", .dir = "out", .base = ""};
    check_file(results_path(&own, "inputs"), "out/inputs/a.png");
    check_file(results_link(&own, "stride1/seed-2"), "stride1/seed-2/a.png");
    struct result_image far = {.stem = "a", .dir = "/x/part1", .base = "../part1/"};
    far.target = "there/a.jpg";
    far.target_link = "../there/a.jpg";
    check_file(results_path(&far, "targets"), "there/a.jpg");
    check_file(results_link(&far, "targets"), "../there/a.jpg");
    check_file(results_path(&far, "stride2"), "/x/part1/stride2/a.png");
    check_file(results_link(&far, "stride2"), "../part1/stride2/a.png");
}

static void check_pairs(void) {
    struct result_member members[] = {
        {.variant = "stride2", .seed = 1, .folder = "stride2"},
        {.variant = "stride1", .seed = 2, .folder = "stride1/seed-2"}};
    struct result_image images[] = {{.stem = "=a,b", .base = "", .has_target = true},
                                    {.stem = "c", .base = "../part2/"}};
    struct results r = {.members = members, .member_count = 2, .images = images, .image_count = 2};
    struct text out = {0};
    results_pairs(&r, &out);
    CHECK_STR(out.s, "image,variant,seed,output,target\n"
                     "\"'=a,b\",stride2,1,\"stride2/=a,b.png\",\"targets/=a,b.png\"\n"
                     "\"'=a,b\",stride1,2,\"stride1/seed-2/=a,b.png\",\"targets/=a,b.png\"\n"
                     "c,stride2,1,../part2/stride2/c.png,\n"
                     "c,stride1,2,../part2/stride1/seed-2/c.png,\n");
    text_free(&out);
}

int main(void) {
    check_files();
    check_pairs();
    return check_end();
}
