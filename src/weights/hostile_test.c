/* The corpus of data/hostile, made by scripts/make_hostile.py: every file is refused by the rule
 * that its manifest names, quickly and in little memory, or is fine. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "weights/checkpoint.h"

static void check_file(const char *name, const char *rule) {
    char path[512], wanted[300];
    struct checkpoint c;
    struct err err = {0};
    snprintf(path, sizeof path, "data/hostile/%s", name);
    double start = clock_cpu_seconds(); /* others may have the processor */
    bool ok = checkpoint_open(path, &(struct checkpoint_options){0}, &c, &err);
    bool quick = clock_cpu_seconds() - start < 1;
    if (strcmp(rule, "fine") == 0) {
        if (!ok) printf("%s\n", err.text);
        CHECK(ok && c.tensor_count >= 0 && err.count == 0);
    } else {
        snprintf(wanted, sizeof wanted, "(%s)", rule);
        bool named = !ok && err.text && strstr(err.text, wanted) && strstr(err.text, ": byte ") &&
                     strstr(err.text, name);
        if (!named) printf("%s: wanted %s, got: %s\n", name, wanted, ok ? "accepted" : err.text);
        CHECK(named);
        CHECK(!ok && (err.status == STATUS_BAD_INPUT || err.status == STATUS_LIMIT));
    }
    CHECK(quick);
    checkpoint_free(&c);
    err_free(&err);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true; /* which takes memory of its own */
#else
static const bool sanitized = false;
#endif

/* The most that any of the files took, and this program with it. */
static void check_memory(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    printf("at most %ld KiB\n", usage.ru_maxrss);
    CHECK(sanitized || usage.ru_maxrss < 64 << 10);
}

int main(void) {
    FILE *manifest = fopen("data/hostile/manifest.tsv", "r");
    char line[256];
    int count = 0;
    CHECK(manifest != NULL);
    while (manifest && fgets(line, sizeof line, manifest)) {
        char *tab = strchr(line, '\t');
        line[strcspn(line, "\n")] = 0;
        CHECK(tab != NULL);
        if (!tab) break;
        *tab = 0;
        check_file(line, tab + 1);
        count++;
    }
    if (manifest) fclose(manifest);
    CHECK(count >= 300);
    check_memory();
    return check_end();
}
