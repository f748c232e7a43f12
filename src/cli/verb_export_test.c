/* export's exit statuses and messages, and the file that it writes. */
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "cli/verbs.h"

#define WORDS_MAX 10

/* Runs the command line `words`, up to a NULL; the messages are the caller's to free. */
static enum status export(const char *const *words, struct err *err) {
    char *argv[WORDS_MAX + 2] = {(char *)(uintptr_t) "stridelab", (char *)(uintptr_t) "export"};
    int argc = 2;
    for (; *words && argc < WORDS_MAX + 2; words++) argv[argc++] = strdup(*words);
    struct options options;
    enum status status = options_parse(argc, argv, &options, err) ? verb_export(&options, err)
                                                                  : err->status;
    options_free(&options);
    for (int i = 2; i < argc; i++) free(argv[i]);
    return status;
}

static void check_refusal(const char *const *words, enum status status, const char *message) {
    struct err err = {0};
    CHECK_INT(export(words, &err), status);
    CHECK(err.text && strstr(err.text, message));
    if (err.text && !strstr(err.text, message)) printf("%s\n", err.text);
    err_free(&err);
}

#define REFUSED(status, message, ...)                                                              \
    check_refusal((const char *const[]){__VA_ARGS__, NULL}, status, message)

static void test_refusals(void) {
    const char *config = "data/golden/features.json";
    REFUSED(STATUS_BAD_INPUT, "--onnx FILE or --torch", config, "--variant", "base");
    REFUSED(STATUS_BAD_INPUT, "choose with --variant one of base, ", config, "--torch");
    REFUSED(STATUS_BAD_INPUT, "no variant is called \"bas\"; there are base, ", config, "--variant",
            "bas", "--torch");
    REFUSED(STATUS_FAILED, "base at 8x8: ", config, "--variant", "base", "--torch", "--size", "8");
    REFUSED(STATUS_BAD_INPUT, "base has no style", config, "--variant", "base", "--torch",
            "--label-input");
    REFUSED(STATUS_IO, "no/such/folder", config, "--variant", "base", "--onnx",
            "no/such/folder/model.onnx");
}

static void test_file(void) {
    char path[] = "/tmp/export-XXXXXX";
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
    struct err err = {0};
    struct bytes bytes;
    const char *const words[] = {"data/golden/features.json",
                                 "--variant",
                                 "style-film",
                                 "--label-input",
                                 "--onnx",
                                 path,
                                 NULL};
    CHECK_INT(export(words, &err), STATUS_OK);
    CHECK(!err.text);
    CHECK(file_read(path, 1 << 24, &bytes, &err) && bytes.size > 10000 && bytes.data[0] == 0x08);
    bytes_free(&bytes);
    err_free(&err);
    unlink(path);
}

int main(void) {
    test_refusals();
    test_file();
    return check_end();
}
