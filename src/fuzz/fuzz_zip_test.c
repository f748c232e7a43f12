/* PyTorch's zip files. Half of the changes are to the bytes as they lie, half to a member within;
 * the checksums are made right again after most. */
#include <string.h>

#include "fuzz/archive.h"
#include "fuzz/fuzz.h"

#define MEMBER_ROOM 65536

const char *const fuzz_seeds[] = {"data/hostile/zip-*.pth", "data/hostile/pickle-*.pth",
                                  "data/hostile/good*.pth", "data/checkpoints/[a-z]*[a-z].pth",
                                  NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_checkpoint(data, size);
    return 0;
}

/* Changes a member, mostly the pickle; 0 when that cannot be. */
static size_t mutate_member(uint8_t *data, size_t size, size_t room, unsigned seed) {
    static uint8_t changed[MEMBER_ROOM];
    struct archive archive;
    size_t result = 0;
    if (archive_read(data, size, &archive) && archive.count > 0) {
        int pickle = archive_pickle(&archive);
        int i = seed % 8 == 0 || pickle < 0 ? (int)(seed / 8 % (unsigned)archive.count) : pickle;
        size_t length = archive.members[i].size;
        if (length) memcpy(changed, archive.members[i].data, length);
        mem_free(archive.members[i].data);
        archive.members[i].size =
            LLVMFuzzerMutate(changed, length, room < MEMBER_ROOM ? room : MEMBER_ROOM);
        archive.members[i].data = fuzz_copy(changed, archive.members[i].size);
        result = archive_write(&archive, data, room);
    }
    archive_free(&archive);
    return result;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size_t result = seed % 2 ? mutate_member(data, size, room, seed / 2) : 0;
    if (result > 0) return result;
    result = LLVMFuzzerMutate(data, size, room);
    if (seed % 16 != 0) archive_repair(data, result);
    return result;
}
