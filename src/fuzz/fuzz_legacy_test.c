/* PyTorch's legacy files: no checksum stands in the way. */
#include "fuzz/fuzz.h"

const char *const fuzz_seeds[] = {"data/hostile/legacy-*.pth", "data/checkpoints/*.legacy.pth",
                                  NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_checkpoint(data, size);
    return 0;
}
