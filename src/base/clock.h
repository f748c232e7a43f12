/* Time in seconds: monotonic on the wall, and of the processor in all threads of this process. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
double clock_seconds(void);
double clock_cpu_seconds(void);
#endif
