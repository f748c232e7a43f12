/* What each method makes of each kind of tensor.
 *
 * All methods: a running mean is 0 and a running variance 1 (0 would have no meaning).
 * zero      everything else is 0, the scales of norms too.
 * The others: biases, shifts and gammas of attentions are 0 (x + 0 * attention is x), scales of
 * norms are 1, an embedding is 0; and a convolution or linear layer
 * identity  passes channel i to output i (to the s * s outputs of channel i where a pixel shuffle
 *           follows): one centred 1. With an even kernel the two middle taps of an axis share it
 *           as 1/2 each, and in a transposed convolution, where kernel 4, stride 2, padding 1
 *           makes two of one, they are 1 each: nearest-neighbour upsampling.
 * kaiming   is uniform with variance 2 / fan_in (He et al. 2015), from the hash of random.c. An
 *           embedding is uniform with variance 1.
 * icnr      is kaiming with one kernel for all s * s outputs that a pixel shuffle puts into one
 *           channel (Aitken et al. 2017), and kaiming where no pixel shuffle follows.
 * bilinear  in a transposed convolution passes channel i to output i through the kernel of
 *           bilinear upsampling (Long et al. 2015); elsewhere it is identity. */
#include "engine/initialise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/bind.h"
#include "engine/random.h"

const struct config_init *initialise_find(const struct config_variant *variant, const char *plain) {
    for (int i = 0; i < variant->init_count; i++) {
        const struct config_init *init = &variant->inits[i];
        if (strncmp(plain, init->prefix, strlen(init->prefix)) == 0)
            return init->method == INIT_NONE ? NULL : init;
    }
    return NULL;
}

static void fill(float *out, size_t count, float value) {
    for (size_t i = 0; i < count; i++) out[i] = value;
}

/* Tap k of an axis of size n of the centred identity. */
static double centred(int k, int n, bool transposed) {
    if (n % 2) return k == n / 2 ? 1 : 0;
    return k == n / 2 || k == n / 2 - 1 ? (transposed ? 1 : 0.5) : 0;
}

/* Tap k of an axis of size n of bilinear upsampling by (n + 1) / 2. */
static double tent(int k, int n) {
    int factor = (n + 1) / 2;
    double centre = n % 2 ? factor - 1 : factor - 0.5;
    return 1 - fabs(k - centre) / factor;
}

/* How many outputs in a row belong to one channel after the pixel shuffle that follows. */
static int outputs_per_channel(const struct slot *slot) {
    int outputs = slot->scale * slot->scale;
    return slot->role == ROLE_CONV && slot->scale > 1 && slot->dims[0] % outputs == 0 ? outputs : 1;
}

/* The kernel out[a, b, :, :] for every pair that passes channel i to output i; zeros elsewhere. */
static void pass_channels(const struct slot *slot, bool bilinear, float *out) {
    bool transposed = slot->role == ROLE_CONV_TRANSPOSE;
    int kh = slot->rank > 2 ? slot->dims[2] : 1, kw = slot->rank > 3 ? slot->dims[3] : 1;
    int group = outputs_per_channel(slot);
    for (int a = 0; a < slot->dims[0]; a++) {
        int b = a / group;
        if (b >= slot->dims[1]) continue;
        float *kernel =
            out + ((size_t)a * (size_t)slot->dims[1] + (size_t)b) * (size_t)kh * (size_t)kw;
        for (int y = 0; y < kh; y++)
            for (int x = 0; x < kw; x++)
                kernel[y * kw + x] =
                    (float)(bilinear ? tent(y, kh) * tent(x, kw)
                                     : centred(y, kh, transposed) * centred(x, kw, transposed));
    }
}

static void kaiming(const struct slot *slot, uint64_t seed, int group, float *out) {
    double bound = sqrt(6 / (double)random_fan_in(slot));
    size_t row = slot_count(slot) / (size_t)slot->dims[0];
    for (size_t o = 0; o < (size_t)slot->dims[0]; o++)
        for (size_t i = 0; i < row; i++) {
            size_t index = o / (size_t)group * row + i;
            out[o * row + i] = (float)((double)bind_random(seed, slot->name, index) * bound);
        }
}

static void layer(const struct slot *slot, enum init method, uint64_t seed, float *out) {
    switch (method) {
    case INIT_KAIMING:
        kaiming(slot, seed, 1, out);
        break;
    case INIT_ICNR:
        kaiming(slot, seed, outputs_per_channel(slot), out);
        break;
    case INIT_BILINEAR:
        pass_channels(slot, slot->role == ROLE_CONV_TRANSPOSE, out);
        break;
    default:
        pass_channels(slot, false, out);
    }
}

static void embedding(const struct slot *slot, uint64_t seed, float *out) {
    size_t count = slot_count(slot);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)((double)bind_random(seed, slot->name, i) * sqrt(3.0));
}

void initialise_fill(const struct slot *slot, enum init method, uint64_t seed, float *out) {
    size_t count = slot_count(slot);
    fill(out, count, 0);
    if (slot->role == ROLE_VARIANCE) fill(out, count, 1);
    if (method == INIT_ZERO) return;
    switch (slot->role) {
    case ROLE_SCALE:
        fill(out, count, 1);
        break;
    case ROLE_CONV:
    case ROLE_CONV_TRANSPOSE:
        layer(slot, method, seed, out);
        break;
    case ROLE_EMBEDDING:
        if (method == INIT_KAIMING || method == INIT_ICNR) embedding(slot, seed, out);
        break;
    default:
        break;
    }
}
