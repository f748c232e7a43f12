/* What is read of run.json: the seeds of a variant, what a variant is, and a great many of them. */
#include "report/run_read.h"

#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

static char folder[] = "/tmp/stridelab-run-read-XXXXXX";

#define RESOLVED                                                                                   \
    ", \"resolved\": { \"input\": { \"channels\": 1, \"size\": 8 }, "                              \
    "\"blocks\": [ { \"name\": \"b\", \"channels\": 1 } ], \"weights\": { \"random\": 1 } }"

static void add_member(struct text *members, const char *name, int seed, const char *rest) {
    text_add(members, "%s{ \"name\": \"%s\", \"folder\": \"%s/seed-%d\", \"seed\": %d, ",
             members->length ? ", " : "", name, name, seed, seed);
    text_add(members, "\"weights\": { \"origin\": \"random\" }%s }", rest);
}

/* Takes `members`. */
static bool read_back(struct text *members, struct run_record *out, struct err *err) {
    char *path = file_join(folder, "run.json");
    struct text document = {0};
    text_add(&document,
             "{ \"schema\": \"stridelab.run/1\", \"config\": { \"sha256\": \"%064d\" }, "
             "\"variants\": [",
             0);
    text_write(&document, members->s, members->length);
    text_put(&document, "], \"inputs\": { \"files\": [], \"shard\": 1, \"shards\": 1 } }\n");
    CHECK(file_write(path, document.s, document.length, err));
    bool ok = run_read(folder, out, err) && run_read_variants(out, err);
    unlink(path);
    text_free(&document);
    text_free(members);
    mem_free(path);
    return ok;
}

static void check_seeds(void) {
    static const int counts[] = {2, 2, 1, 3, 3, 3};
    struct text members = {0};
    struct run_record record;
    struct err err = {0};
    for (int k = 1; k <= 2; k++) add_member(&members, "two", k, k == 1 ? RESOLVED : "");
    add_member(&members, "one", 1, RESOLVED);
    for (int k = 1; k <= 3; k++) add_member(&members, "three", k, k == 1 ? RESOLVED : "");
    CHECK(read_back(&members, &record, &err));
    CHECK_INT(record.member_count, 6);
    for (int m = 0; m < record.member_count; m++)
        CHECK_INT(record.members[m].seed_count, counts[m]);
    CHECK_INT(record.config.variant_count, 3);
    run_record_free(&record);
    err_free(&err);
}

static void check_undescribed(void) {
    struct text members = {0};
    struct run_record record;
    struct err err = {0};
    add_member(&members, "known", 1, RESOLVED);
    add_member(&members, "unknown", 1, "");
    CHECK(!read_back(&members, &record, &err));
    CHECK_INT(err.status, STATUS_BAD_INPUT);
    CHECK(err.text && strstr(err.text, "run.json does not say what variant unknown is"));
    run_record_free(&record);
    err_free(&err);
}

/* Of many megabytes: the time grows with the size, not with its square. */
static void check_many(void) {
    struct text members = {0};
    struct run_record record;
    struct err err = {0};
    for (int m = 0; m < 100000; m++) {
        char name[16];
        snprintf(name, sizeof name, "v%06d", m);
        add_member(&members, name, 1, "");
    }
    double start = clock_cpu_seconds();
    CHECK(!read_back(&members, &record, &err)); /* it does not say what they are */
    double seconds = clock_cpu_seconds() - start;
    printf("100000 variants read in %.2f s\n", seconds);
    CHECK(seconds < 10);
    CHECK_INT(record.member_count, 100000);
    run_record_free(&record);
    err_free(&err);
}

int main(void) {
    REQUIRE(mkdtemp(folder) != NULL);
    check_seeds();
    check_undescribed();
    check_many();
    rmdir(folder);
    return check_end();
}
