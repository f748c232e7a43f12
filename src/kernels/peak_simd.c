/* Multiply-adds that stay in registers: what the units can do at most. */
#include "kernels/simd.h"

/* Two units of four to five cycles each have ten under way; without a fused instruction a product
 * and a sum of three to four cycles each have twelve. With both factors that fits 16 registers. */
#define CHAINS 12

/* x = x a + b ends at b / (1 - a), here 1: neither over- nor underflow slows it down. The compiler
 * must not know a and b, and must believe that the result is used. */
double FOR_ISA(peak)(long rounds) {
    volatile float factor = 0.75f, summand = 0.25f, used;
    vec a = splat(factor), b = splat(summand), chain[CHAINS], sum = splat(0);
    UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = splat((float)i);
    for (long round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < CHAINS; i++) chain[i] = chain[i] * a + b;
    }
    UNROLL for (int i = 0; i < CHAINS; i++) sum += chain[i];
    used = sum[0];
    (void)used;
    return 2.0 * CHAINS * VL * (double)rounds;
}
