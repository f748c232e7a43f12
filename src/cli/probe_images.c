/* Which images are probed. */
#include "base/mem.h"
#include "cli/probe.h"

struct reading {
    struct probe_job *job;
    struct err errs[PROBE_IMAGES]; /* one an image, so that messages keep their order */
};

struct input_reader probe_reader(const struct probe_job *job) {
    return (struct input_reader){.options = job->options,
                                 .variant = job->session.variants[0],
                                 .decoder = job->decoder,
                                 .targets = &job->targets};
}

static void read_one(void *context, int index, int worker) {
    struct reading *reading = context;
    struct probe_job *job = reading->job;
    struct input_reader reader = probe_reader(job);
    input_read(&reader, worker, &job->images.items[index], NULL, &job->inputs[index],
               &reading->errs[index]);
}

bool probe_read_images(struct probe_job *job, struct err *err) {
    struct folder *images = &job->images;
    int count = images->count < PROBE_IMAGES ? images->count : PROBE_IMAGES;
    job->doc.available = images->count;
    job->doc.sampled = count < images->count;
    for (int i = 0; i < count; i++)
        images->items[i] = images->items[(size_t)i * (size_t)images->count / (size_t)count];
    images->count = job->input_count = count;
    job->inputs = mem_array((size_t)count, sizeof *job->inputs);
    job->doc.images = arena_alloc(&job->arena, (size_t)count * sizeof *job->doc.images);
    struct reading reading = {.job = job};
    pool_run(job->session.pool, read_one, &reading, count);
    int read = 0;
    for (int i = 0; i < count; i++) {
        read += job->inputs[i].tensor != NULL;
        if (!job->inputs[i].tensor) err_add(err, STATUS_SOME_FAILED, "%s", reading.errs[i].text);
        err_free(&reading.errs[i]);
    }
    return read > 0;
}
