#include "base/pages.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

static bool is_resident(const char *at, size_t page) {
    unsigned char resident = 1;
    return mincore((void *)(uintptr_t)at, page, &resident) == 0 && (resident & 1);
}

/* Whether reading `at` ends a process. */
static bool is_deadly(const char *at) {
    pid_t pid = fork();
    if (pid == 0) {
        (void)*(const volatile char *)at;
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    return status != 0; /* a signal, or what the sanitizers make of it */
}

static void mapped_at_large_pages(void) {
    static const size_t sizes[] = {1, 4096, PAGES_LARGE - 1, PAGES_LARGE, 3 * PAGES_LARGE + 5};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *at = pages_map(sizes[i]);
        CHECK(at && at[0] == 0 && at[sizes[i] - 1] == 0);
        if (sizes[i] >= PAGES_LARGE) CHECK_INT((uintptr_t)at % PAGES_LARGE, 0);
        memset(at, 1, sizes[i]);
        pages_unmap(at, sizes[i]);
    }
    CHECK(pages_map(SIZE_MAX) == NULL && pages_map(SIZE_MAX / 2) == NULL);
    pages_unmap(NULL, 0);
}

static void within_and_dropped(size_t page) {
    char *at = pages_map(4 * page);
    memset(at, 1, 4 * page);
    CHECK_INT(pages_within(at + 1, page).bytes, 0);
    CHECK_INT(pages_within(at + page, page - 1).bytes, 0);
    struct pages middle = pages_within(at + 1, 4 * page - 2);
    CHECK(middle.at == at + page);
    CHECK_INT(middle.bytes, 2 * page);
    pages_drop(middle);
    CHECK(!is_resident(at + page, page) && !is_resident(at + 2 * page, page));
    CHECK(is_deadly(at + page) && !is_deadly(at));
    CHECK(at[page - 1] == 1 && at[3 * page] == 1);
    pages_drop((struct pages){0});
    pages_unmap(at, 4 * page);
}

/* Three large pages and some more, from the middle of a page: two of them can be moved. */
static void moved(size_t page) {
    size_t size = 5 * PAGES_LARGE;
    char *from = pages_map(size), *to = pages_map(2 * PAGES_LARGE);
    for (size_t i = 0; i < size; i += page) from[i] = (char)(i / page % 100 + 1);
    struct pages pages = pages_within(from + page / 2, 4 * PAGES_LARGE);
    char *end = pages.at + pages.bytes;
    CHECK_INT(pages_move(&pages, to, PAGES_LARGE - 1), 0);
    CHECK(pages.bytes && from[page] == 2);
    size_t count = pages_move(&pages, to, 2 * PAGES_LARGE + page);
    if (count) { /* else the system cannot */
        CHECK_INT(count, 2 * PAGES_LARGE);
        int wrong = 0;
        for (size_t i = 0; i < count; i += page)
            wrong += to[i] != (char)((i + PAGES_LARGE) / page % 100 + 1);
        CHECK_INT(wrong, 0);
        CHECK(pages.at == from + 3 * PAGES_LARGE && pages.at + pages.bytes == end);
        CHECK(is_deadly(from + page) && is_deadly(from + 2 * PAGES_LARGE));
        CHECK(!is_deadly(pages.at));
        CHECK_INT(pages_move(&pages, to, 2 * PAGES_LARGE), PAGES_LARGE);
        CHECK(to[0] == (char)(3 * PAGES_LARGE / page % 100 + 1));
    }
    pages_drop(pages);
    pages = pages_within(from + 4 * PAGES_LARGE + page, PAGES_LARGE - page); /* no large one */
    CHECK_INT(pages_move(&pages, to, PAGES_LARGE), 0);
    CHECK(pages.bytes == 0 && is_deadly(from + size - page));
    pages_unmap(from, size);
    pages_unmap(to, 2 * PAGES_LARGE);
}

int main(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    mapped_at_large_pages();
    within_and_dropped(page);
    moved(page);
    return check_end();
}
