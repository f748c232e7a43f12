/* Safetensors files. The first eight bytes are the length of the header: mostly made right again,
 * as any insertion would be refused for that alone. */
#include <stdbool.h>

#include "fuzz/fuzz.h"

const char *const fuzz_seeds[] = {"data/hostile/safe-*.safetensors",
                                  "data/checkpoints/*.safetensors", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_checkpoint(data, size);
    return 0;
}

/* Where the object that starts at `at` ends, strings taken into account; `size` if nowhere. */
static size_t object_end(const uint8_t *data, size_t at, size_t size) {
    int depth = 0;
    for (bool quoted = false; at < size; at++) {
        if (data[at] == '\\' && quoted) {
            at++;
        } else if (data[at] == '"') {
            quoted = !quoted;
        } else if (!quoted) {
            depth += (data[at] == '{') - (data[at] == '}');
            if (depth == 0) return at + 1;
        }
    }
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, room);
    if (seed % 8 == 0 || size < 9 || data[8] != '{') return size;
    uint64_t length = object_end(data, 8, size) - 8;
    for (int i = 0; i < 8; i++) data[i] = (uint8_t)(length >> 8 * i);
    return size;
}
