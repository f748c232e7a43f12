#include "base/stop.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t received;

/* A second signal, of either kind, ends the process at once. */
static void remember(int number) {
    received = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

void stop_install(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    for (int i = 0; i < 2; i++) { /* who was told to ignore it, as by nohup, goes on to do so */
        int number = i == 0 ? SIGINT : SIGTERM;
        struct sigaction old;
        if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(number, &action, NULL);
    }
}

int stop_requested(void) {
    return received;
}
