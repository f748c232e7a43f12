#include "metrics/rng.h"

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

struct rng rng_seed(uint64_t seed) {
    struct rng rng;
    for (int i = 0; i < 4; i++) rng.state[i] = splitmix(&seed);
    return rng;
}
