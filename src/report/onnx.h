/* A bound variant as an ONNX model (https://onnx.ai, IR version 8, opset 18).
 *
 * Inputs: `image` [N, c, h, w], float32, (pixel / 255 - mean) / std; and `style_label` [N], int64,
 * when the style comes with each image. Output: `output` [N, c, h, w]. N is free. Height and width
 * are those the network was built for, or free where one model serves other sizes as well. A graph
 * is canonical for its size (a fit that did not act is not in it, one that did resizes to a stated
 * size), so in general the model of one size is not the variant at another. */
#ifndef REPORT_ONNX_H
#define REPORT_ONNX_H

#include "base/err.h"
#include "base/text.h"
#include "net/net.h"

struct onnx {
    const struct graph *graph; /* its slots are bound */
    const struct net *net;     /* ok */
    double mean, std;
    const char *version; /* of the program */
    bool any_size;       /* height and width are free: onnx_same says that they can be */
};

/* Whether `a` and `b`, one variant at two sizes with the same binding, are one model but for the
 * shapes of its values. At a size of neither that model computes the variant too, or a join in it
 * fails, where a fit acts that acted at neither. */
bool onnx_same(const struct onnx *a, const struct onnx *b);

/* Writes the model's bytes, the same ones for the same network, into `out`, which is empty.
 * STATUS_LIMIT when it would be 2 GiB or more, which protocol buffers cannot hold. */
bool onnx_write(const struct onnx *onnx, struct text *out, struct err *err);

#endif
