/* Sharpness without a reference: descriptive only, since noise raises it as well as detail does. */
#ifndef METRICS_SHARPNESS_H
#define METRICS_SHARPNESS_H

#include "metrics/plane.h"

struct sharpness {
    double varlap;    /* population variance of the 4-neighbour Laplacian, borders reflected without
                         repeating the edge (Pech-Pacheco et al. 2000) */
    double tenengrad; /* mean of gx^2 + gy^2, 3x3 Sobel, the same borders (Krotkov 1987) */
    double gradient;  /* mean squared forward difference in x plus that in y */
};
/* Needs both sides of at least 2. */
struct sharpness sharpness_measure(struct scratch *work, const struct plane *image);

#endif
