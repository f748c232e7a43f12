#include "cli/run_images.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "cli/progress.h"
#include "cli/run_journal.h"
#include "cli/timed.h"
#include "image/encode.h"
#include "image/tensor_image.h"
#include "report/npy.h"
#include "report/sheet.h"

/* One image on its way through a batch. */
struct item {
    int index; /* among run->images */
    struct image input, target;
    struct extent size; /* of the network's input */
    float *tensor;
    float **outputs;        /* per root */
    struct err err;         /* of this image alone */
    struct err fatal;       /* of the output: going on is pointless */
    char note[96];          /* why the target was not compared */
    struct digest *digests; /* of its files; NULL: none was written */
};

struct batch {
    struct run *run;
    struct item *items;
    int count;
    struct planned *planned;
};

static const struct config_variant *base_variant(const struct run *run) {
    return run->session.members[0].variant;
}

/* run.json says what was read; a file whose digest it lacks is not used, even if it can be read by
 * now. */
static bool has_digest(const char *path, const char *digest, struct err *err) {
    char hex[65];
    if (*digest) return true;
    if (!file_sha256(path, hex, err)) return false;
    return err_add(err, STATUS_IO, "%s: it could not be read at first, but now: run again",
                   SAFE(path));
}

static bool read_target(struct run *run, int worker, struct item *item, const struct image *whole) {
    int channels = base_variant(run)->channels_out;
    if (run->options->pairs != PAIRS_NONE) {
        enum image_half half = run->options->pairs == PAIRS_LEFT ? IMAGE_RIGHT : IMAGE_LEFT;
        const char *path = run->images.items[item->index].path;
        if (!image_take_half(whole, path, half, &item->target, &item->err)) return false;
        image_convert(&item->target, channels);
        return true;
    }
    const char *stem = run->images.items[item->index].stem;
    const struct folder_item *target = folder_find(&run->targets, stem);
    if (!target) return true;
    const char *digest = run->results.images[item->index].target_sha256;
    if (!has_digest(target->path, digest, &item->err)) return false;
    return decoder_read(run->decoder, worker, target->path, channels, &item->target, &item->err);
}

/* The network's input size for an image, and the image made to fit it. */
static bool fit_input(const struct config_variant *variant, struct item *item, const char *path) {
    struct image *image = &item->input;
    struct extent size = variant->size, own = {image->height, image->width};
    item->size = size;
    if (variant->resize == RESIZE_NATIVE) {
        item->size = own;
        return true;
    }
    if (own.h == size.h && own.w == size.w) return true;
    if (variant->resize == RESIZE_ERROR)
        return err_add(&item->err, STATUS_BAD_INPUT,
                       "%s: the image is %dx%d, input.size is %dx%d, and input.resize is \"error\"",
                       SAFE(path), own.h, own.w, size.h, size.w);
    if (variant->resize == RESIZE_PAD && (own.h > size.h || own.w > size.w))
        return err_add(
            &item->err, STATUS_BAD_INPUT,
            "%s: the image is %dx%d, larger than input.size %dx%d, and can only be padded",
            SAFE(path), own.h, own.w, size.h, size.w);
    struct image fitted = variant->resize == RESIZE_PAD ? image_pad(image, size.w, size.h)
                                                        : image_resize(image, size.w, size.h);
    image_free(image);
    *image = fitted;
    return true;
}

static bool read_item(struct run *run, int worker, struct item *item) {
    const struct config_variant *variant = base_variant(run);
    const struct folder_item *file = &run->images.items[item->index];
    struct result_image *result = &run->results.images[item->index];
    bool pairs = run->options->pairs != PAIRS_NONE;
    struct image whole = {0};
    if (!has_digest(file->path, result->sha256, &item->err)) return false;
    if (!decoder_read(run->decoder, worker, file->path, pairs ? 3 : variant->channels_in, &whole,
                      &item->err))
        return false;
    bool ok = true;
    if (pairs) {
        enum image_half half = run->options->pairs == PAIRS_LEFT ? IMAGE_LEFT : IMAGE_RIGHT;
        ok = image_take_half(&whole, file->path, half, &item->input, &item->err);
        if (ok) image_convert(&item->input, variant->channels_in);
    }
    ok = ok && read_target(run, worker, item, &whole);
    if (pairs)
        image_free(&whole);
    else
        item->input = whole;
    if (!ok) return false;
    if (run->options->label_from_name && result->label < 0)
        return err_add(&item->err, STATUS_BAD_INPUT,
                       "%s: the name has no label: <number>_<anything> is expected",
                       SAFE(file->path));
    if (result->label >= variant->style_count && run->options->label_from_name)
        return err_add(&item->err, STATUS_BAD_INPUT,
                       "%s: label %d, but style.count is %d (labels are 0 to %d)", SAFE(file->path),
                       result->label, variant->style_count, variant->style_count - 1);
    result->input_width = item->input.width;
    result->input_height = item->input.height;
    return fit_input(variant, item, file->path);
}

static void read_one(void *context, int index, int worker) {
    struct batch *batch = context;
    struct item *item = &batch->items[index];
    const struct config_variant *variant = base_variant(batch->run);
    if (!read_item(batch->run, worker, item)) return;
    item->tensor = mem_aligned((size_t)variant->channels_in * (size_t)item->size.h *
                               (size_t)item->size.w * sizeof(float));
    image_to_tensor(&item->input, variant->mean, variant->std, item->tensor);
}

static bool write_png(const struct run *run, struct item *item, int output,
                      const struct image *image) {
    struct bytes png = {0};
    bool ok = encode_png(image, &png, &item->fatal) &&
              output_write(run, item->index, output, &png, &item->digests[output], &item->fatal);
    bytes_free(&png);
    return ok;
}

static bool write_raw(const struct run *run, struct item *item, int output, const float *values,
                      struct shape shape) {
    struct bytes npy = npy_encode(values, shape.c, shape.h, shape.w);
    bool ok = output_write(run, item->index, output, &npy, &item->digests[output], &item->fatal);
    bytes_free(&npy);
    return ok;
}

/* The pixels of an output; padding of the input is cropped off again. */
static struct image output_image(const struct run *run, const struct item *item, int member,
                                 const float *output, struct shape shape) {
    const struct config_variant *variant = run->session.members[member].variant;
    const struct result_image *result = &run->results.images[item->index];
    bool padded = variant->resize == RESIZE_PAD;
    return image_from_tensor(output, shape.c, shape.h, shape.w,
                             padded ? result->input_width : shape.w,
                             padded ? result->input_height : shape.h, variant->mean, variant->std);
}

static double largest_difference(const float *a, const float *b, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
    return largest;
}

/* The target that the outputs of one image are measured against, or none when it is missing or not
 * of their size. */
static void set_reference(struct run *run, struct metrics_context *context, struct item *item,
                          const struct image *output) {
    struct result_image *result = &run->results.images[item->index];
    const struct image *target = &item->target;
    bool fits = target->width == output->width && target->height == output->height;
    if (target->pixels && !fits)
        snprintf(item->note, sizeof item->note, "the target is %dx%d, the output %dx%d",
                 target->height, target->width, output->height, output->width);
    result->has_target = target->pixels && fits;
    metrics_set_reference(context, result->has_target ? target->pixels : NULL, output->width,
                          output->height, output->channels);
    if (result->has_target)
        metrics_of_reference(context, run->results.targets + (size_t)item->index * METRIC_COUNT,
                             &run->results.target_profiles[item->index]);
}

static bool same_shape(struct shape a, struct shape b) {
    return a.c == b.c && a.h == b.h && a.w == b.w;
}

/* Writes and measures one member's output; its pixels go to `image`. */
static bool finish_member(struct batch *batch, struct item *item, int m,
                          struct metrics_context *metrics, struct image *image) {
    struct run *run = batch->run;
    struct planned *planned = batch->planned;
    struct results *results = &run->results;
    const float *output = item->outputs[planned->root_of[m]];
    const float *first = item->outputs[planned->root_of[0]];
    struct shape shape = planned->nets[m].output;
    *image = output_image(run, item, m, output, shape);
    if (!write_png(run, item, output_of(m), image)) return false;
    if (run->options->save_raw && !write_raw(run, item, output_raw_of(m), output, shape))
        return false;
    if (m == 0) set_reference(run, metrics, item, image);
    *results_difference(results, item->index, m) = NAN;
    if (!same_shape(shape, planned->nets[0].output))
        return true; /* nothing to measure it against */
    metrics_compare_prepared(metrics, image->pixels, results_metrics(results, item->index, m),
                             results_profile(results, item->index, m));
    if (results->images[item->index].has_target)
        *results_worst(results, item->index, m) = window_worst(
            item->target.pixels, image->pixels, image->width, image->height, image->channels);
    size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
    *results_difference(results, item->index, m) = largest_difference(output, first, count);
    return true;
}

static bool write_sheet(struct run *run, struct item *item, const struct image *outputs) {
    int members = run->results.member_count;
    struct sheet_variant *variants = mem_array((size_t)members, sizeof *variants);
    for (int m = 0; m < members; m++)
        variants[m] =
            (struct sheet_variant){.name = run->results.members[m].folder, .image = &outputs[m]};
    struct sheet sheet = {.title = run->images.items[item->index].stem,
                          .input = &item->input,
                          .target = item->target.pixels ? &item->target : NULL,
                          .variants = variants,
                          .variant_count = members};
    struct image drawn = sheet_draw(&sheet);
    bool ok = write_png(run, item, OUTPUT_SHEET, &drawn);
    image_free(&drawn);
    mem_free(variants);
    return ok;
}

/* Encodes and measures all members' outputs of one image. */
static void finish_one(void *context, int index, int worker) {
    struct batch *batch = context;
    struct run *run = batch->run;
    struct item *item = &batch->items[index];
    int members = run->session.member_count;
    struct image *outputs = mem_array((size_t)members, sizeof *outputs);
    item->digests = mem_array((size_t)output_count(run), sizeof *item->digests);
    bool ok = write_png(run, item, OUTPUT_INPUT, &item->input) &&
              (!item->target.pixels || write_png(run, item, OUTPUT_TARGET, &item->target));
    for (int m = 0; ok && m < members; m++)
        ok = finish_member(batch, item, m, run->metrics[worker], &outputs[m]);
    ok = ok && write_sheet(run, item, outputs);
    if (ok) { /* done: this is what --resume and the writers of reports look at */
        run->results.images[item->index].width = outputs[0].width;
        run->results.images[item->index].height = outputs[0].height;
    }
    for (int m = 0; m < members; m++) image_free(&outputs[m]);
    mem_free(outputs);
}

static void compute(struct batch *batch) {
    struct planned *planned = batch->planned;
    struct run *run = batch->run;
    int count = batch->count, roots = planned->root_count;
    const float **images = mem_array((size_t)count, sizeof *images);
    int *labels = mem_array((size_t)count, sizeof *labels);
    float **outputs = mem_array((size_t)(count * roots), sizeof *outputs);
    for (int i = 0; i < count; i++) {
        struct item *item = &batch->items[i];
        images[i] = item->tensor;
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

static void item_free(struct item *item, int roots) {
    image_free(&item->input);
    image_free(&item->target);
    mem_free(item->tensor);
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
        struct item *item = &batch->items[i];
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
static int same_size(struct item *items, int count) {
    int same = 1;
    for (int i = 1; i < count; i++) {
        if (items[i].size.h != items[0].size.h || items[i].size.w != items[0].size.w) continue;
        struct item moved = items[i];
        memmove(items + same + 1, items + same, (size_t)(i - same) * sizeof *items);
        items[same++] = moved;
    }
    return same;
}

/* Computes and writes `count` items of one size; false when going on is pointless. */
static bool run_group(struct run *run, struct item *items, int count, struct err *err) {
    struct batch group = {.run = run, .items = items, .count = count};
    struct err refused = {0};
    group.planned = session_plan(&run->session, items[0].size, &refused);
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
        if (result->width > 0) journal_line(run, items[i].index, items[i].digests, &lines);
        item_free(&items[i], group.planned->root_count);
    }
    ok = journal_add(run, &lines, err) && ok; /* also when one failed: the others are done */
    text_free(&lines);
    return ok;
}

/* The next images that are not done, at most `most`. */
static int next_items(struct run *run, int *next, int most, struct item *items) {
    int count = 0;
    for (; *next < run->images.count && count < most; (*next)++)
        if (run->results.images[*next].width == 0) items[count++] = (struct item){.index = *next};
    return count;
}

bool run_images(struct run *run, struct err *err) {
    int most = run->session.batch, next = 0, read;
    struct item *items = mem_array((size_t)most, sizeof *items);
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
