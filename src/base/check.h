/* The test harness: a test program is a main of CHECKs that ends with `return check_end();`. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_passed, check_failed;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (condition) {                                                                           \
            check_passed++;                                                                        \
        } else {                                                                                   \
            check_failed++;                                                                        \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                         \
        }                                                                                          \
    } while (0)

/* What the rest of the program cannot do without: ends it when it does not hold. */
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            check_failed++;                                                                        \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                         \
            exit(check_end());                                                                     \
        }                                                                                          \
        check_passed++;                                                                            \
    } while (0)

#define CHECK_STR(got, want)                                                                       \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (got_ && strcmp(got_, want_) == 0) {                                                    \
            check_passed++;                                                                        \
        } else {                                                                                   \
            check_failed++;                                                                        \
            printf("%s:%d: %s\n   got: %s\n  want: %s\n", __FILE__, __LINE__, #got,                \
                   got_ ? got_ : "(null)", want_);                                                 \
        }                                                                                          \
    } while (0)

#define CHECK_INT(got, want)                                                                       \
    do {                                                                                           \
        long long got_ = (long long)(got), want_ = (long long)(want);                              \
        if (got_ == want_) {                                                                       \
            check_passed++;                                                                        \
        } else {                                                                                   \
            check_failed++;                                                                        \
            printf("%s:%d: %s: got %lld, want %lld\n", __FILE__, __LINE__, #got, got_, want_);     \
        }                                                                                          \
    } while (0)

#define CHECK_NEAR(got, want, tolerance)                                                           \
    do {                                                                                           \
        double got_ = (got), want_ = (want);                                                       \
        if (fabs(got_ - want_) <= (tolerance)) {                                                   \
            check_passed++;                                                                        \
        } else {                                                                                   \
            check_failed++;                                                                        \
            printf("%s:%d: %s: got %.17g, want %.17g, off by %.3g\n", __FILE__, __LINE__, #got,    \
                   got_, want_, fabs(got_ - want_));                                               \
        }                                                                                          \
    } while (0)

/* Bit for bit: NaNs of the same bits are the same, zeros of either sign are not. */
static inline bool check_same_bits(const void *a, const void *b, size_t size) {
    return memcmp(a, b, size) == 0;
}

/* Prints "<passed> passed, <failed> failed" and returns the exit status of the program. */
static inline int check_end(void) {
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed ? 1 : 0;
}

#endif
