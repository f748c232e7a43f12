/* The files that a run writes for one image, and their digests. */
#ifndef CLI_RUN_OUTPUTS_H
#define CLI_RUN_OUTPUTS_H

#include "base/file.h"
#include "cli/run_images.h"

/* The places of an image's files: the input as the networks saw it, the target, the sheet, then for
 * every member its output and, with --save-raw, the raw one. */
enum { OUTPUT_INPUT, OUTPUT_TARGET, OUTPUT_SHEET, OUTPUT_MEMBERS };

static inline int output_of(int member) {
    return OUTPUT_MEMBERS + 2 * member;
}

static inline int output_raw_of(int member) {
    return OUTPUT_MEMBERS + 2 * member + 1;
}

static inline int output_count(const struct run *run) {
    return OUTPUT_MEMBERS + 2 * run->results.member_count;
}

struct digest {
    char hex[65]; /* SHA-256; empty: the file was not written */
};

/* "stride2/<name>.png", below OUT; the caller frees it. */
char *output_name(const struct run *run, int image, int output);

/* Writes a file of an image and its digest; it is on the disk after the next file_sync. */
bool output_write(const struct run *run, int image, int output, const struct bytes *bytes,
                  struct digest *digest, struct err *err);

#endif
