/* What machine this is, for documents that hold times. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stddef.h>

/* "<processor>, <n> cores, <m> GiB, <system>" into `out`. */
void machine_describe(char *out, size_t size);
/* Cores that this process may use, at least 1. */
int machine_cores(void);
/* Bytes of memory that can be had now without swapping, also by the limits of control groups
 * (version 2); 0 when that is not known. */
size_t machine_available_memory(void);
/* The largest resident size of this process so far, in bytes. */
size_t machine_peak_memory(void);
/* How often the system took a core from a thread of this process that still had work. */
long machine_preemptions(void);
/* The load average of the last minute: threads that ran or wanted to; -1 when it is not known. */
double machine_load(void);

#endif
