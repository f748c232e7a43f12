#include "metrics/lsd.h"

#include <math.h>

double lsd_compare(const struct spectrum_sums *sums) {
    double sum = 0;
    for (int k = 1; k < sums->rings; k++) {
        double r = sums->ring_r[k] / sums->ring_size[k], t = sums->ring_t[k] / sums->ring_size[k];
        double d = 10 * log10((t + 1e-12) / (r + 1e-12));
        sum += d * d;
    }
    return sqrt(sum / (sums->rings - 1));
}
