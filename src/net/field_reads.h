/* What one node reads of its inputs along one axis; shared by the two walks of field.h. */
#ifndef NET_FIELD_READS_H
#define NET_FIELD_READS_H

#include "net/field.h"

struct interval {
    double from, to; /* inclusive; empty when from > to */
};

static inline bool interval_is_empty(struct interval at) {
    return at.from > at.to;
}

struct axis { /* of a node: the sizes of input and output, and the convolution's */
    int in, out, kernel, stride, padding;
};
void field_axes(const struct field_map *map, int number, int input, struct axis *y, struct axis *x);

/* The input positions, not clipped to the map, that outputs at.from .. at.to read. For a single
 * output each of them is read; for several there may be some between that are not. */
struct interval field_reads(const struct node *node, struct interval at, struct axis axis);

/* Norms with statistics of the image, and attention. */
bool field_sees_whole_map(enum op op);

#endif
