/* What the processor can do at most, to set measured rates beside. */
#ifndef KERNELS_PEAK_H
#define KERNELS_PEAK_H

#include "base/pool.h"
#include "kernels/isa.h"

/* Floating point operations a second of multiply-adds of `isa` that stay in registers, on all
 * threads of `pool` at once: the best of a few stretches, 20 ms in all. What else runs on the
 * cores lowers it. */
double peak_measure(enum isa isa, struct pool *pool);

#endif
