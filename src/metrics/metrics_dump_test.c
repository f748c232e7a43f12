/* Without arguments a test of itself. With arguments it prints numbers for
 * scripts/compare_metrics.py to compare, one "name value" a line, for each FILE in turn. A file is
 *   - "pair W H C\n", then W * H * C bytes of reference and as many of test: all metrics and the
 *     profile; or
 *   - "differences N\n", then N doubles of this machine: statistics. */
#include <stdlib.h>

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "metrics/bootstrap.h"
#include "metrics/metrics.h"
#include "metrics/stats.h"
#include "metrics/wilcoxon.h"

static void put(struct text *out, const char *name, double value) {
    text_add(out, "%s %.17g\n", name, value);
}

static void put_point(struct text *out, const char *what, int point, int16_t value) {
    char name[40];
    snprintf(name, sizeof name, "profile_%s_%d", what, point);
    put(out, name, value == PROFILE_NONE ? NAN : value);
}

static void dump_pair(struct metrics_context *context, const uint8_t *reference,
                      const uint8_t *test, int w, int h, int channels, struct text *out) {
    double values[METRIC_COUNT];
    struct profile profile;
    metrics_set_reference(context, reference, w, h, channels);
    metrics_compare_prepared(context, test, values, &profile);
    for (int m = 0; m < METRIC_COUNT; m++) put(out, metric_info((enum metric)m)->name, values[m]);
    for (int j = 0; j < profile.points; j++) {
        put_point(out, "power", j, profile.power[j]);
        put_point(out, "frc", j, profile.frc[j]);
    }
}

static void dump_differences(const double *d, size_t n, struct text *out) {
    struct wilcoxon w = wilcoxon_signed_rank(d, n);
    struct bootstrap_options options = bootstrap_defaults();
    options.resamples = 100000;
    struct interval interval = bootstrap_bca(d, n, &options);
    put(out, "hodges_lehmann", stats_hodges_lehmann(d, n));
    put(out, "w_plus", w.w_plus);
    put(out, "w_minus", w.w_minus);
    put(out, "p", w.p);
    put(out, "exact", w.exact);
    put(out, "p_normal", wilcoxon_normal_p(d, n));
    put(out, "low", interval.low);
    put(out, "high", interval.high);
}

/* False when the file is not one of ours. */
static bool dump_file(struct metrics_context *context, const struct bytes *file, struct text *out) {
    int w, h, channels, length = 0;
    size_t n;
    const char *s = (const char *)file->data;
    if (sscanf(s, "pair %5d %5d %1d%n", &w, &h, &channels, &length) == 3 && length) {
        if (w < 1 || h < 1 || (channels != 1 && channels != 3)) return false;
        size_t size = (size_t)w * (size_t)h * (size_t)channels, start = (size_t)length + 1;
        if (file->size != start + 2 * size) return false;
        dump_pair(context, file->data + start, file->data + start + size, w, h, channels, out);
        return true;
    }
    if (sscanf(s, "differences %9zu%n", &n, &length) == 1 && length) {
        if (n < 1 || file->size != (size_t)length + 1 + n * sizeof(double)) return false;
        double *d = mem_array(n, sizeof *d);
        memcpy(d, file->data + length + 1, n * sizeof *d);
        dump_differences(d, n, out);
        mem_free(d);
        return true;
    }
    return false;
}

static int dump_all(int count, char **paths) {
    struct metrics_context *context = metrics_context_create();
    struct err err = {0};
    struct text out = {0};
    int status = 0;
    for (int i = 0; i < count; i++) {
        struct bytes file = {0};
        if (!file_read(paths[i], 1 << 28, &file, &err) || !dump_file(context, &file, &out)) {
            fprintf(stderr, "%s: %s\n", paths[i], err.text ? err.text : "no pair, no differences");
            status = 1;
        }
        bytes_free(&file);
    }
    if (out.s) fputs(out.s, stdout);
    text_free(&out);
    err_free(&err);
    metrics_context_free(context);
    return status;
}

static void check_dump(void) {
    struct metrics_context *context = metrics_context_create();
    struct text out = {0};
    uint8_t data[64] = "pair 4 5 1\n";
    struct bytes file = {data, 11 + 40};
    CHECK(dump_file(context, &file, &out));
    CHECK(out.s && strncmp(out.s, "l1 0\n", 5) == 0 && strstr(out.s, "\ngradient_ratio nan\n"));
    file.size--;
    CHECK(!dump_file(context, &file, &out));
    text_free(&out);
    double d[3] = {1, -2, 4};
    static const char head[] = "differences 3\n";
    size_t start = sizeof head - 1;
    memset(data, 0, sizeof data);
    memcpy(data, head, start);
    memcpy(data + start, d, sizeof d);
    file.size = start + sizeof d;
    CHECK(dump_file(context, &file, &out));
    CHECK(out.s && strstr(out.s, "w_plus 4\nw_minus 2\np 0.75\n"));
    file.size++;
    CHECK(!dump_file(context, &file, &out));
    data[0] = 'D';
    CHECK(!dump_file(context, &file, &out));
    text_free(&out);
    metrics_context_free(context);
}

int main(int argc, char **argv) {
    if (argc > 1) return dump_all(argc - 1, argv + 1);
    check_dump();
    return check_end();
}
