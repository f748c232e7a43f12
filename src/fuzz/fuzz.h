/* Targets for fuzzing: each src/fuzz/fuzz_NAME_test.c reads bytes that nobody vouches for, as
 * libFuzzer wants it. `make fuzz` links it with libFuzzer; `make test` links it with replay.c,
 * which runs it over its seeds and over some mutations of them. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Files to start from, as glob patterns; ends with NULL. */
extern const char *const fuzz_seeds[];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Optional in a target: changes `data` in place, up to `room` bytes, and returns the new size.
 * Here the checksums and lengths are made right again that would stop every other change. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
/* The plain mutation, for the above. libFuzzer's own, or replay.c's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

/* Like assert, in every build: what the code promises to whoever calls it. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* The path of a file in memory that holds these bytes until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);
/* The same for source_open and what is above it, without a file. The bytes must stay. */
const char *fuzz_memory(const uint8_t *data, size_t size);
/* A copy of the bytes of exactly that length, on the heap, so that a read beyond them is seen. The
 * caller frees it with mem_free. */
uint8_t *fuzz_copy(const uint8_t *data, size_t size);

/* Opens the bytes as a checkpoint, checks what checkpoint.h promises of it, and closes it. */
void fuzz_checkpoint(const uint8_t *data, size_t size);

#endif
