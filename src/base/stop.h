/* SIGINT and SIGTERM: the work at hand is finished, then the program ends in order. A second
 * one ends it at once. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

void stop_install(void);
/* 0, or the number of the signal that came. */
int stop_requested(void);

#endif
