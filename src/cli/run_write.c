#include "cli/run_write.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/mem.h"
#include "cli/documents.h"
#include "cli/run_same.h"
#include "cli/timed.h"
#include "cli/version.h"
#include "image/encode.h"
#include "report/sheet.h"

/* Everything that the documents at the end are made of. */
struct documents {
    struct run_facts facts;
    char machine[256];
    struct trace trace;
    struct timing timing;
    struct compare compare;
    struct comparison comparison;
};

static bool write_text(const struct run *run, const char *name, struct text *text,
                       struct err *err) {
    char *path = file_join(run->options->out, name);
    bool ok = file_write_unsynced(path, text->s, text->length, err);
    mem_free(path);
    text_free(text);
    return ok;
}

static void find_facts(const struct run *run, struct documents *d) {
    const struct options *options = run->options;
    machine_describe(d->machine, sizeof d->machine);
    d->facts = (struct run_facts){
        .version = STRIDELAB_VERSION,
        .machine = d->machine,
        .isa = isa_name(run->session.isa),
        .decoder = decoder_description(run->decoder),
        .images = options->images,
        .targets = options->targets,
        .command = options->command,
        .pairs = options->pairs == PAIRS_LEFT    ? "left"
                 : options->pairs == PAIRS_RIGHT ? "right"
                                                 : NULL,
        .threads = pool_threads(run->session.pool),
        .batch = run->session.batch,
        .shard = options->shard.index,
        .shards = options->shard.count,
    };
}

/* On the disk before any result: without it, or with half of it, --resume has nothing to go on
 * with. */
static bool write_run(struct run *run, const struct documents *d, struct err *err) {
    struct text text = {0};
    run_json_write(&run->results, &d->facts, &text);
    char *path = file_join(run->options->out, "run.json");
    bool ok = file_write(path, text.s, text.length, err);
    mem_free(path);
    text_free(&text);
    return ok;
}

static bool write_trace(struct run *run, const struct documents *d, struct err *err) {
    struct text json = {0}, md = {0};
    trace_json(&d->trace, &json);
    trace_md(&d->trace, &md);
    bool ok = write_text(run, "trace.json", &json, err);
    return write_text(run, "trace.md", &md, err) && ok;
}

bool run_write_is_same(struct run *run, struct err *err) {
    struct documents d = {0};
    struct text now = {0};
    char *path = file_join(run->options->out, "run.json");
    find_facts(run, &d);
    run_json_write(&run->results, &d.facts, &now);
    bool same = !file_exists(path) || run_same(path, &now, err);
    text_free(&now);
    mem_free(path);
    return same;
}

bool run_write_start(struct run *run, struct extent size, struct err *err) {
    struct documents d = {0};
    find_facts(run, &d);
    trace_build(run->session.variants, run->session.variant_count, size, &d.trace);
    bool ok = write_run(run, &d, err) && write_trace(run, &d, err);
    trace_free(&d.trace);
    return ok;
}

static void find_timing(struct run *run, struct documents *d) {
    struct session *session = &run->session;
    struct timing *timing = &d->timing;
    *timing = timed_start(session, run->planned, &run->timing, &run->arena);
    timing->measured = "together";
    timing->machine = d->machine;
    timing->peak_memory = machine_peak_memory();
    for (int m = 0; m < session->member_count; m++) {
        timing->variants[m] =
            timed_variant(session->members[m].variant, run->planned, m, &run->timing, &run->arena);
        timing->variants[m].name = run->results.members[m].folder;
    }
}

static bool write_timing(struct run *run, const struct documents *d, struct err *err) {
    struct text json = {0}, csv = {0};
    timing_write_json(&d->timing, &json);
    timing_write_csv(&d->timing, &csv);
    bool ok = write_text(run, "timing.json", &json, err);
    return write_text(run, "timing.csv", &csv, err) && ok;
}

static bool write_documents(struct run *run, struct documents *d, struct err *err) {
    if (!documents_compare(&run->results, &run->arena, &d->compare, err) ||
        !compare_analyse(&d->compare, run->session.pool, &d->comparison, err))
        return false;
    struct page page = {.results = &run->results,
                        .facts = &d->facts,
                        .trace = &d->trace,
                        .timing = run->planned ? &d->timing : NULL,
                        .compare = &d->compare,
                        .comparison = &d->comparison};
    return documents_write(run->options->out, &page, err);
}

/* An image as it was written, for the overview; empty when it is too large to decode. False when it
 * cannot be read. */
static bool read_back(struct run *run, const char *folder, int image, struct image *out,
                      struct err *err) {
    struct err refused = {0};
    char *path = results_path(&run->results.images[image], folder);
    bool ok = decoder_read(run->decoder, 0, path, 3, out, &refused) ||
              refused.status != STATUS_IO || err_add(err, STATUS_IO, "%s", refused.text);
    err_free(&refused);
    mem_free(path);
    return ok;
}

enum { OVERVIEW_ROWS = 8 };

static bool write_overview(struct run *run, struct err *err) {
    const struct results *r = &run->results;
    size_t columns = (size_t)r->member_count + 2;
    struct image *images = mem_array(columns * OVERVIEW_ROWS, sizeof *images);
    const struct image **cells = mem_array(columns * OVERVIEW_ROWS, sizeof *cells);
    const char **names = mem_array((size_t)r->member_count, sizeof *names);
    struct sheet_row rows[OVERVIEW_ROWS] = {0};
    int count = 0;
    bool ok = true;
    for (int m = 0; m < r->member_count; m++) names[m] = r->members[m].folder;
    for (int i = 0; ok && i < r->image_count && count < OVERVIEW_ROWS; i++) {
        if (r->images[i].width == 0) continue;
        struct image *row = images + columns * (size_t)count;
        const struct image **outputs = cells + columns * (size_t)count;
        ok = read_back(run, "inputs", i, &row[0], err) &&
             (!r->images[i].has_target || read_back(run, "targets", i, &row[1], err));
        for (int m = 0; ok && m < r->member_count; m++) {
            ok = read_back(run, r->members[m].folder, i, &row[2 + m], err);
            outputs[m] = row[2 + m].pixels ? &row[2 + m] : NULL;
        }
        rows[count++] = (struct sheet_row){.name = r->images[i].stem,
                                           .input = row[0].pixels ? &row[0] : NULL,
                                           .target = row[1].pixels ? &row[1] : NULL,
                                           .outputs = outputs};
    }
    if (ok && count > 0) {
        struct image drawn = sheet_overview(r->config->name, names, r->member_count, rows, count);
        struct bytes png = {0};
        char *path = file_join(run->options->out, "overview.png");
        ok = encode_png(&drawn, &png, err) && file_write_unsynced(path, png.data, png.size, err);
        mem_free(path);
        bytes_free(&png);
        image_free(&drawn);
    }
    for (size_t i = 0; i < columns * OVERVIEW_ROWS; i++) image_free(&images[i]);
    mem_free(images);
    mem_free(cells);
    mem_free(names);
    return ok;
}

static bool has_outputs(const struct results *r) {
    int i = 0;
    while (i < r->image_count && r->images[i].width == 0) i++;
    return i < r->image_count;
}

/* Whether `member` shares the computation of the earlier `first`; of seeds nothing is said. */
static bool is_shared(const struct result_member *member, const struct result_member *first) {
    return member->seed_count == 1 && first->seed_count == 1 && member->runs_as &&
           strcmp(member->runs_as, first->variant) == 0;
}

/* "b, c: at 256x256 the same computation as a, so the same outputs", for each a. */
static void put_shared(const struct results *r, struct extent size, struct text *out) {
    for (int m = 0; m < r->member_count; m++) {
        const char *before = "";
        for (int other = m + 1; other < r->member_count; other++) {
            if (!is_shared(&r->members[other], &r->members[m])) continue;
            text_add(out, "%s%s", before, r->members[other].variant);
            before = ", ";
        }
        if (*before)
            text_add(out, ": at %dx%d the same computation as %s, so the same outputs\n", size.h,
                     size.w, r->members[m].variant);
    }
}

/* The answer and where to look, on standard output. */
static bool print_summary(const struct run *run, const struct documents *d, struct extent size,
                          struct err *err) {
    struct text out = {0};
    if (!run->options->quiet) {
        if (has_outputs(&run->results)) {
            put_shared(&run->results, size, &out);
            compare_summary(&d->compare, &d->comparison, &out);
        }
        text_add(&out, "%s/report.html\n", run->options->out);
    }
    struct text safe = {0};
    if (out.s) text_put_terminal(&safe, out.s);
    bool ok = !safe.s || file_write_stdout(safe.s, safe.length, err);
    text_free(&safe);
    text_free(&out);
    return ok;
}

bool run_write_end(struct run *run, struct extent size, struct err *err) {
    struct documents d = {0};
    find_facts(run, &d);
    trace_build(run->session.variants, run->session.variant_count, size, &d.trace);
    bool ok = true;
    if (run->planned) {
        find_timing(run, &d);
        ok = write_timing(run, &d, err);
    }
    ok = ok && write_documents(run, &d, err) && write_overview(run, err) &&
         print_summary(run, &d, size, err);
    comparison_free(&d.comparison);
    trace_free(&d.trace);
    return ok;
}
