#include "report/results.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

static bool is_elsewhere(const char *at, const char *folder) {
    return at && strcmp(folder, "targets") == 0;
}

char *results_link(const struct result_image *image, const char *folder) {
    if (is_elsewhere(image->target_link, folder)) return mem_strdup(image->target_link);
    struct text link = {0};
    text_add(&link, "%s%s/%s.png", image->base, folder, image->stem);
    return link.s;
}

char *results_path(const struct result_image *image, const char *folder) {
    if (is_elsewhere(image->target, folder)) return mem_strdup(image->target);
    struct text name = {0};
    text_add(&name, "%s/%s.png", folder, image->stem);
    char *path = file_join(image->dir, name.s);
    text_free(&name);
    return path;
}

void results_pairs(const struct results *r, struct text *out) {
    text_put(out, "image,variant,seed,output,target\n");
    for (int i = 0; i < r->image_count; i++) {
        const struct result_image *image = &r->images[i];
        char *target = image->has_target ? results_link(image, "targets") : NULL;
        for (int m = 0; m < r->member_count; m++) {
            char *output = results_link(image, r->members[m].folder);
            text_put_csv(out, image->stem);
            text_put(out, ",");
            text_put_csv(out, r->members[m].variant);
            text_add(out, ",%d,", r->members[m].seed);
            text_put_csv(out, output);
            text_put(out, ",");
            if (target) text_put_csv(out, target);
            text_put(out, "\n");
            mem_free(output);
        }
        mem_free(target);
    }
}
