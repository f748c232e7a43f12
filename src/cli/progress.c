#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct progress progress_start(const struct options *options, int total, const char *unit) {
    const char *ci = getenv("CI"), *terminal = getenv("TERM");
    bool shown = isatty(STDERR_FILENO) && !options->no_progress && !options->quiet &&
                 !(ci && *ci) && !(terminal && strcmp(terminal, "dumb") == 0);
    return (struct progress){
        .shown = shown, .unit = unit, .total = total, .start = clock_seconds()};
}

static void draw(const struct progress *progress, double elapsed) {
    enum { WIDTH = 24 };
    int filled = progress->total ? WIDTH * progress->done / progress->total : WIDTH;
    char bar[WIDTH + 1];
    memset(bar, '#', (size_t)filled);
    memset(bar + filled, '.', (size_t)(WIDTH - filled));
    bar[WIDTH] = '\0';
    double rate = elapsed > 0 ? progress->done / elapsed : 0;
    double left = rate > 0 ? (progress->total - progress->done) / rate : 0;
    fprintf(stderr, "\r[%s] %d/%d  %.1f %s/s  %d:%02d left ", bar, progress->done, progress->total,
            rate, progress->unit, (int)left / 60, (int)left % 60);
    fflush(stderr);
}

void progress_add(struct progress *progress, int more) {
    progress->done += more;
    if (!progress->shown) return;
    double now = clock_seconds();
    if (now - progress->drawn < 0.1 && progress->done < progress->total) return;
    progress->drawn = now;
    draw(progress, now - progress->start);
}

void progress_end(struct progress *progress) {
    if (progress->shown) fprintf(stderr, "\r%70s\r", "");
    progress->shown = false;
}
