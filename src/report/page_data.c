#include "report/page_data.h"

#include <math.h>

/* JSON inside a script element: "<" is escaped so that neither "</script>" nor "<!--" can occur. */
static void put_string(struct text *out, const char *s) {
    struct text json = {0};
    text_put_json(&json, s);
    for (const char *c = json.s; *c; c++) {
        if (*c == '<')
            text_put(out, "\\u003c");
        else
            text_write(out, c, 1);
    }
    text_free(&json);
}

static void put_value(struct text *out, double value) {
    if (isfinite(value))
        text_add(out, "%.5g", value);
    else
        text_put(out, "null");
}

static void put_metric(const struct metric_info *info, struct text *out) {
    text_put(out, "{\"name\":");
    put_string(out, info->name);
    text_put(out, ",\"title\":");
    put_string(out, info->title);
    text_put(out, ",\"unit\":");
    put_string(out, info->unit);
    text_add(out, ",\"better\":%d,\"ideal\":%d}", info->better, (int)info->ideal);
}

static void put_values(const struct results *r, const bool *shown, int image, int member,
                       struct text *out) {
    const double *values = results_metrics(r, image, member);
    bool done = r->images[image].width > 0;
    text_put(out, "[");
    for (int k = 0; k < METRIC_COUNT; k++) {
        if (!shown[k]) continue;
        if (k == METRIC_PSNR && values[METRIC_L1] == 0)
            text_put(out, "\"inf\"");
        else
            put_value(out, values[k]);
        text_put(out, ",");
    }
    put_value(out, done ? *results_difference(r, image, member) : NAN);
    text_put(out, "]");
}

void page_data(const struct results *r, const struct compare *compare, struct text *out) {
    static const struct metric_info distance = {
        .name = "difference", .title = "distance from the first variant", .unit = ""};
    bool shown[METRIC_COUNT];
    int count = 0, primary = -1;
    text_put(out, "{\"metrics\":[");
    for (int k = 0; k < METRIC_COUNT; k++) {
        shown[k] = compare_has_metric(compare, (enum metric)k);
        if (!shown[k]) continue;
        put_metric(metric_info((enum metric)k), out);
        text_put(out, ",");
        if (k == (int)compare->primary) primary = count;
        count++;
    }
    put_metric(&distance, out);
    text_add(out, "],\n\"primary\":%d,\"members\":[", primary < 0 ? count : primary);
    for (int m = 0; m < r->member_count; m++) {
        if (m) text_put(out, ",");
        put_string(out, r->members[m].folder);
    }
    text_put(out, "],\n\"images\":[");
    for (int i = 0; i < r->image_count; i++) {
        if (i) text_put(out, ",");
        put_string(out, r->images[i].stem);
    }
    text_put(out, "],\n\"values\":[");
    for (int i = 0; i < r->image_count; i++) {
        text_put(out, i ? ",\n[" : "\n[");
        for (int m = 0; m < r->member_count; m++) {
            if (m) text_put(out, ",");
            put_values(r, shown, i, m, out);
        }
        text_put(out, "]");
    }
    text_put(out, "]}");
}
