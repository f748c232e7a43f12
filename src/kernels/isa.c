#include "kernels/isa.h"

#include <stdbool.h>
#include <stdint.h>

const char *isa_name(enum isa isa) {
    static const char *const names[ISA_COUNT] = {"ref", "base", "avx2", "avx512"};
    return names[isa];
}

#ifdef __x86_64__
#include <cpuid.h>

/* The register files that the operating system saves (XCR0): a processor that has AVX-512 under a
 * system that does not save its registers must not use it. */
static uint64_t saved_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

enum isa isa_detect(void) {
    unsigned a, b, c, d;
    const unsigned osxsave = 1u << 27, fma = 1u << 12;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave) || !(c & fma)) return ISA_BASE;
    const uint64_t avx_state = 0x6, avx512_state = 0xe6;
    uint64_t saved = saved_state();
    if ((saved & avx_state) != avx_state) return ISA_BASE;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return ISA_BASE;
    const unsigned avx2 = 1u << 5;
    if (!(b & avx2)) return ISA_BASE;
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    bool avx512 = (b & f) && (b & dq) && (b & bw) && (b & vl);
    return avx512 && (saved & avx512_state) == avx512_state ? ISA_AVX512 : ISA_AVX2;
}
#else
enum isa isa_detect(void) {
    return ISA_BASE;
}
#endif
