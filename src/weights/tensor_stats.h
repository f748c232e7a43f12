/* Numbers about one tensor's values, for people who look into a checkpoint. */
#ifndef WEIGHTS_TENSOR_STATS_H
#define WEIGHTS_TENSOR_STATS_H

#include "weights/checkpoint.h"

struct tensor_stats {
    double min, max, mean, rms; /* of the finite values; NaN when there are none */
    size_t nonfinite;
    char sha256[65]; /* of the values as little-endian float32, in order */
};

/* A tensor without data (integers) gives NaN and an empty digest. Sums are in double, in order. */
struct tensor_stats tensor_stats(const struct tensor *tensor);

#endif
