/* The pickle machine alone, without a file around it, and the search for tensors in what it read.
 * The input is a pickle, or a .pth (zip) whose pickle is meant. */
#include <string.h>

#include "fuzz/archive.h"
#include "fuzz/fuzz.h"
#include "weights/readers.h"

const char *const fuzz_seeds[] = {"data/hostile/pickle-*.pth", "data/hostile/good*.pth",
                                  "data/checkpoints/[a-z]*[a-z].pth", NULL};

static bool locate(void *context, const struct pickle_storage *storage, uint64_t *offset,
                   const struct zip_entry **entry) {
    FUZZ_CHECK(storage->numel >= 0 && storage->view_offset >= 0 && storage->view_numel >= 0);
    FUZZ_CHECK(storage->view_offset <= storage->numel - storage->view_numel);
    FUZZ_CHECK(storage->key_length > 0 && storage->key_length <= 20);
    *offset = 0;
    *entry = NULL;
    (void)context;
    return true;
}

/* Every element of every tensor lies within its storage (in 128 bits, to be sure). */
static void check_views(const struct load *load, const struct checkpoint *out) {
    for (int i = 0; i < out->tensor_count; i++) {
        const struct tensor *t = &out->tensors[i];
        const struct load_view *view = &load->views[i];
        FUZZ_CHECK(view->region >= 0 && view->region < load->region_count);
        __int128 last = view->offset;
        for (int d = 0; d < t->rank; d++) {
            FUZZ_CHECK(t->dims[d] >= 0 && view->strides[d] >= 0);
            last += (__int128)(t->dims[d] - 1) * view->strides[d];
        }
        FUZZ_CHECK(view->offset >= 0);
        FUZZ_CHECK(t->count == 0 || last < load->regions[view->region].numel);
    }
}

static void run(const uint8_t *bytes, size_t size, enum pickle_ids ids, bool exact) {
    struct err err = {0};
    struct source source = {.fd = -1, .path = "pickle", .size = size, .err = &err};
    struct pickle pickle = {0};
    struct load load = {0};
    struct checkpoint out = {0};
    bool more = false;
    bool ok = pickle_read(&pickle, &source, 0, bytes, size, ids, exact, exact ? NULL : &more);
    FUZZ_CHECK(ok || err.count > 0 || more);
    if (ok && torch_dict_read(&pickle, NULL, locate, NULL, &load, &out)) {
        FUZZ_CHECK(err.count == 0);
        check_views(&load, &out);
    }
    load_free(&load);
    pickle_free(&pickle);
    checkpoint_free(&out);
    err_free(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct archive archive = {0};
    bool zip = size > 4 && memcmp(data, "PK\3\4", 4) == 0 && archive_read(data, size, &archive) &&
               archive_pickle(&archive) >= 0;
    int i = zip ? archive_pickle(&archive) : 0;
    if (zip) size = archive.members[i].size;
    uint8_t *bytes = fuzz_copy(zip ? archive.members[i].data : data, size);
    run(bytes, size, PICKLE_IDS_ZIP, true);
    if (size % 4 == 0) run(bytes, size, PICKLE_IDS_LEGACY, false);
    mem_free(bytes);
    archive_free(&archive);
    return 0;
}

/* A zip file becomes its pickle, changed. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    (void)seed;
    if (size > 4 && memcmp(data, "PK\3\4", 4) == 0) {
        struct archive archive;
        int i = archive_read(data, size, &archive) ? archive_pickle(&archive) : -1;
        if (i >= 0 && archive.members[i].size <= room) {
            size = archive.members[i].size;
            if (size) memcpy(data, archive.members[i].data, size);
        }
        archive_free(&archive);
    }
    return LLVMFuzzerMutate(data, size, room);
}
