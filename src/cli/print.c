#include "cli/print.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"

enum status print_result(struct text *text, enum status status, struct err *err) {
    bool ok = text->length == 0 || file_write_stdout(text->s, text->length, err);
    text_free(text);
    return ok ? status : STATUS_IO;
}

int print_columns(void) {
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    int number = columns ? atoi(columns) : 0;
    return number > 0 ? number : 80;
}

bool print_format_allowed(const struct options *options, const char *allowed, struct err *err) {
    static const char *const names[] = {"table", "json", "csv", "md", "svg"};
    const char *name = names[options->format];
    for (const char *at = allowed; (at = strstr(at, name)); at += strlen(name)) {
        char after = at[strlen(name)];
        if ((at == allowed || at[-1] == ' ') && (after == ' ' || after == '\0')) return true;
    }
    return err_add(err, STATUS_BAD_INPUT, "--format: %s has %s, not %s",
                   options_verb_name(options->verb), allowed, name);
}
