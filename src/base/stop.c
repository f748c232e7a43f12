#include "base/stop.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t received;

static void remember(int number) {
    received = number;
}

void stop_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART | SA_RESETHAND; /* a second one ends the process at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int stop_requested(void) {
    return received;
}
