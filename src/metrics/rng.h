/* Random numbers for resampling: xoshiro256** (Blackman, Vigna 2021), seeded by SplitMix64 (Steele,
 * Lea, Flood 2014) as its authors advise. */
#ifndef METRICS_RNG_H
#define METRICS_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state[4];
};
struct rng rng_seed(uint64_t seed);
uint64_t rng_next(struct rng *rng);
/* Uniform in [0, n), n > 0: the high half of a product, with rejection (Lemire 2019). */
uint64_t rng_below(struct rng *rng, uint64_t n);

#endif
