/* The corpus of data/hostile, made by scripts/make_hostile.py: every file is refused by the rule
 * that its manifest names, quickly, or is fine. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "weights/checkpoint.h"

static void check_file(const char *name, const char *rule) {
    char path[512], wanted[300];
    struct checkpoint c;
    struct err err = {0};
    snprintf(path, sizeof path, "data/hostile/%s", name);
    double start = clock_seconds();
    bool ok = checkpoint_open(path, &(struct checkpoint_options){0}, &c, &err);
    bool quick = clock_seconds() - start < 1;
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
    return check_end();
}
