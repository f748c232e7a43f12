/* With a file, prints its tensors: a line of name, type and shape each, then count, nonfinite and
 * the floats' SHA-256. Scripts compare that with other readers. Without arguments it is a test of
 * nothing but that it can read the smallest file there is. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "weights/checkpoint.h"

static void print(const struct checkpoint *c) {
    printf("file\t%s\t%s\n", c->sha256, c->key ? c->key : "-");
    for (int i = 0; i < c->tensor_count; i++) {
        const struct tensor *t = &c->tensors[i];
        char hex[65] = "-";
        if (t->data) sha256_hex_of(t->data, t->count * sizeof *t->data, hex);
        printf("%s\t%s\t", t->name, dtype_name(t->dtype));
        for (int d = 0; d < t->rank; d++) printf("%s%" PRId64, d ? "," : "", t->dims[d]);
        printf("\t%zu\t%s\n", t->nonfinite, hex);
    }
}

/* Each argument is a file; the exit status is that of the first refusal. */
static int dump(int count, char **paths) {
    struct checkpoint_options options = {.allow_nonfinite = true, .key = getenv("KEY")};
    int status = 0;
    for (int i = 0; i < count; i++) {
        struct checkpoint c;
        struct err err = {0};
        if (checkpoint_open(paths[i], &options, &c, &err) && checkpoint_digest(&c, &err))
            print(&c);
        else
            printf("refused\t%s\n", err.text);
        if (status == 0) status = (int)err.status;
        checkpoint_free(&c);
        err_free(&err);
    }
    return status;
}

int main(int argc, char **argv) {
    struct checkpoint c;
    struct err err = {0};
    if (argc > 1) return dump(argc - 1, argv + 1);
    CHECK(checkpoint_open("data/checkpoints/plain.safetensors", &(struct checkpoint_options){0}, &c,
                          &err));
    CHECK(c.tensor_count > 0);
    checkpoint_free(&c);
    err_free(&err);
    return check_end();
}
