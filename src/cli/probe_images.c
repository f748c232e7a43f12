/* Which images are probed, and how they are read: as `run` reads them. */
#include "base/mem.h"
#include "cli/probe.h"
#include "image/tensor_image.h"

struct reading {
    struct probe_job *job;
    struct err errs[PROBE_IMAGES]; /* one an image, so that messages keep their order */
};

static bool fit_input(const struct config_variant *variant, struct probe_image *input,
                      const char *path, struct err *err) {
    struct extent own = input->own, size = variant->size;
    input->size = variant->resize == RESIZE_NATIVE ? own : size;
    if (own.h == input->size.h && own.w == input->size.w) return true;
    if (variant->resize == RESIZE_ERROR)
        return err_add(err, STATUS_SOME_FAILED,
                       "%s: the image is %dx%d, input.size is %dx%d, and input.resize is \"error\"",
                       SAFE(path), own.h, own.w, size.h, size.w);
    if (variant->resize == RESIZE_PAD && (own.h > size.h || own.w > size.w))
        return err_add(err, STATUS_SOME_FAILED,
                       "%s: the image is %dx%d, larger than input.size %dx%d, and can only be "
                       "padded",
                       SAFE(path), own.h, own.w, size.h, size.w);
    struct image fitted = variant->resize == RESIZE_PAD
                              ? image_pad(&input->input, size.w, size.h)
                              : image_resize(&input->input, size.w, size.h);
    image_free(&input->input);
    input->input = fitted;
    return true;
}

/* The halves of a pair. */
static bool split(const struct config_variant *variant, enum pairs pairs, const char *path,
                  struct image *whole, struct probe_image *input, struct err *err) {
    enum image_half half = pairs == PAIRS_LEFT ? IMAGE_LEFT : IMAGE_RIGHT;
    enum image_half other = pairs == PAIRS_LEFT ? IMAGE_RIGHT : IMAGE_LEFT;
    bool ok = image_take_half(whole, path, half, &input->input, err) &&
              image_take_half(whole, path, other, &input->target, err);
    if (ok) image_convert(&input->input, variant->channels_in);
    if (ok) image_convert(&input->target, variant->channels_out);
    image_free(whole);
    return ok;
}

static bool read_label(const struct probe_job *job, const struct folder_item *file,
                       struct probe_image *input, struct err *err) {
    int count = job->session.variants[0]->style_count;
    input->label = -1;
    if (!job->options->label_from_name) return true;
    if (!image_label(file->stem, &input->label))
        return err_add(err, STATUS_SOME_FAILED,
                       "%s: the name has no label: <number>_<anything> is expected",
                       SAFE(file->path));
    if (input->label < count) return true;
    return err_add(err, STATUS_SOME_FAILED,
                   "%s: label %d, but style.count is %d (labels are 0 to %d)", SAFE(file->path),
                   input->label, count, count - 1);
}

static bool read_files(struct probe_job *job, const struct folder_item *file, int worker,
                       struct probe_image *input, struct err *err) {
    const struct config_variant *variant = job->session.variants[0];
    enum pairs pairs = job->options->pairs;
    if (pairs != PAIRS_NONE) {
        struct image whole = {0};
        return decoder_read(job->decoder, worker, file->path, 3, &whole, err) &&
               split(variant, pairs, file->path, &whole, input, err);
    }
    if (!decoder_read(job->decoder, worker, file->path, variant->channels_in, &input->input, err))
        return false;
    const struct folder_item *target = folder_find(&job->targets, file->stem);
    return !target || decoder_read(job->decoder, worker, target->path, variant->channels_out,
                                   &input->target, err);
}

static void read_one(void *context, int index, int worker) {
    struct reading *reading = context;
    struct probe_job *job = reading->job;
    struct probe_image *input = &job->inputs[index];
    const struct config_variant *variant = job->session.variants[0];
    const struct folder_item *file = &job->images.items[index];
    struct err *err = &reading->errs[index];
    input->failed = true;
    if (!read_files(job, file, worker, input, err) || !read_label(job, file, input, err)) return;
    input->own = (struct extent){input->input.height, input->input.width};
    if (!fit_input(variant, input, file->path, err)) return;
    size_t area = (size_t)input->size.h * (size_t)input->size.w;
    input->tensor = mem_aligned((size_t)variant->channels_in * area * sizeof(float));
    image_to_tensor(&input->input, variant->mean, variant->std, input->tensor);
    input->failed = false;
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
        read += !job->inputs[i].failed;
        if (job->inputs[i].failed) err_add(err, STATUS_SOME_FAILED, "%s", reading.errs[i].text);
        err_free(&reading.errs[i]);
    }
    return read > 0;
}
