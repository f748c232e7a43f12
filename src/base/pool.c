#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/mem.h"

/* Waiting begins with so many looks at the flag: some tens of microseconds, the time between two
 * steps of a plan. Then the core is offered to whoever else wants it before every look, for some
 * hundreds of microseconds, by which tasks end apart; only then does the thread sleep, as waking it
 * takes as long as a short step. */
#define SPINS  4000
#define YIELDS 300

struct job {
    unsigned ticket;
    void (*work)(void *context, int index, int worker);
    void *context;
    int count;
};

/* The indices that one worker does first, from `next` on; the high half is the run's ticket: a
 * worker that comes late can neither take an index of a run whose job it has not copied nor one of
 * a run that is over. On a cache line of its own, as its worker looks at it most. */
struct share {
    _Alignas(64) _Atomic uint64_t next;
};

/* A run is published by a new `ticket`. */
struct pool {
    int threads, made;
    pthread_t *handles;
    struct member *members;
    pthread_mutex_t mutex; /* guards job, sleepers, tasks and their states */
    pthread_cond_t wake, finished;
    struct job job;
    int sleepers;
    struct pool_task *tasks; /* waiting, the oldest first */
    atomic_bool quit;
    atomic_uint ticket;
    atomic_int left; /* indices of this run that are not done */
    struct share *shares;
};

struct member {
    struct pool *pool;
    int worker;
};

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* False when it is time to sleep. */
static bool look_again(int looks) {
    if (looks >= SPINS + YIELDS) return false;
    if (looks < SPINS)
        relax();
    else
        sched_yield();
    return true;
}

static int share_start(const struct pool *pool, const struct job *job, int share) {
    return (int)((int64_t)job->count * share / pool->threads);
}

/* Does indices of a share of `job` until there are none left to take. Returns how many. */
static int take(struct pool *pool, const struct job *job, int share, int worker) {
    _Atomic uint64_t *shared = &pool->shares[share].next;
    int done = 0, end = share_start(pool, job, share + 1);
    uint64_t next = atomic_load(shared);
    while ((unsigned)(next >> 32) == job->ticket && (int)(uint32_t)next < end) {
        if (!atomic_compare_exchange_weak(shared, &next, next + 1)) continue;
        job->work(job->context, (int)(uint32_t)next, worker);
        done++;
        next = atomic_load(shared);
    }
    return done;
}

/* Does the worker's share of `job`, then what the others have not begun of theirs. */
static void take_all(struct pool *pool, const struct job *job, int worker) {
    int done = 0;
    for (int i = 0; i < pool->threads; i++)
        done += take(pool, job, (worker + i) % pool->threads, worker);
    if (done == 0 || atomic_fetch_sub(&pool->left, done) != done) return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->mutex);
}

/* Does the task, which nobody else can reach. Called, and returns, with the mutex held. */
static void do_task(struct pool *pool, struct pool_task *task) {
    task->state = TASK_TAKEN;
    pthread_mutex_unlock(&pool->mutex);
    task->work(task->context);
    pthread_mutex_lock(&pool->mutex);
    task->state = TASK_DONE;
    pthread_cond_signal(&pool->finished);
}

static void *member_main(void *context) {
    const struct member *member = context;
    struct pool *pool = member->pool;
    unsigned seen = 0;
    for (;;) {
        for (int i = 0; atomic_load(&pool->ticket) == seen && look_again(i);) i++;
        pthread_mutex_lock(&pool->mutex);
        pool->sleepers++;
        while (pool->job.ticket == seen && !pool->tasks && !atomic_load(&pool->quit))
            pthread_cond_wait(&pool->wake, &pool->mutex);
        pool->sleepers--;
        if (pool->tasks) {
            struct pool_task *task = pool->tasks;
            pool->tasks = task->next;
            do_task(pool, task);
        }
        struct job job = pool->job;
        pthread_mutex_unlock(&pool->mutex);
        if (atomic_load(&pool->quit)) return NULL;
        seen = job.ticket;
        take_all(pool, &job, member->worker);
    }
}

static int usable_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

struct pool *pool_create(int threads) {
    struct pool *pool = mem_alloc(sizeof *pool);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->finished, NULL);
    if (threads <= 0) threads = usable_cores();
    pool->shares = mem_aligned((size_t)threads * sizeof *pool->shares);
    pool->handles = mem_array((size_t)threads, sizeof *pool->handles);
    pool->members = mem_array((size_t)threads, sizeof *pool->members);
    for (int i = 1; i < threads; i++) {
        pool->members[i] = (struct member){.pool = pool, .worker = i};
        /* Fewer threads than asked for are slower, and nothing else. */
        if (pthread_create(&pool->handles[i], NULL, member_main, &pool->members[i]) != 0) break;
        pool->made++;
    }
    pool->threads = pool->made + 1;
    return pool;
}

int pool_threads(const struct pool *pool) {
    return pool ? pool->threads : 1;
}

void pool_free(struct pool *pool) {
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->quit, true);
    atomic_fetch_add(&pool->ticket, 1); /* ends the spins */
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i <= pool->made; i++) pthread_join(pool->handles[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->finished);
    pthread_mutex_destroy(&pool->mutex);
    mem_free(pool->handles);
    mem_free(pool->members);
    mem_free(pool->shares);
    mem_free(pool);
}

void pool_run(struct pool *pool, void (*work)(void *context, int index, int worker), void *context,
              int count) {
    if (pool_threads(pool) == 1 || count <= 1) {
        for (int i = 0; i < count; i++) work(context, i, 0);
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    struct job job = {pool->job.ticket + 1, work, context, count};
    pool->job = job;
    atomic_store(&pool->left, count);
    for (int i = 0; i < pool->threads; i++)
        atomic_store(&pool->shares[i].next,
                     (uint64_t)job.ticket << 32 | (uint64_t)share_start(pool, &job, i));
    atomic_store(&pool->ticket, job.ticket);
    if (pool->sleepers) pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);

    take_all(pool, &job, 0);
    for (int i = 0; atomic_load(&pool->left) && look_again(i);) i++;
    if (!atomic_load(&pool->left)) return;
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->left)) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

void pool_begin(struct pool *pool, struct pool_task *task) {
    task->state = TASK_WAITING;
    task->next = NULL;
    if (!pool) return;
    pthread_mutex_lock(&pool->mutex);
    struct pool_task **end = &pool->tasks;
    while (*end) end = &(*end)->next;
    *end = task;
    pthread_cond_signal(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

/* Takes the task out of those that wait. */
static void withdraw(struct pool *pool, const struct pool_task *task) {
    struct pool_task **link = &pool->tasks;
    while (*link != task) link = &(*link)->next;
    *link = task->next;
}

void pool_finish(struct pool *pool, struct pool_task *task) {
    if (!pool) {
        task->work(task->context);
        task->state = TASK_DONE;
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    if (task->state == TASK_WAITING) {
        withdraw(pool, task);
        do_task(pool, task);
    }
    while (task->state != TASK_DONE) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}
