#include "cli/run_outputs.h"

#include "base/hash.h"
#include "base/mem.h"

char *output_name(const struct run *run, int image, int output) {
    static const char *const fixed[] = {"inputs", "targets", "sheets"};
    int member = (output - OUTPUT_MEMBERS) / 2;
    bool raw = output >= OUTPUT_MEMBERS && output == output_raw_of(member);
    const char *folder =
        output < OUTPUT_MEMBERS ? fixed[output] : run->results.members[member].folder;
    struct text name = {0};
    text_add(&name, "%s/%s%s", folder, run->results.images[image].stem, raw ? ".npy" : ".png");
    return name.s;
}

bool output_write(const struct run *run, int image, int output, const struct bytes *bytes,
                  struct digest *digest, struct err *err) {
    char *name = output_name(run, image, output), *path = file_join(run->options->out, name);
    bool ok = file_write_unsynced(path, bytes->data, bytes->size, err);
    if (ok) sha256_hex_of(bytes->data, bytes->size, digest->hex);
    mem_free(path);
    mem_free(name);
    return ok;
}
