/* The main of a target without libFuzzer: runs it over its seeds, or over the files that are
 * named, and over a few mutations of each; `--seeds` lists the seeds. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "fuzz/fuzz.h"

#define MUTATIONS 8    /* of every file */
#define ROOM      4096 /* bytes of a mutation; larger files are only run as they are */

#pragma weak LLVMFuzzerCustomMutator

static uint64_t state = 20261124;

static uint64_t next(void) {
    return hash_mix(++state);
}

/* Up to three changes: a bit, a byte, a piece moved, a piece twice, a piece less. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room) {
    for (uint64_t changes = 1 + next() % 3; changes > 0; changes--) {
        if (size == 0) data[size++] = 0;
        size_t at = (size_t)next() % size, from = (size_t)next() % size;
        size_t length = (size_t)next() % 12, left = size - (at > from ? at : from);
        if (length > left) length = left;
        switch (next() % 5) {
        case 0:
            data[at] ^= (uint8_t)(1u << next() % 8);
            break;
        case 1:
            data[at] = (uint8_t)next();
            break;
        case 2:
            memmove(data + at, data + from, length);
            break;
        case 3:
            if (size + length > room) break;
            memmove(data + at + length, data + at, size - at);
            size += length;
            break;
        default:
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
        }
    }
    return size;
}

static size_t mutate(uint8_t *data, size_t size) {
    if (LLVMFuzzerCustomMutator) return LLVMFuzzerCustomMutator(data, size, ROOM, (unsigned)next());
    return LLVMFuzzerMutate(data, size, ROOM);
}

/* Runs the target on the file and on mutations of it; how many runs that were. */
static int run(const char *path) {
    struct bytes file;
    struct err err = {0};
    int runs = 1;
    if (!file_read(path, 64u << 20, &file, &err)) {
        printf("%s\n", err.text);
        err_free(&err);
        return 0;
    }
    LLVMFuzzerTestOneInput(file.data, file.size);
    if (file.size <= ROOM) {
        uint8_t *data = mem_alloc(ROOM);
        for (; runs <= MUTATIONS; runs++) {
            if (file.size) memcpy(data, file.data, file.size);
            LLVMFuzzerTestOneInput(data, mutate(data, file.size));
        }
        mem_free(data);
    }
    bytes_free(&file);
    return runs;
}

int main(int argc, char **argv) {
    int passed = 0, failed = 0;
    glob_t found = {0};
    bool list = argc == 2 && strcmp(argv[1], "--seeds") == 0;
    for (int i = 0; fuzz_seeds[i] && (argc == 1 || list); i++) {
        int status = glob(fuzz_seeds[i], i > 0 ? GLOB_APPEND : 0, NULL, &found);
        if (status != 0) printf("%s: no file\n", fuzz_seeds[i]);
        failed += status != 0;
    }
    char **paths = argc > 1 && !list ? argv + 1 : found.gl_pathv;
    size_t count = argc > 1 && !list ? (size_t)argc - 1 : found.gl_pathc;
    for (size_t i = 0; i < count; i++) {
        if (list) {
            printf("%s%s", i ? "," : "", paths[i]);
            continue;
        }
        int runs = run(paths[i]);
        passed += runs;
        failed += runs == 0;
    }
    globfree(&found);
    if (!list) printf("%d passed, %d failed\n", passed, failed);
    return failed ? 1 : 0;
}
