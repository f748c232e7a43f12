/* Instruction sets: what the kernels are compiled for, and what this machine can run. */
#ifndef KERNELS_ISA_H
#define KERNELS_ISA_H

enum isa { ISA_REF, ISA_BASE, ISA_AVX2, ISA_AVX512 }; /* each includes those before it */
#define ISA_COUNT 4

const char *isa_name(enum isa isa); /* "ref", "base", "avx2", "avx512" */
/* The best that this processor and operating system support; at least ISA_BASE. */
enum isa isa_detect(void);

#endif
