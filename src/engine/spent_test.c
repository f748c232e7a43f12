/* Large memory, and weights that are packed into what the weights before them lay in. */
#include "engine/large.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"

#define LARGE (PAGES_LARGE / sizeof(float))

static void alloc_is_zero(size_t floats) {
    struct large large = large_alloc(floats);
    size_t wrong = 0;
    CHECK_INT((uintptr_t)large.floats % 64, 0);
    for (size_t i = 0; i < floats; i++) wrong += large.floats[i] != 0;
    CHECK_INT(wrong, 0);
    large_free(&large);
    large_free(&large);
}

/* Whether all of them can be written and read. */
static void use(struct large *large, size_t floats) {
    size_t wrong = 0;
    CHECK_INT((uintptr_t)large->floats % 64, 0);
    for (size_t i = 0; i < floats; i++) large->floats[i] = (float)i;
    for (size_t i = 0; i < floats; i++) wrong += large->floats[i] != (float)i;
    CHECK_INT(wrong, 0);
    large_free(large);
}

static void reuse(void) {
    static const size_t floats[] = {10, LARGE - 1, LARGE, 2 * LARGE + 7, 5 * LARGE, 3 * LARGE};
    size_t size = 8 * PAGES_LARGE;
    char *memory = pages_map(size);
    struct spent spent = {0};
    memset(memory, 1, size);
    spent_add(&spent, pages_within(memory + 1, PAGES_LARGE));
    spent_add(&spent, pages_within(memory + PAGES_LARGE + 1, 3 * PAGES_LARGE));
    spent_add(&spent, (struct pages){0});
    spent_add(&spent, pages_within(memory + 5 * PAGES_LARGE, 2 * PAGES_LARGE + 100));
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        struct large large = large_reuse(floats[i], &spent);
        use(&large, floats[i]);
    }
    CHECK(memory[size - 1] == 1 && memory[0] == 1);
    spent_free(&spent);
    pages_unmap(memory, size);
}

int main(void) {
    alloc_is_zero(0);
    alloc_is_zero(1000);
    alloc_is_zero(LARGE + 3);
    reuse();
    return check_end();
}
