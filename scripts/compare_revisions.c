/* Times two revisions of the engine in one process, run after run in alternation, so that both see
 * the same moments of a noisy machine: see compare_revisions.sh.
 *
 *   compare_revisions A.so B.so ROUNDS bench CONFIG ...      (see revision_engine.c) */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS  4096
#define WARMUP 3

struct revision {
    void *engine;
    void *(*open)(int, char **);
    int (*steps)(void *);
    const char *(*step)(void *, int);
    double (*run)(void *, double *);
    unsigned long long (*digest)(void *);
    double *seconds; /* [round] */
    double *of_step; /* [step][round] */
};

static void *symbol(void *library, const char *name) {
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void open_revision(struct revision *r, const char *path, int rounds, int argc, char **argv) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    *(void **)&r->open = symbol(library, "revision_open");
    *(void **)&r->steps = symbol(library, "revision_steps");
    *(void **)&r->step = symbol(library, "revision_step");
    *(void **)&r->run = symbol(library, "revision_run");
    *(void **)&r->digest = symbol(library, "revision_digest");
    if (!(r->engine = r->open(argc, argv)) || r->steps(r->engine) > STEPS) exit(1);
    r->seconds = calloc((size_t)rounds, sizeof(double));
    r->of_step = calloc((size_t)rounds * STEPS, sizeof(double));
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

/* Steps that take at least 1 % of the time, where both revisions have as many. */
static void print_steps(struct revision *r, int rounds, double whole) {
    int steps = r[0].steps(r[0].engine);
    for (int s = 0; s < steps && steps == r[1].steps(r[1].engine); s++) {
        double a = median(r[0].of_step + (size_t)s * (size_t)rounds, rounds);
        double b = median(r[1].of_step + (size_t)s * (size_t)rounds, rounds);
        if (a < whole / 100 && b < whole / 100) continue;
        const char *name = r[0].step(r[0].engine, s), *other = r[1].step(r[1].engine, s);
        bool same = strcmp(name, other) == 0;
        printf("%8.3f %8.3f  %.3f  %s%s%s\n", a * 1e3, b * 1e3, b / a, name, same ? "" : " -> ",
               same ? "" : other);
    }
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    struct revision r[2];
    int rounds = atoi(argv[3]);
    double *ratios = calloc((size_t)rounds, sizeof(double)), seconds[STEPS];
    for (int i = 0; i < 2; i++) open_revision(&r[i], argv[1 + i], rounds, argc - 3, argv + 3);
    for (int round = -WARMUP; round < rounds; round++)
        for (int turn = 0; turn < 2; turn++) {
            struct revision *now = &r[(turn + round) & 1]; /* A B, B A, A B, ... */
            double all = now->run(now->engine, seconds);
            if (round < 0) continue;
            now->seconds[round] = all;
            for (int s = 0; s < now->steps(now->engine); s++)
                now->of_step[(size_t)s * (size_t)rounds + (size_t)round] = seconds[s];
        }
    for (int i = 0; i < rounds; i++) ratios[i] = r[1].seconds[i] / r[0].seconds[i];
    double a = median(r[0].seconds, rounds), b = median(r[1].seconds, rounds);
    double ratio = median(ratios, rounds);
    print_steps(r, rounds, a);
    printf(
        "%8.3f %8.3f ms an image; B takes %.3f of A's time, the middle half of %d rounds %.3f to "
        "%.3f; outputs %s\n",
        a * 1e3, b * 1e3, ratio, rounds, ratios[rounds / 4], ratios[3 * rounds / 4],
        r[0].digest(r[0].engine) == r[1].digest(r[1].engine) ? "have the same bits" : "differ");
    return 0;
}
