#include "cli/run_images.h"

#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "cli/run_finish.h"
#include "cli/run_journal_line.h"
#include "cli/timed.h"

struct batch {
    struct run *run;
    struct run_item *items;
    int count;
    struct planned *planned;
};

struct input_reader run_reader(const struct run *run) {
    const struct session *session = &run->session;
    return (struct input_reader){.options = run->options,
                                 .variant = session->member_count ? session->members[0].variant
                                                                  : session->variants[0],
                                 .decoder = run->decoder,
                                 .targets = &run->targets};
}

static void read_one(void *context, int index, int worker) {
    struct batch *batch = context;
    struct run_item *item = &batch->items[index];
    struct input_reader reader = run_reader(batch->run);
    struct result_image *result = &batch->run->results.images[item->index];
    struct input_digests digests = {result->sha256, result->target_sha256};
    input_read(&reader, worker, &batch->run->images.items[item->index], &digests, &item->input,
               &item->err);
    result->input_width = item->input.own.w;
    result->input_height = item->input.own.h;
}

static void finish_one(void *context, int index, int worker) {
    struct batch *batch = context;
    run_finish(batch->run, batch->planned, &batch->items[index], worker);
}

static void compute(struct batch *batch) {
    struct planned *planned = batch->planned;
    struct run *run = batch->run;
    int count = batch->count, roots = planned->root_count;
    const float **images = mem_array((size_t)count, sizeof *images);
    int *labels = mem_array((size_t)count, sizeof *labels);
    float **outputs = mem_array((size_t)count * (size_t)roots, sizeof *outputs);
    for (int i = 0; i < count; i++) {
        struct run_item *item = &batch->items[i];
        images[i] = item->input.tensor;
        labels[i] = run->results.images[item->index].label;
        item->outputs = mem_array((size_t)roots, sizeof *item->outputs);
        for (int r = 0; r < roots; r++) {
            struct shape shape = planned->graph.nodes[planned->roots[r]].out;
            item->outputs[r] =
                mem_aligned((size_t)shape.c * (size_t)shape.h * (size_t)shape.w * sizeof(float));
            outputs[r * count + i] = item->outputs[r];
        }
    }
    double *seconds = mem_array((size_t)engine_step_count(planned->engine), sizeof *seconds);
    engine_run(planned->engine, images, labels, count, outputs, seconds);
    if (!run->planned) {
        run->planned = planned;
        planned->kept = true;
        timed_plan(planned, &run->timing);
    }
    if (run->planned == planned) timing_add(&run->timing, seconds, count);
    mem_free(seconds);
    mem_free(outputs);
    mem_free(labels);
    mem_free(images);
}

static void item_free(struct run_item *item, int roots) {
    input_free(&item->input);
    for (int r = 0; item->outputs && r < roots; r++) mem_free(item->outputs[r]);
    mem_free(item->outputs);
    mem_free(item->digests);
    err_free(&item->err);
    err_free(&item->fatal);
}

/* Takes the items that failed out of the batch and notes why. */
static void drop_failed(struct batch *batch) {
    int kept = 0;
    for (int i = 0; i < batch->count; i++) {
        struct run_item *item = &batch->items[i];
        if (item->err.status == STATUS_OK) {
            batch->items[kept++] = *item;
            continue;
        }
        batch->run->results.images[item->index].error =
            arena_strdup(&batch->run->arena, item->err.text);
        item_free(item, 0);
    }
    batch->count = kept;
}

/* Items of one input size at the front of `items`, in order; returns how many. */
static int same_size(struct run_item *items, int count) {
    int same = 1;
    for (int i = 1; i < count; i++) {
        if (items[i].input.size.h != items[0].input.size.h ||
            items[i].input.size.w != items[0].input.size.w)
            continue;
        struct run_item moved = items[i];
        memmove(items + same + 1, items + same, (size_t)(i - same) * sizeof *items);
        items[same++] = moved;
    }
    return same;
}

/* Computes and writes `count` items of one size; false when going on is pointless. */
static bool run_group(struct run *run, struct run_item *items, int count, struct err *err) {
    struct batch group = {.run = run, .items = items, .count = count};
    struct err refused = {0};
    group.planned = session_plan(&run->session, items[0].input.size, &refused);
    if (!group.planned) { /* this size does not fit: these images fail, others may go on */
        for (int i = 0; i < count; i++) {
            run->results.images[items[i].index].error = arena_printf(
                &run->arena, "%s: %s", SAFE(run->images.items[items[i].index].path), refused.text);
            item_free(&items[i], 0);
        }
        err_free(&refused);
        return true;
    }
    compute(&group);
    pool_run(run->session.pool, finish_one, &group, count);
    struct text lines = {0};
    bool ok = true;
    for (int i = 0; i < count; i++) {
        struct result_image *result = &run->results.images[items[i].index];
        if (ok && items[i].fatal.status != STATUS_OK)
            ok = err_add(err, items[i].fatal.status, "%s", items[i].fatal.text);
        if (*items[i].note) result->note = arena_strdup(&run->arena, items[i].note);
        if (result->width > 0) journal_line_put(run, items[i].index, items[i].digests, &lines);
        item_free(&items[i], group.planned->root_count);
    }
    ok = journal_add(run, &lines, err) && ok; /* also when one failed: the others are done */
    text_free(&lines);
    return ok;
}

/* The next images that are not done, at most `most`. */
static int next_items(struct run *run, int *next, int most, struct run_item *items) {
    int count = 0;
    for (; *next < run->images.count && count < most; (*next)++)
        if (run->results.images[*next].width == 0)
            items[count++] = (struct run_item){.index = *next};
    return count;
}

bool run_images(struct run *run, struct err *err) {
    int most = run->session.batch, next = 0, read;
    struct run_item *items = mem_array((size_t)most, sizeof *items);
    struct progress progress = progress_start(run->options, run->images.count, "images");
    bool ok = true;
    while (ok && !stop_requested() && (read = next_items(run, &next, most, items)) > 0) {
        struct batch batch = {.run = run, .items = items, .count = read};
        pool_run(run->session.pool, read_one, &batch, read);
        drop_failed(&batch);
        for (int done = 0, count; ok && done < batch.count; done += count) {
            count = same_size(items + done, batch.count - done);
            ok = run_group(run, items + done, count, err);
            for (int i = done + count; !ok && i < batch.count; i++) item_free(&items[i], 0);
        }
        progress_add(&progress, read);
    }
    progress_end(&progress);
    mem_free(items);
    return ok;
}
