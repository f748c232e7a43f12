#include "kernels/kernels.h"

#define OF(name) &gemm_kernels_##name, &winograd_kernels_##name, &vector_kernels_##name, peak_##name

static const struct kernels tables[] = {
    {ISA_BASE, OF(base)},
#ifdef __x86_64__
    {ISA_AVX2, OF(avx2)},
    {ISA_AVX512, OF(avx512)},
#endif
};

const struct kernels *kernels_for(enum isa isa) {
    const struct kernels *best = &tables[0];
    for (size_t i = 1; i < sizeof tables / sizeof *tables; i++)
        if (tables[i].isa <= isa) best = &tables[i];
    return best;
}

/* Small reciprocal pairs a, -1/a keep the matrices' entries, and so the rounding errors, small. */
const float winograd_points[WINOGRAD_MAX + 1][WINOGRAD_MAX] = {
    [3] = {0, 1}, [4] = {0, 1, -1}, [5] = {0, -1, 0.5f, 2}, [6] = {0, 1, -1, 0.5f, -2}};
