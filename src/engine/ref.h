/* The naive reference of every operation, written from the definitions, in NCHW. It shares nothing
 * with the fast path; `--isa ref` runs it, and everything fast is tested against it. */
#ifndef ENGINE_REF_H
#define ENGINE_REF_H

#include "net/graph.h"

/* Evaluates the nodes that `roots` need on one image [c, h, w] and copies each root's tensor to
 * outputs[i] ([c, h, w] floats). Slots must be bound. Sums are in double. `label` is that of the
 * image, for OP_STYLE nodes with label -1. `tap`, when not NULL, is called after every node with
 * its number and tensor, which it may change (probes). */
void ref_run(const struct graph *graph, const int *roots, int root_count, const float *image,
             int label, float *const *outputs, void (*tap)(void *context, int node, float *tensor),
             void *context);

#endif
