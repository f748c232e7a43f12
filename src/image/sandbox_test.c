#include "image/sandbox.h"

#include <signal.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "image/golden_image.h"

#define BUDGET ((size_t)32 * 1024 * 1024)

static enum sandbox_result decode(struct sandbox *s, const struct bytes *file,
                                  struct stb_pixels *out) {
    const uint8_t *samples;
    enum sandbox_result result =
        sandbox_decode(s, file->data, file->size, false, BUDGET, &samples, out);
    CHECK((samples != NULL) == (result == SANDBOX_DECODED));
    return result;
}

static void test_lives(struct sandbox *s, const struct bytes *file) {
    struct stb_pixels pixels;
    pid_t first = s->pid;
    for (int i = 0; i < 3; i++) {
        CHECK_INT(decode(s, file, &pixels), SANDBOX_DECODED);
        CHECK(pixels.width == 19 && pixels.height == 13 && pixels.channels == 3);
    }
    CHECK_INT(s->pid, first); /* one child for all of them */

    /* Signals from the keyboard are for the parent. */
    kill(first, SIGINT);
    kill(first, SIGTERM);
    CHECK_INT(decode(s, file, &pixels), SANDBOX_DECODED);
    CHECK_INT(s->pid, first);
}

static void test_dies(struct sandbox *s, const struct bytes *file) {
    struct stb_pixels pixels;
    pid_t first = s->pid;
    kill(first, SIGKILL);
    CHECK_INT(decode(s, file, &pixels), SANDBOX_DIED);
    CHECK_INT(decode(s, file, &pixels), SANDBOX_DECODED);
    CHECK(s->pid > 0 && s->pid != first);

    /* A refusal replaces it too: what it read may have harmed it. */
    pid_t second = s->pid;
    struct bytes rubbish = {(uint8_t *)"no image", 8};
    CHECK_INT(decode(s, &rubbish, &pixels), SANDBOX_REFUSED);
    CHECK(pixels.reason[0] != '\0');
    CHECK_INT(decode(s, file, &pixels), SANDBOX_DECODED);
    CHECK(s->pid != second);
}

static void test_hangs(struct sandbox *s, const struct bytes *file) {
    struct stb_pixels pixels;
    kill(s->pid, SIGSTOP);
    s->timeout_ms = 60;
    double begin = clock_seconds();
    CHECK_INT(decode(s, file, &pixels), SANDBOX_SLOW);
    double taken = clock_seconds() - begin;
    CHECK(taken > 0.05 && taken < 5);
    s->timeout_ms = 10000;
    CHECK_INT(decode(s, file, &pixels), SANDBOX_DECODED);
}

static void test_budget(struct sandbox *s, const struct bytes *file) {
    const uint8_t *samples;
    struct stb_pixels pixels;
    CHECK_INT(sandbox_decode(s, file->data, file->size, false, 512, &samples, &pixels),
              SANDBOX_REFUSED);
    CHECK(samples == NULL && strstr(pixels.reason, "memory"));
}

/* The child has no descriptor but its socket. */
static void test_descriptors(const struct sandbox *s) {
    int open_ones = 0;
    for (int fd = 0; fd < 64; fd++) {
        char link[64], target[64];
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)s->pid, fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length < 0) continue;
        target[length] = '\0';
        open_ones++;
        CHECK(fd == 0 && strncmp(target, "socket:", 7) == 0);
    }
    CHECK_INT(open_ones, 1);
    char path[64], line[128];
    snprintf(path, sizeof path, "/proc/%d/status", (int)s->pid);
    FILE *status = fopen(path, "r");
    bool strict = false;
    while (status && fgets(line, sizeof line, status)) strict |= strcmp(line, "Seccomp:\t1\n") == 0;
    CHECK(strict);
    if (status) fclose(status);
}

int main(void) {
    struct err err = {0};
    struct bytes file;
    struct sandbox sandbox;
    CHECK(file_read("data/images/rgb8.png", 1 << 20, &file, &err));
    if (sandbox_start(&sandbox)) {
        test_lives(&sandbox, &file);
        test_descriptors(&sandbox);
        test_dies(&sandbox, &file);
        test_hangs(&sandbox, &file);
        test_budget(&sandbox, &file);
        pid_t last = sandbox.pid;
        sandbox_stop(&sandbox);
        CHECK(last == 0 || kill(last, 0) != 0); /* ended and reaped */
    } else {
        printf("no sandbox in this build or on this system: skipped\n");
        CHECK(sandbox.memory == NULL && sandbox.pid == 0);
    }
    sandbox_stop(&sandbox);
    bytes_free(&file);
    err_free(&err);
    return check_end();
}
