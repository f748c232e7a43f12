/* A process that does nothing but decode images, under strict seccomp: it can read and write its
 * one socket, and end. It shares a mapping with its parent: the file goes in, samples come out.
 *
 * It lives long (a fork for each image would cost some milliseconds) and is replaced after every
 * image that it refused, died of, or was too slow for. Replacing forks a process that may have
 * threads by then; that is sound because the child, between fork and its end, makes only
 * async-signal-safe calls and takes no lock and no heap memory. (A zygote process that forks on
 * request would need descriptors passed to it, and gives no more.)
 *
 * What stays possible: a file that takes over the child without ending it can falsify the pixels
 * that this child gives later. It can reach nothing else. */
#ifndef IMAGE_SANDBOX_H
#define IMAGE_SANDBOX_H

#include <sys/types.h>

#include "image/stb_decode.h"

#define SANDBOX_FILE_MAX ((size_t)64 * 1024 * 1024)

struct sandbox {
    pid_t pid;         /* 0: none runs at the moment */
    int socket;        /* to the child */
    int timeout_ms;    /* wall time that one image may take */
    uint8_t *memory;   /* the shared mapping: the file, then the decoder's memory */
    size_t budget_max; /* the decoder's part of it; pages are taken as they are touched */
    int round;         /* numbers the requests, so that no late answer is taken for another's */
};

enum sandbox_result {
    SANDBOX_DECODED,
    SANDBOX_REFUSED, /* `out->reason` says why */
    SANDBOX_DIED,    /* the child crashed, or answered nonsense */
    SANDBOX_SLOW,    /* over the time limit */
    SANDBOX_ABSENT   /* no child could be started */
};

/* False where there is no strict seccomp, in builds with a sanitizer (which needs system calls), or
 * when memory or processes run out; `sandbox` is empty then. */
bool sandbox_start(struct sandbox *sandbox);
void sandbox_stop(struct sandbox *sandbox); /* idempotent */

/* Decodes `size` (at most SANDBOX_FILE_MAX) bytes of `file`; samples of 16 bits when `deep`, within
 * `budget` bytes (at most budget_max). When it is decoded, `*samples` stays valid until the next
 * call, and width x height x channels samples of it are inside the mapping; their number is
 * checked, their values are whatever the child wrote. One thread at a time. */
enum sandbox_result sandbox_decode(struct sandbox *sandbox, const uint8_t *file, size_t size,
                                   bool deep, size_t budget, const uint8_t **samples,
                                   struct stb_pixels *out);

#endif
