/* A small pool of threads that wait politely: a bounded spin, then sleep. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

struct pool;

/* `threads` in all, the caller included; 0 or less means one a core that this process may use.
 * With 1 no thread is made. */
struct pool *pool_create(int threads);
int pool_threads(const struct pool *pool);
void pool_free(struct pool *pool); /* NULL is fine */

/* Calls work(context, index, worker) once for every index in [0, count), on all threads, each
 * index on one of them (worker in [0, pool_threads)); returns when all are done. Not reentrant.
 * Each thread begins with an equal share of the indices, the same in every run of that count, so
 * that it finds in its caches what it wrote for those indices before; then it helps the others.
 * `pool` may be NULL: then the caller does it all, as worker 0. */
void pool_run(struct pool *pool, void (*work)(void *context, int index, int worker), void *context,
              int count);

/* One piece of work beside the runs: start it zeroed but for work and context. */
struct pool_task {
    void (*work)(void *context);
    void *context;
    /* private */
    enum { TASK_NEW, TASK_WAITING, TASK_TAKEN, TASK_DONE } state;
    struct pool_task *next;
};

/* Lets the first of the other threads that is free do the task, while runs go on with the rest.
 * With one thread it waits for pool_finish. */
void pool_begin(struct pool *pool, struct pool_task *task);
/* Returns when the task is done; does it now when nobody has begun it. Not from inside a run. */
void pool_finish(struct pool *pool, struct pool_task *task);

#endif
