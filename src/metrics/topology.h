/* Topology of binary images: what is connected, what is enclosed, and the skeleton. Masks have w *
 * h bytes, 1 for ink. */
#ifndef METRICS_TOPOLOGY_H
#define METRICS_TOPOLOGY_H

#include "metrics/scratch.h"

/* 8-connected pieces of ink. */
int topology_components(struct scratch *work, const unsigned char *mask, int w, int h);
/* 4-connected pieces of background that do not reach the outside of the image. */
int topology_holes(struct scratch *work, const unsigned char *mask, int w, int h);

/* Thins the ink to its skeleton in place (Zhang, Suen 1984); outside the image is background. */
void topology_thin(struct scratch *work, unsigned char *mask, int w, int h);

#endif
