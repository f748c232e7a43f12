/* Pixels <-> the network's float tensors, with the config's resize. */
#ifndef IMAGE_TENSOR_IMAGE_H
#define IMAGE_TENSOR_IMAGE_H

#include "image/image.h"

/* One half of a side-by-side pair; the width must be even. `name` is for the message. */
enum image_half { IMAGE_WHOLE, IMAGE_LEFT, IMAGE_RIGHT };
bool image_take_half(const struct image *image, const char *name, enum image_half half,
                     struct image *out, struct err *err);

/* The label of "<label>_<anything>" (zi2zi's files); false when the stem has none. */
bool image_label(const char *stem, int *label);

/* Bilinear resampling, align_corners false, no antialiasing (as torch's interpolate), rounded. */
struct image image_resize(const struct image *image, int width, int height);
/* White at bottom and right. */
struct image image_pad(const struct image *image, int width, int height);

/* [channels, height, width] = (pixel / 255 - mean) / std, written to `out`. */
void image_to_tensor(const struct image *image, double mean, double std, float *out);
/* (y * std + mean) * 255, clamped, rounded half up, cropped to width x height from the top left of
 * the tensor [channels, tensor_height, tensor_width]; 1 or 3 channels. */
struct image image_from_tensor(const float *tensor, int channels, int tensor_height,
                               int tensor_width, int width, int height, double mean, double std);

#endif
