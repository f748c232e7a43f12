/* Vectors of the instruction set that a *_simd.c file is being compiled for: GCC/Clang vector
 * extensions, so one source serves all. `ISA` is the name, ISA_IS_<name> is defined. */
#ifndef KERNELS_SIMD_H
#define KERNELS_SIMD_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

#if defined(ISA_IS_avx512)
#define VL 16
#elif defined(ISA_IS_avx2)
#define VL 8
#else
#define VL 4
#endif

#define PASTE_(a, b)  a##_##b
#define PASTE(a, b)   PASTE_(a, b)
#define FOR_ISA(name) PASTE(name, ISA)

/* Whole unrolling of a loop with a constant count, so that arrays of vectors become registers. */
#ifdef __clang__
#define UNROLL   _Pragma("clang loop unroll(full)")
#define UNROLL_4 _Pragma("clang loop unroll_count(4)")
#else
#define UNROLL   _Pragma("GCC unroll 64")
#define UNROLL_4 _Pragma("GCC unroll 4")
#endif

#define INLINE static inline __attribute__((always_inline, unused))

typedef float vec __attribute__((vector_size(VL * 4)));
typedef int32_t ivec __attribute__((vector_size(VL * 4)));
typedef float loose_vec __attribute__((vector_size(VL * 4), aligned(4), may_alias));

INLINE vec load(const float *p) {
    return *(const loose_vec *)p;
}

INLINE void store(float *p, vec x) {
    *(loose_vec *)p = x;
}

INLINE vec splat(float x) {
#if VL == 16
    return (vec){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
#elif VL == 8
    return (vec){x, x, x, x, x, x, x, x};
#else
    return (vec){x, x, x, x};
#endif
}

/* Lane by lane: where `mask` is all ones `a`, where it is zero `b`. */
INLINE vec choose(ivec mask, vec a, vec b) {
    return (vec)((mask & (ivec)a) | (~mask & (ivec)b));
}

INLINE vec relu(vec x) {
    return (vec)((ivec)x & (x > splat(0)));
}

/* The smooth curves, one function a file so that every caller gets the same bits. */
vec FOR_ISA(curve_vec)(vec x, enum curve curve, float slope);

INLINE vec curve_of(vec x, enum curve curve, float slope) {
    if (curve == CURVE_NONE) return x;
    if (curve == CURVE_RELU) return relu(x);
    if (curve == CURVE_LEAKY) return choose(x > splat(0), x, x * slope);
    return FOR_ISA(curve_vec)(x, curve, slope);
}

#endif
