#include "cli/run_finish.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "image/encode.h"
#include "image/tensor_image.h"
#include "report/npy.h"
#include "report/sheet.h"

static bool write_png(const struct run *run, struct run_item *item, int output,
                      const struct image *image) {
    struct bytes png = {0};
    bool ok = encode_png(image, &png, &item->fatal) &&
              output_write(run, item->index, output, &png, &item->digests[output], &item->fatal);
    bytes_free(&png);
    return ok;
}

static bool write_raw(const struct run *run, struct run_item *item, int output, const float *values,
                      struct shape shape) {
    struct bytes npy = npy_encode(values, shape.c, shape.h, shape.w);
    bool ok = output_write(run, item->index, output, &npy, &item->digests[output], &item->fatal);
    bytes_free(&npy);
    return ok;
}

/* The pixels of an output; padding of the input is cropped off again. */
static struct image output_image(const struct run *run, const struct run_item *item, int member,
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
static void set_reference(struct run *run, struct metrics_context *context, struct run_item *item,
                          const struct image *output) {
    struct result_image *result = &run->results.images[item->index];
    const struct image *target = &item->input.target;
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
static bool finish_member(struct run *run, const struct planned *planned, struct run_item *item,
                          int m, struct metrics_context *metrics, struct image *image) {
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
            item->input.target.pixels, image->pixels, image->width, image->height, image->channels);
    size_t count = (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
    *results_difference(results, item->index, m) = largest_difference(output, first, count);
    return true;
}

static bool write_sheet(struct run *run, struct run_item *item, const struct image *outputs) {
    int members = run->results.member_count;
    struct sheet_variant *variants = mem_array((size_t)members, sizeof *variants);
    for (int m = 0; m < members; m++)
        variants[m] =
            (struct sheet_variant){.name = run->results.members[m].folder, .image = &outputs[m]};
    struct sheet sheet = {.title = run->images.items[item->index].stem,
                          .input = &item->input.image,
                          .target = item->input.target.pixels ? &item->input.target : NULL,
                          .variants = variants,
                          .variant_count = members};
    struct image drawn = sheet_draw(&sheet);
    bool ok = write_png(run, item, OUTPUT_SHEET, &drawn);
    image_free(&drawn);
    mem_free(variants);
    return ok;
}

void run_finish(struct run *run, const struct planned *planned, struct run_item *item, int worker) {
    int members = run->session.member_count;
    struct image *outputs = mem_array((size_t)members, sizeof *outputs);
    item->digests = mem_array((size_t)output_count(run), sizeof *item->digests);
    bool ok =
        write_png(run, item, OUTPUT_INPUT, &item->input.image) &&
        (!item->input.target.pixels || write_png(run, item, OUTPUT_TARGET, &item->input.target));
    for (int m = 0; ok && m < members; m++)
        ok = finish_member(run, planned, item, m, run->metrics[worker], &outputs[m]);
    ok = ok && write_sheet(run, item, outputs);
    if (ok) { /* done: this is what --resume and the writers of reports look at */
        run->results.images[item->index].width = outputs[0].width;
        run->results.images[item->index].height = outputs[0].height;
    }
    for (int m = 0; m < members; m++) image_free(&outputs[m]);
    mem_free(outputs);
}
