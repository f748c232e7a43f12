/* Exact Euclidean distance transform of binary images (Felzenszwalb, Huttenlocher 2012). */
#ifndef METRICS_EDT_H
#define METRICS_EDT_H

#include "metrics/scratch.h"

/* out[h * w] = the squared distance in pixels from each pixel to the nearest whose mask byte is
 * `site` (0 or 1); infinite everywhere when there is none. */
void edt_squared(struct scratch *work, const unsigned char *mask, int w, int h, unsigned char site,
                 double *out);

#endif
