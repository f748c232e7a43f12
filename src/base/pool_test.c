#include "base/pool.h"

#include <stdatomic.h>
#include <time.h>

#include "base/check.h"

#define MAX 1000

struct tally {
    atomic_int done[MAX];
    atomic_int bad_worker;
    int threads;
    int plain[MAX]; /* written by workers, read by the caller after the run */
};

static void count_one(void *context, int index, int worker) {
    struct tally *t = context;
    atomic_fetch_add(&t->done[index], 1);
    t->plain[index] += index;
    if (worker < 0 || worker >= t->threads) atomic_store(&t->bad_worker, 1);
}

static void every_index_once(int threads) {
    struct pool *pool = pool_create(threads);
    CHECK_INT(pool_threads(pool), threads);
    static const int counts[] = {0, 1, 2, 3, 7, 64, MAX};
    for (int round = 0; round < 300; round++) {
        int count = counts[round % 7];
        static struct tally t;
        t = (struct tally){.threads = threads};
        pool_run(pool, count_one, &t, count);
        int wrong = atomic_load(&t.bad_worker);
        for (int i = 0; i < MAX; i++) {
            wrong += atomic_load(&t.done[i]) != (i < count);
            wrong += t.plain[i] != (i < count ? i : 0);
        }
        if (wrong || round % 50 == 0) CHECK_INT(wrong, 0);
        /* Some runs find the workers spinning, some asleep. */
        if (round % 40 == 0) nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    }
    pool_free(pool);
}

static void slow_index(void *context, int index, int worker) {
    (void)worker;
    if (index == 0) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    atomic_fetch_add((atomic_int *)context, 1);
}

/* The caller must wait for an index that another thread is still doing. */
static void waits_for_the_slowest(void) {
    struct pool *pool = pool_create(3);
    for (int i = 0; i < 5; i++) {
        atomic_int sum = 0;
        pool_run(pool, slow_index, &sum, 3);
        CHECK_INT(atomic_load(&sum), 3);
    }
    pool_free(pool);
}

/* A task beside runs: done once, finished when asked for, and no run waits for it. */

struct beside {
    atomic_int begun, done, stop;
};

static void until_stopped(void *context) {
    struct beside *b = context;
    atomic_fetch_add(&b->begun, 1);
    while (!atomic_load(&b->stop)) nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    atomic_fetch_add(&b->done, 1);
}

static void tasks_beside_runs(int threads) {
    struct pool *pool = threads ? pool_create(threads) : NULL;
    for (int round = 0; round < 20; round++) {
        static struct tally t;
        static struct beside b[3];
        struct pool_task tasks[3];
        for (int i = 0; i < 3; i++) {
            b[i] = (struct beside){.begun = 0};
            tasks[i] = (struct pool_task){.work = until_stopped, .context = &b[i]};
            pool_begin(pool, &tasks[i]);
        }
        if (threads > 1)
            while (!atomic_load(&b[0].begun))
                nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
        t = (struct tally){.threads = threads ? threads : 1};
        pool_run(pool, count_one, &t, MAX);
        int wrong = atomic_load(&t.bad_worker);
        for (int i = 0; i < MAX; i++) wrong += atomic_load(&t.done[i]) != 1;
        CHECK_INT(wrong, 0);
        for (int i = 0; i < 3; i++) CHECK_INT(atomic_load(&b[i].done), 0);
        for (int i = 0; i < 3; i++) atomic_store(&b[i].stop, 1);
        for (int i = 0; i < 3; i++) { /* in any order */
            pool_finish(pool, &tasks[(i + round) % 3]);
            CHECK_INT(atomic_load(&b[(i + round) % 3].done), 1);
        }
    }
    pool_free(pool);
}

int main(void) {
    for (int threads = 0; threads <= 5; threads++) tasks_beside_runs(threads);
    every_index_once(1);
    every_index_once(2);
    every_index_once(5);
    waits_for_the_slowest();

    static struct tally t;
    t.threads = 1;
    pool_run(NULL, count_one, &t, 10);
    CHECK_INT(atomic_load(&t.done[9]), 1);
    CHECK_INT(pool_threads(NULL), 1);
    pool_free(NULL);

    struct pool *idle = pool_create(0);
    CHECK(pool_threads(idle) >= 1);
    pool_free(idle);
    return check_end();
}
