#include "weights/tensor_stats.h"

#include <math.h>

#include "base/hash.h"

struct tensor_stats tensor_stats(const struct tensor *tensor) {
    struct tensor_stats stats = {.min = NAN, .max = NAN, .mean = NAN, .rms = NAN};
    double sum = 0, squares = 0;
    size_t count = 0;
    if (!tensor->data) return stats;
    sha256_hex_of(tensor->data, tensor->count * sizeof *tensor->data, stats.sha256);
    for (size_t i = 0; i < tensor->count; i++) {
        double value = tensor->data[i];
        if (!isfinite(value)) continue;
        if (count == 0 || value < stats.min) stats.min = value;
        if (count == 0 || value > stats.max) stats.max = value;
        sum += value;
        squares += value * value;
        count++;
    }
    stats.nonfinite = tensor->count - count;
    if (count > 0) {
        stats.mean = sum / (double)count;
        stats.rms = sqrt(squares / (double)count);
    }
    return stats;
}
