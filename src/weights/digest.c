#include "weights/digest.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/mem.h"

#define CHUNK (256u << 10) /* read at a time: stays in a core's second cache */

struct digest {
    struct source source;
    struct pool *pool;
    struct pool_task task;
    atomic_bool cancelled;
    int failure; /* errno + 1 of a failed read, or 0 */
    uint8_t result[32];
};

static void work(void *context) {
    struct digest *d = context;
    uint64_t size = d->source.size, step = size < CHUNK ? size : CHUNK;
    uint8_t *chunk = mem_alloc((size_t)step);
    struct sha256 sha;
    sha256_start(&sha);
    for (uint64_t at = 0; at < size && !d->failure && !atomic_load(&d->cancelled); at += step) {
        size_t n = (size_t)(size - at < step ? size - at : step);
        if (source_fetch(&d->source, at, chunk, n))
            sha256_add(&sha, chunk, n);
        else
            d->failure = errno + 1;
    }
    sha256_end(&sha, d->result);
    mem_free(chunk);
}

struct digest *digest_begin(const struct source *source, struct pool *pool) {
    struct digest *d = mem_alloc(sizeof *d);
    d->source = *source;
    d->pool = pool;
    d->task = (struct pool_task){.work = work, .context = d};
    pool_begin(pool, &d->task);
    return d;
}

static void finish(struct digest *d) {
    pool_finish(d->pool, &d->task);
    source_close(&d->source);
}

bool digest_end(struct digest *d, char hex[65], struct err *err) {
    finish(d);
    bool ok = d->failure == 0;
    if (ok) {
        sha256_hex(d->result, hex);
    } else {
        d->source.err = err;
        errno = d->failure - 1;
        source_io_error(&d->source, d->source.size);
    }
    mem_free(d);
    return ok;
}

void digest_cancel(struct digest *d) {
    if (!d) return;
    atomic_store(&d->cancelled, true);
    finish(d);
    mem_free(d);
}
