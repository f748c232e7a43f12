#include "cli/documents.h"

#include "base/file.h"
#include "cli/contrast.h"

bool documents_compare(const struct results *r, struct arena *arena, struct compare *compare,
                       struct err *err) {
    struct compare_member *members =
        arena_alloc(arena, ((size_t)r->member_count + 1) * sizeof *members);
    const char **images = arena_alloc(arena, ((size_t)r->image_count + 1) * sizeof *images);
    for (int m = 0; m < r->member_count; m++)
        members[m] = (struct compare_member){r->members[m].variant, r->members[m].seed,
                                             r->members[m].origin, r->members[m].folder};
    for (int i = 0; i < r->image_count; i++) images[i] = r->images[i].stem;
    *compare = compare_defaults();
    compare->images = images;
    compare->image_count = r->image_count;
    compare->members = members;
    compare->member_count = r->member_count;
    compare->values = r->metrics;
    compare->targets = r->targets;
    compare->profiles = r->profiles;
    compare->target_profiles = r->target_profiles;
    return contrast_configure(compare, r->config->primary, r->config->reference, r->config->margins,
                              r->config->margin_count, err);
}

static bool write_text(const char *dir, const char *name, struct text *text, struct err *err) {
    char *path = file_join(dir, name);
    bool ok = file_write_unsynced(path, text->s, text->length, err);
    mem_free(path);
    text_free(text);
    return ok;
}

static const char *const names[] = {"metrics.csv", "metrics.json", "pairs.csv", "report.html"};
enum { DOCUMENTS = sizeof names / sizeof *names };

const char *documents_name(int index) {
    return index < DOCUMENTS ? names[index] : NULL;
}

bool documents_write(const char *dir, const struct page *page, struct err *err) {
    struct text texts[DOCUMENTS] = {0};
    compare_csv(page->compare, &texts[0]);
    compare_json(page->compare, page->comparison, &texts[1]);
    results_pairs(page->results, &texts[2]);
    page_write(page, &texts[3]);
    bool ok = true;
    for (int i = 0; i < DOCUMENTS; i++) ok = write_text(dir, names[i], &texts[i], err) && ok;
    return ok;
}
