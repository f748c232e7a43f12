#include "cli/run_out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/run_journal.h"
#include "report/run_read.h"

#define RUN_NAME "run.json"
static const char *const documents[] = {"trace.json", "trace.md",     "timing.json",
                                        "timing.csv", "metrics.json", "metrics.csv",
                                        "pairs.csv",  "report.html",  "overview.png"};
static const char *const own_folders[] = {"inputs", "targets", "sheets"};
enum {
    DOCUMENTS = sizeof documents / sizeof *documents,
    OWN_FOLDERS = sizeof own_folders / sizeof *own_folders
};

static bool check_name(const char *name, const char *taken, struct err *err) {
    if (strcmp(name, taken) != 0) return true;
    return err_add(err, STATUS_BAD_INPUT,
                   "the variant's name %s is that of a result of `run`: choose another", taken);
}

bool run_out_check_names(const struct session *session, struct err *err) {
    for (int v = 0; v < session->variant_count; v++) {
        const char *name = session->variants[v]->name;
        for (int i = 0; i < DOCUMENTS; i++) check_name(name, documents[i], err);
        for (int i = 0; i < OWN_FOLDERS; i++) check_name(name, own_folders[i], err);
        check_name(name, RUN_NAME, err);
        check_name(name, JOURNAL_NAME, err);
    }
    return err->status == STATUS_OK;
}

static bool is_same_dir(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* Results in the folder of the images would overwrite them. */
static bool is_source(const char *folder, const char *source) {
    if (!source) return false;
    char *dir = file_is_dir(source) ? mem_strdup(source) : file_dir(source);
    bool same = is_same_dir(folder, dir);
    mem_free(dir);
    return same;
}

static bool is_input_folder(const struct run *run, const char *name) {
    char *path = file_join(run->options->out, name);
    bool is = is_source(path, run->options->images) || is_source(path, run->options->targets);
    mem_free(path);
    return is;
}

static bool check_folder(const struct run *run, const char *name, struct err *err) {
    if (!is_input_folder(run, name)) return true;
    return err_add(err, STATUS_BAD_INPUT,
                   "%s/%s holds the images to read, and results would be written there: choose "
                   "another --out",
                   SAFE(run->options->out), SAFE(name));
}

static bool check_folders(const struct run *run, struct err *err) {
    for (int i = 0; i < OWN_FOLDERS; i++) check_folder(run, own_folders[i], err);
    for (int m = 0; m < run->results.member_count; m++)
        check_folder(run, run->results.members[m].folder, err);
    return err->status == STATUS_OK;
}

/* Nothing in it but a journal without a line. */
static bool find_empty(const char *out, bool *empty, struct err *err) {
    DIR *dir;
    do dir = opendir(out);
    while (!dir && errno == EINTR);
    if (!dir) return err_add_errno(err, "open", out);
    const struct dirent *entry;
    for (*empty = true; *empty && (errno = 0, entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        struct stat info = {.st_size = 1};
        bool is_journal = strcmp(entry->d_name, JOURNAL_NAME) == 0;
        if (is_journal && fstatat(dirfd(dir), JOURNAL_NAME, &info, AT_SYMLINK_NOFOLLOW) != 0) break;
        *empty = info.st_size == 0;
    }
    bool ok = !*empty || errno == 0 || err_add_errno(err, "read", out);
    closedir(dir);
    return ok;
}

static bool has(const char *out, const char *name) {
    char *path = file_join(out, name);
    bool exists = file_exists(path);
    mem_free(path);
    return exists;
}

/* What OUT holds is what the options say. */
static bool check_content(const struct options *options, struct err *err) {
    const char *out = options->out;
    bool empty = false;
    if (options->force) return true;
    if (!find_empty(out, &empty, err)) return false;
    if (empty) return true;
    if (!options->resume)
        return err_add(err, STATUS_BAD_INPUT,
                       "%s is not empty: --resume goes on with it, --force overwrites", SAFE(out));
    if (has(out, RUN_NAME)) return true;
    return err_add(err, STATUS_BAD_INPUT, "%s holds files but no " RUN_NAME ": nothing to resume",
                   SAFE(out));
}

bool run_out_take(struct run *run, struct err *err) {
    const struct options *options = run->options;
    if (!file_make_dirs(options->out, err) || !check_folders(run, err)) return false;
    /* A folder without a journal is looked at before anything is made in it. */
    if (!has(options->out, JOURNAL_NAME) && !check_content(options, err)) return false;
    if (!journal_open(run, err)) return false;
    file_remove_stale(options->out);
    return check_content(options, err);
}

static void remove_file(const struct run *run, const char *folder, const char *name,
                        const char *ending) {
    struct text path = {0};
    text_add(&path, "%s/%s/%s%s", run->options->out, folder, name, ending);
    unlink(path.s); /* whatever is left is overwritten or stays beside the new results */
    text_free(&path);
}

static void remove_if_empty(const struct run *run, const char *folder) {
    char *path = file_join(run->options->out, folder);
    file_remove_stale(path);
    rmdir(path);
    mem_free(path);
}

static void clear_folder(const struct run *run, const struct run_record *old, const char *folder) {
    if (folder[0] == '.' || is_input_folder(run, folder)) return;
    for (int i = 0; i < old->image_count; i++) {
        remove_file(run, folder, old->images[i].stem, ".png");
        remove_file(run, folder, old->images[i].stem, ".npy");
    }
    remove_if_empty(run, folder);
}

bool run_out_clear(struct run *run, struct err *err) {
    struct run_record old;
    struct err ignored = {0};
    if (run_read(run->options->out, &old, &ignored)) {
        for (int i = 0; i < OWN_FOLDERS; i++) clear_folder(run, &old, own_folders[i]);
        for (int m = 0; m < old.member_count; m++) clear_folder(run, &old, old.members[m].folder);
        for (int m = 0; m < old.member_count; m++)
            remove_if_empty(run, old.members[m].variant); /* of its seeds */
        for (int i = 0; i < DOCUMENTS; i++) remove_file(run, ".", documents[i], "");
    }
    run_record_free(&old);
    err_free(&ignored);
    return journal_clear(run, err) && file_sync(run->options->out, err);
}

static bool make_folder(const struct run *run, const char *name, struct err *err) {
    char *path = file_join(run->options->out, name);
    bool ok = file_make_dirs(path, err);
    file_remove_stale(path);
    mem_free(path);
    return ok;
}

bool run_out_make_folders(const struct run *run, struct err *err) {
    bool ok = make_folder(run, "inputs", err) && make_folder(run, "sheets", err) &&
              (!run->results.has_targets || make_folder(run, "targets", err));
    for (int m = 0; ok && m < run->results.member_count; m++)
        ok = make_folder(run, run->results.members[m].folder, err);
    return ok;
}
