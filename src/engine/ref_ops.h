/* The operations of the reference, one function a node. In all of them tensors are [c, h, w] floats
 * without gaps, `in[i]` is the tensor of the node's input i and `shape[i]` its shape, `w[i]` the
 * node's weight i or NULL, and `out` has the shape node->out. Sums are in double. */
#ifndef ENGINE_REF_OPS_H
#define ENGINE_REF_OPS_H

#include "net/graph.h"

struct ref_args {
    const struct node *node;
    const float *in[NODE_INPUTS];
    struct shape shape[NODE_INPUTS];
    const float *w[NODE_WEIGHTS];
    float *out;
};

void ref_conv(const struct ref_args *a);
void ref_conv_transpose(const struct ref_args *a);
void ref_pixel_shuffle(const struct ref_args *a);

void ref_resize(const struct ref_args *a);
void ref_window(const struct ref_args *a);

void ref_batch_norm(const struct ref_args *a);
void ref_norm(const struct ref_args *a);
void ref_channel_norm(const struct ref_args *a);

void ref_attention(const struct ref_args *a);
void ref_linear_attention(const struct ref_args *a);

void ref_act(const struct ref_args *a);

#endif
