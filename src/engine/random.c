/* Random weights.
 *
 * All integers are 64 bits, unsigned, modulo 2^64; >> shifts zeros in.
 *
 *   mix(x):   SplitMix64. x += 0x9e3779b97f4a7c15
 *             x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9
 *             x = (x ^ x >> 27) * 0x94d049bb133111eb
 *             return x ^ x >> 31
 *   fnv(s):   FNV-1a over the bytes of s. h = 0xcbf29ce484222325; for each byte: h ^= byte,
 *             h *= 0x100000001b3
 *   u(seed, name, i) = ((mix((fnv(name) ^ mix(seed)) + i) >> 40) - 2^23) / 2^23
 *
 * `name` is the plain name of the tensor, `i` the index of the value in row-major order. u is an
 * exact multiple of 2^-23 in [-1, 1), uniform, with variance 1/3. The value of a weight follows
 * from u by its role, in double precision in exactly this order, rounded once to float:
 *
 *   convolutions and linear layers   u * sqrt(3 / fan_in)   variance 1 / fan_in
 *   scale of a norm                  1 + 0.1 * u
 *   shift of a norm, bias, mean      0.1 * u
 *   variance                         1 + 0.5 * u
 *   gamma of an attention            0.5 + 0.25 * u
 *   style embedding                  u
 *
 * fan_in is dims[1] * dims[2] * dims[3] for [out, in, kh, kw] and [out, in], and
 * dims[0] * dims[2] * dims[3] for a transposed convolution, [in, out, kh, kw]. */
#include "engine/random.h"

#include <math.h>

#include "base/hash.h"
#include "engine/bind.h"

static uint64_t fnv(const char *name) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char *p = name; *p; p++) h = (h ^ (unsigned char)*p) * 0x100000001b3u;
    return h;
}

static double value(uint64_t key, size_t index) {
    int64_t bits = (int64_t)(hash_mix(key + index) >> 40);
    return (double)(bits - (INT64_C(1) << 23)) * 0x1p-23;
}

static uint64_t key_of(uint64_t seed, const char *name) {
    return fnv(name) ^ hash_mix(seed);
}

float bind_random(uint64_t seed, const char *name, size_t index) {
    return (float)value(key_of(seed, name), index);
}

size_t random_fan_in(const struct slot *slot) {
    int outputs = slot->role == ROLE_CONV_TRANSPOSE ? 1 : 0;
    size_t product = 1;
    for (int i = 0; i < slot->rank; i++)
        if (i != outputs) product *= (size_t)slot->dims[i];
    return product;
}

struct filling {
    uint64_t key;
    double offset, factor;
    float *out;
    size_t count;
};

#define CHUNK ((size_t)1 << 18)

static void fill_chunk(void *context, int index, int worker) {
    (void)worker;
    const struct filling *f = context;
    size_t first = (size_t)index * CHUNK;
    size_t end = f->count - first > CHUNK ? first + CHUNK : f->count;
    for (size_t i = first; i < end; i++)
        f->out[i] = (float)(f->offset + value(f->key, i) * f->factor);
}

void random_fill(const struct slot *slot, uint64_t seed, struct pool *pool, float *out) {
    struct filling f = {
        .key = key_of(seed, slot->name), .factor = 1, .out = out, .count = slot_count(slot)};
    switch (slot->role) {
    case ROLE_CONV:
    case ROLE_CONV_TRANSPOSE:
        f.factor = sqrt(3 / (double)random_fan_in(slot));
        break;
    case ROLE_SCALE:
        f.offset = 1, f.factor = 0.1;
        break;
    case ROLE_BIAS:
    case ROLE_SHIFT:
    case ROLE_MEAN:
        f.factor = 0.1;
        break;
    case ROLE_VARIANCE:
        f.offset = 1, f.factor = 0.5;
        break;
    case ROLE_GATE:
        f.offset = 0.5, f.factor = 0.25;
        break;
    case ROLE_EMBEDDING:
        break;
    }
    pool_run(pool, fill_chunk, &f, (int)((f.count + CHUNK - 1) / CHUNK));
}
