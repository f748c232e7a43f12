#include "cli/input.h"

#include "base/file.h"
#include "base/mem.h"
#include "image/tensor_image.h"

bool input_check_options(const struct options *options, struct err *err) {
    if (options->pairs != PAIRS_NONE && options->targets)
        err_add(err, STATUS_BAD_INPUT, "--pairs brings the targets: --targets is one too many");
    if (options->label >= 0 && options->label_from_name)
        err_add(err, STATUS_BAD_INPUT, "--label and --label-from-name exclude each other");
    return err->status == STATUS_OK;
}

bool input_common_size(const struct input_reader *reader, const struct folder_item *first,
                       struct extent *size, struct err *err) {
    struct image image = {0};
    *size = reader->variant->size;
    if (size->h > 0) return true;
    if (!decoder_read(reader->decoder, 0, first->path, reader->variant->channels_in, &image, err))
        return false;
    *size = (struct extent){image.height, image.width};
    if (reader->options->pairs != PAIRS_NONE) size->w /= 2;
    image_free(&image);
    return true;
}

static bool has_digest(const char *path, const char *digest, struct err *err) {
    char hex[65];
    if (*digest) return true;
    if (!file_sha256(path, hex, err)) return false;
    return err_add(err, STATUS_IO, "%s: it could not be read at first, but now: run again",
                   SAFE(path));
}

static bool read_image(const struct input_reader *reader, int worker, const char *path,
                       const char *digest, int channels, struct image *out, struct err *err) {
    return (!digest || has_digest(path, digest, err)) &&
           decoder_read(reader->decoder, worker, path, channels, out, err);
}

/* Both halves of one file. */
static bool read_pair(const struct input_reader *reader, int worker, const char *path,
                      const char *digest, struct input *out, struct err *err) {
    bool left = reader->options->pairs == PAIRS_LEFT;
    struct image whole = {0};
    bool ok = read_image(reader, worker, path, digest, 3, &whole, err) &&
              image_take_half(&whole, path, left ? IMAGE_LEFT : IMAGE_RIGHT, &out->image, err) &&
              image_take_half(&whole, path, left ? IMAGE_RIGHT : IMAGE_LEFT, &out->target, err);
    if (ok) image_convert(&out->image, reader->variant->channels_in);
    if (ok) image_convert(&out->target, reader->variant->channels_out);
    image_free(&whole);
    return ok;
}

static bool read_files(const struct input_reader *reader, int worker,
                       const struct folder_item *file, const struct input_digests *digests,
                       struct input *out, struct err *err) {
    const char *digest = digests ? digests->image : NULL;
    if (reader->options->pairs != PAIRS_NONE)
        return read_pair(reader, worker, file->path, digest, out, err);
    if (!read_image(reader, worker, file->path, digest, reader->variant->channels_in, &out->image,
                    err))
        return false;
    const struct folder_item *target = folder_find(reader->targets, file->stem);
    return !target || read_image(reader, worker, target->path, digests ? digests->target : NULL,
                                 reader->variant->channels_out, &out->target, err);
}

static bool read_label(const struct input_reader *reader, const struct folder_item *file,
                       struct input *out, struct err *err) {
    int count = reader->variant->style_count;
    out->label = -1;
    if (!reader->options->label_from_name) return true;
    if (!image_label(file->stem, &out->label))
        return err_add(err, STATUS_BAD_INPUT,
                       "%s: the name has no label: <number>_<anything> is expected",
                       SAFE(file->path));
    if (out->label < count) return true;
    return err_add(err, STATUS_BAD_INPUT,
                   "%s: label %d, but style.count is %d (labels are 0 to %d)", SAFE(file->path),
                   out->label, count, count - 1);
}

/* With what a user of such images probably wants. */
static bool refuse_size(const char *path, struct extent own, struct extent size, struct err *err) {
    bool pair = own.h == size.h && own.w == 2 * size.w;
    return err_add(err, STATUS_BAD_INPUT, "%s: the image is %dx%d, input.size is %dx%d; %s",
                   SAFE(path), own.h, own.w, size.h, size.w,
                   pair ? "a pair? --pairs left or right names the half that is the input"
                        : "--set input.resize=bilinear, pad or native runs it all the same");
}

/* The networks' input size for an image, and the image made to fit it. */
static bool fit(const struct config_variant *variant, const char *path, struct input *input,
                struct err *err) {
    struct extent own = input->own, size = variant->size;
    input->size = variant->resize == RESIZE_NATIVE ? own : size;
    if (own.h == input->size.h && own.w == input->size.w) return true;
    if (variant->resize == RESIZE_ERROR) return refuse_size(path, own, size, err);
    if (variant->resize == RESIZE_PAD && (own.h > size.h || own.w > size.w))
        return err_add(
            err, STATUS_BAD_INPUT,
            "%s: the image is %dx%d, larger than input.size %dx%d, and can only be padded",
            SAFE(path), own.h, own.w, size.h, size.w);
    struct image fitted = variant->resize == RESIZE_PAD
                              ? image_pad(&input->image, size.w, size.h)
                              : image_resize(&input->image, size.w, size.h);
    image_free(&input->image);
    input->image = fitted;
    return true;
}

bool input_read(const struct input_reader *reader, int worker, const struct folder_item *file,
                const struct input_digests *digests, struct input *out, struct err *err) {
    const struct config_variant *variant = reader->variant;
    *out = (struct input){0};
    if (!read_files(reader, worker, file, digests, out, err) || !read_label(reader, file, out, err))
        return false;
    out->own = (struct extent){out->image.height, out->image.width};
    if (!fit(variant, file->path, out, err)) return false;
    size_t area = (size_t)out->size.h * (size_t)out->size.w;
    out->tensor = mem_aligned((size_t)variant->channels_in * area * sizeof(float));
    image_to_tensor(&out->image, variant->mean, variant->std, out->tensor);
    return true;
}

void input_free(struct input *input) {
    image_free(&input->image);
    image_free(&input->target);
    mem_free(input->tensor);
    *input = (struct input){0};
}
