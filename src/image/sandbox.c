#include "image/sandbox.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "image/png_walk.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define BUDGET_MOST  ((size_t)1024 * 1024 * 1024)
#define BUDGET_LEAST ((size_t)64 * 1024 * 1024)
#define KEPT_PAGES   ((size_t)32 * 1024 * 1024) /* more than that goes back to the system */
#define TIMEOUT_MS   10000
#define CPU_SECONDS  3600 /* a child that hangs after its parent was killed ends at last */
#define CHILD_SOCKET 0
#define HELLO        (-1)

struct request {
    int round;
    bool deep;
    size_t size, budget;
};

struct answer {
    int round; /* HELLO once the child is confined */
    bool decoded;
    struct stb_pixels pixels;
};

/* ---- the child: async-signal-safe calls only, and none but read, write and exit once confined */

static _Noreturn void child_end(int status) {
    for (;;) syscall(SYS_exit, status); /* _exit would call exit_group, which strict mode forbids */
}

static void close_all_but_socket(void) {
    if (syscall(SYS_close_range, CHILD_SOCKET + 1u, ~0u, 0u) == 0) return;
    struct rlimit limit;
    int most = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur
                                                                               : 65536;
    for (int fd = CHILD_SOCKET + 1; fd < most; fd++) close(fd);
}

/* The keyboard's signals go to all processes in the foreground: the parent decides what they mean,
 * its handlers must not run here, and a crash must be a crash. */
static void reset_signals(void) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) signal(fatal[i], SIG_DFL);
}

static bool confine(int socket) {
    reset_signals();
    if (dup2(socket, CHILD_SOCKET) != CHILD_SOCKET) return false;
    close_all_but_socket();
    struct rlimit none = {0, 0}, cpu = {CPU_SECONDS, CPU_SECONDS};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &cpu);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) == 0;
}

static _Noreturn void child_run(int socket, uint8_t *memory) {
    if (!confine(socket)) _exit(1);
    struct answer answer = {.round = HELLO};
    for (;;) {
        if (write(CHILD_SOCKET, &answer, sizeof answer) != sizeof answer) child_end(1);
        struct request request;
        if (read(CHILD_SOCKET, &request, sizeof request) != sizeof request) child_end(0);
        answer = (struct answer){.round = request.round};
        answer.decoded = stb_decode(memory, request.size, request.deep, memory + SANDBOX_FILE_MAX,
                                    request.budget, &answer.pixels);
    }
}

/* ---- the parent */

static void child_kill(struct sandbox *s) {
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR) continue;
        close(s->socket);
    }
    s->pid = 0;
    s->socket = -1;
}

/* Waits for one whole answer until the time is up. */
static enum sandbox_result receive(struct sandbox *s, struct answer *answer) {
    double end = clock_seconds() + s->timeout_ms / 1000.0;
    for (;;) {
        double left = end - clock_seconds();
        struct pollfd wait = {.fd = s->socket, .events = POLLIN};
        int ready = poll(&wait, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return SANDBOX_SLOW;
        if (ready < 0) return SANDBOX_DIED;
        ssize_t got = recv(s->socket, answer, sizeof *answer, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        return got == (ssize_t)sizeof *answer ? SANDBOX_DECODED : SANDBOX_DIED;
    }
}

static bool child_start(struct sandbox *s) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
    pid_t pid = fork();
    if (pid == 0) child_run(pair[1], s->memory);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return false;
    }
    s->pid = pid;
    s->socket = pair[0];
    struct answer hello;
    if (receive(s, &hello) == SANDBOX_DECODED && hello.round == HELLO) return true;
    child_kill(s);
    return false;
}

/* As much address space as there is to be had (a limit on it may be set): 1 GiB down to 64 MiB. */
static bool map_memory(struct sandbox *s) {
    for (size_t budget = BUDGET_MOST; budget >= BUDGET_LEAST; budget /= 2) {
        void *memory = mmap(NULL, SANDBOX_FILE_MAX + budget, PROT_READ | PROT_WRITE,
                            /* cppcheck-suppress invalidFunctionArg ; memory without a file */
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) continue;
        s->memory = memory;
        s->budget_max = budget;
        return true;
    }
    return false;
}

bool sandbox_start(struct sandbox *s) {
    *s = (struct sandbox){.socket = -1, .timeout_ms = TIMEOUT_MS};
    if (SANITIZED) return false;
    if (map_memory(s) && child_start(s)) return true;
    sandbox_stop(s);
    return false;
}

void sandbox_stop(struct sandbox *s) {
    child_kill(s);
    if (s->memory) munmap(s->memory, SANDBOX_FILE_MAX + s->budget_max);
    s->memory = NULL;
    s->budget_max = 0;
}

/* Nothing that the child says is believed. */
static bool is_plausible(const struct stb_pixels *p, bool deep, size_t budget) {
    if (p->width < 1 || p->width > IMAGE_SIDE_MAX || p->height < 1 || p->height > IMAGE_SIDE_MAX)
        return false;
    if (p->channels < 1 || p->channels > 4 || p->offset % 16 != 0) return false;
    size_t bytes = (size_t)p->width * (size_t)p->height * (size_t)p->channels * (deep ? 2 : 1);
    return p->offset <= budget && bytes <= budget - p->offset;
}

static void give_pages_back(struct sandbox *s, size_t size) {
    if (size > KEPT_PAGES) madvise(s->memory, SANDBOX_FILE_MAX, MADV_REMOVE);
}

static enum sandbox_result exchange(struct sandbox *s, const struct request *request,
                                    struct answer *answer) {
    ssize_t sent = send(s->socket, request, sizeof *request, MSG_NOSIGNAL);
    if (sent != (ssize_t)sizeof *request) return SANDBOX_DIED;
    enum sandbox_result result = receive(s, answer);
    if (result != SANDBOX_DECODED) return result;
    if (answer->round != request->round) return SANDBOX_DIED;
    if (!answer->decoded) return SANDBOX_REFUSED;
    return is_plausible(&answer->pixels, request->deep, request->budget) ? SANDBOX_DECODED
                                                                         : SANDBOX_DIED;
}

enum sandbox_result sandbox_decode(struct sandbox *s, const uint8_t *file, size_t size, bool deep,
                                   size_t budget, const uint8_t **samples, struct stb_pixels *out) {
    *samples = NULL;
    if (s->pid <= 0 && !child_start(s)) return SANDBOX_ABSENT;
    uint8_t *work = s->memory + SANDBOX_FILE_MAX;
    madvise(work + KEPT_PAGES, s->budget_max - KEPT_PAGES, MADV_REMOVE);
    memcpy(s->memory, file, size);
    s->round = (s->round + 1) & 0xFFFFFF;
    struct request request = {.round = s->round, .deep = deep, .size = size, .budget = budget};
    struct answer answer = {0};
    enum sandbox_result result = exchange(s, &request, &answer);
    give_pages_back(s, size);
    *out = answer.pixels;
    out->reason[sizeof out->reason - 1] = '\0';
    if (result == SANDBOX_DECODED) {
        *samples = work + out->offset;
    } else {
        child_kill(s);
    }
    return result;
}
